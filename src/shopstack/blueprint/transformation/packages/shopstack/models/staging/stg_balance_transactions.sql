with source as (

    select * from {{ source('shopify', 'balance_transactions') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as balance_transaction_key,
        _shop as shop,
        id as balance_transaction_id,
        {{ shop_key('order_id') }} as order_key,
        {{ shop_key('payout_id') }} as payout_key,

        type,
        currency_code,
        source_type,
        source_id,
        source_order_transaction_id,
        payout_status,
        adjustment_reason,
        coalesce(test, false) as is_test,

        amount,
        fee,
        net,

        processed_at
    from source

)

select * from renamed
