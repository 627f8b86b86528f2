{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with transactions as (

    select * from {{ ref('stg_order_transactions') }}
    where not is_test and {{ touched }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where {{ touched }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

-- Fees of one payment are added where they are of one currency; money of different currencies is never added.
fees as (

    select
        transaction_key,
        case when min(currency_code) = max(currency_code) then min(currency_code) end as fee_currency_code,
        case when min(currency_code) = max(currency_code) then {{ money('sum(amount)') }} end as fee,
        case when min(currency_code) = max(currency_code) then {{ money('sum(tax_amount)') }} end as fee_tax,
        count(*) as fees
    from {{ ref('stg_order_transaction_fees') }}
    where {{ touched }}
    group by transaction_key

),

final as (

    select
        transactions.transaction_key,
        transactions.shop,
        transactions.transaction_id,
        transactions.order_key,
        {{ shop_key('transactions.parent_transaction_id', 'transactions.shop') }} as parent_transaction_key,
        orders.customer_key,

        transactions.kind,
        transactions.status,
        transactions.gateway,
        coalesce(transactions.status = 'SUCCESS', false) as is_settled,
        orders.currency_code,
        orders.presentment_currency_code,
        fees.fee_currency_code,

        transactions.amount,
        transactions.amount_presentment,
        {{ money(settled_amount('transactions.kind', 'transactions.status', 'transactions.amount')) }}
            as settled_amount,
        coalesce(fees.fees, 0) as fees,
        fees.fee,
        fees.fee_tax,

        coalesce(transactions.processed_at, transactions.created_at) as processed_at,
        {{ shop_date('coalesce(transactions.processed_at, transactions.created_at)', 'shops.timezone') }}
            as transaction_date,
        orders.order_date,
        orders.load_id
    from transactions
    inner join orders on transactions.order_key = orders.order_key
    left join shops on transactions.shop = shops.shop
    left join fees on transactions.transaction_key = fees.transaction_key

)

select * from final
