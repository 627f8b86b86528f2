with payouts as (

    select * from {{ ref('stg_payouts') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

final as (

    select
        payouts.payout_key,
        payouts.shop,
        payouts.payout_id,

        payouts.status,
        payouts.transaction_type,
        payouts.currency_code,
        payouts.trace_id,
        coalesce(payouts.currency_code = shops.currency_code, false) as is_shop_currency,
        coalesce(payouts.status in ('FAILED', 'CANCELED'), false) as has_failed,

        -- A withdrawal takes from the bank. Whether Shopify writes it with a minus is not documented.
        {{ money("case when payouts.transaction_type = 'WITHDRAWAL' then -abs(payouts.net) else payouts.net end") }}
            as net,
        payouts.charges_gross,
        payouts.refunds_gross,
        payouts.adjustments_gross,
        payouts.reserved_funds_gross,
        {{ money(
            'coalesce(payouts.charges_fee, 0) + coalesce(payouts.refunds_fee, 0)'
            ~ ' + coalesce(payouts.adjustments_fee, 0) + coalesce(payouts.reserved_funds_fee, 0)'
        ) }} as fees,

        payouts.issued_at,
        {{ shop_date('payouts.issued_at', 'shops.timezone') }} as payout_date
    from payouts
    left join shops on payouts.shop = shops.shop

)

select * from final
