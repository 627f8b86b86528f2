with source as (

    select * from {{ source('shopify', 'order_transaction_fees') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as transaction_fee_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as transaction_key,

        type as fee_type,
        rate_name,
        currency_code,

        amount,
        tax_amount,
        flat_fee,
        {{ share('rate') }} as rate,

        _load_id as load_id
    from source

)

select * from renamed
