with source as (

    select * from {{ source('shopify', 'tender_transactions') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as tender_transaction_key,
        _shop as shop,
        id as tender_transaction_id,
        {{ shop_key('order_id') }} as order_key,

        currency_code,
        payment_method,
        remote_reference,
        coalesce(test, false) as is_test,
        card_company,
        card_number,

        amount,

        processed_at
    from source

)

select * from renamed
