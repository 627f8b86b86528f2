with source as (

    select * from {{ source('shopify', 'order_transactions') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as transaction_key,
        _shop as shop,
        id as transaction_id,
        {{ shop_key('_root_id') }} as order_key,
        parent_transaction_id,

        kind,
        status,
        gateway,
        coalesce(test, false) as is_test,

        amount,
        amount_presentment,

        created_at,
        processed_at,

        _load_id as load_id
    from source

)

select * from renamed
