with source as (

    select * from {{ source('shopify', 'payouts') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as payout_key,
        _shop as shop,
        id as payout_id,

        status,
        transaction_type,
        currency_code,
        trace_id,

        net,
        charges_gross,
        charges_fee,
        refunds_gross,
        refunds_fee,
        adjustments_gross,
        adjustments_fee,
        reserved_funds_gross,
        reserved_funds_fee,

        issued_at
    from source

)

select * from renamed
