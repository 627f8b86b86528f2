with movements as (

    select * from {{ ref('stg_balance_transactions') }}
    where not is_test

),

payouts as (

    select * from {{ ref('fct_payouts') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

payments as (

    select * from {{ ref('fct_transactions') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

-- Only left joins: a payout that is not read yet, or an order that was deleted, takes no money away.
final as (

    select
        movements.balance_transaction_key,
        movements.shop,
        movements.balance_transaction_id,
        payouts.payout_key,
        orders.order_key,
        payments.transaction_key,

        movements.type,
        movements.source_type,
        movements.adjustment_reason,
        movements.payout_status,
        movements.currency_code,
        coalesce(movements.currency_code = shops.currency_code, false) as is_shop_currency,
        movements.type = 'TRANSFER' as is_payout,
        coalesce(movements.order_key, movements.source_order_transaction_id) is not null as is_of_an_order,

        movements.amount,
        movements.fee,
        movements.net,

        movements.processed_at,
        {{ shop_date('movements.processed_at', 'shops.timezone') }} as transaction_date,
        payouts.payout_date
    from movements
    left join payouts on movements.payout_key = payouts.payout_key
    left join orders on movements.order_key = orders.order_key
    left join payments
        on movements.shop || '|' || movements.source_order_transaction_id = payments.transaction_key
    left join shops on movements.shop = shops.shop

)

select * from final
