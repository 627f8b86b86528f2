-- The way of money through the Shopify Payments account, in shop currency: from the payments that orders tell of to
-- what was paid out. Each step is a sum of rows; what no row explains is `unexplained`.
{{ config(materialized='view') }}

with accounts as (

    {{ accounts() }}

),

payments as (

    select
        transactions.shop,
        transactions.transaction_key,
        transactions.settled_amount,
        transactions.processed_at,
        {{ month_of('transactions.transaction_date') }} as month_start
    from {{ ref('fct_transactions') }} as transactions
    inner join accounts on transactions.shop = accounts.shop and accounts.is_read
    where transactions.gateway = 'shopify_payments' and transactions.settled_amount <> 0

),

payouts as (

    select
        payouts.payout_key,
        payouts.shop,
        payouts.net,
        payouts.has_failed,
        {{ month_of('payouts.payout_date') }} as month_start
    from {{ ref('fct_payouts') }} as payouts
    inner join accounts on payouts.shop = accounts.shop and accounts.is_read
    where payouts.is_shop_currency

),

movements as (

    select
        movements.shop,
        movements.transaction_key,
        movements.is_shop_currency,
        movements.is_of_an_order,
        movements.amount,
        movements.fee,
        movements.net,
        movements.payout_key,
        {{ month_of('movements.transaction_date') }} as month_start
    from {{ ref('fct_balance_transactions') }} as movements
    inner join accounts on movements.shop = accounts.shop and accounts.is_read
    where not movements.is_payout

),

-- Sums of a payment's movements and of a payout's, so that several of them never multiply it.
booked as (

    select
        transaction_key,
        sum(case when is_shop_currency then amount end) as amount
    from movements
    where transaction_key is not null
    group by transaction_key

),

compared as (

    select
        payments.shop,
        payments.month_start,
        payments.settled_amount,
        booked.transaction_key is not null as is_booked,
        booked.amount as booked_amount,
        payments.processed_at >= accounts.movements_up_to as is_too_new
    from payments
    left join booked on payments.transaction_key = booked.transaction_key
    left join accounts on payments.shop = accounts.shop

),

in_payouts as (

    select
        payout_key,
        sum(net) as net
    from movements
    where is_shop_currency and payout_key is not null
    group by payout_key

),

moved as (

    select
        movements.shop,
        movements.month_start,
        movements.is_of_an_order,
        movements.amount,
        movements.fee,
        movements.net,
        movements.transaction_key is not null as is_of_a_payment,
        payments.month_start as payment_month,
        payouts.month_start as payout_month
    from movements
    left join payments on movements.transaction_key = payments.transaction_key
    left join payouts on movements.payout_key = payouts.payout_key
    where movements.is_shop_currency

),

steps as (

    -- Payments and what the balance has of them.
    select
        shop,
        month_start,
        case
            when is_booked and booked_amount is null then 'settled_in_another_currency'
            when booked_amount is null and is_too_new then 'in_balance_in_another_month'
            else 'unexplained'
        end as step,
        coalesce(booked_amount, 0) - settled_amount as amount
    from compared
    where booked_amount is null or booked_amount <> settled_amount
    union all
    select
        shop,
        payment_month as month_start,
        'in_balance_in_another_month' as step,
        -amount as amount
    from moved
    where payment_month <> month_start
    union all
    select
        shop,
        month_start,
        'in_balance_in_another_month' as step,
        amount
    from moved
    where payment_month <> month_start
    union all
    -- Movements that belong to no payment by Shopify Payments that can be seen.
    select
        shop,
        month_start,
        case
            when is_of_a_payment then 'other_gateways'
            when is_of_an_order then 'invisible_orders'
            else 'other_movements'
        end as step,
        amount
    from moved
    where payment_month is null
    union all
    select
        shop,
        month_start,
        'fees' as step,
        -fee as amount
    from moved
    union all
    select
        shop,
        month_start,
        'unexplained' as step,
        net - (amount - fee) as amount
    from moved
    where net <> amount - fee
    union all
    -- Movements and their payouts.
    select
        shop,
        month_start,
        'not_paid_out_yet' as step,
        -net as amount
    from moved
    where payout_month is null or payout_month <> month_start
    union all
    select
        shop,
        payout_month as month_start,
        'paid_out_for_earlier' as step,
        net as amount
    from moved
    where payout_month <> month_start
    union all
    select
        payouts.shop,
        payouts.month_start,
        'unexplained' as step,
        payouts.net - coalesce(in_payouts.net, 0) as amount
    from payouts
    left join in_payouts on payouts.payout_key = in_payouts.payout_key
    where payouts.net <> coalesce(in_payouts.net, 0)
    union all
    select
        shop,
        month_start,
        'failed_payouts' as step,
        -net as amount
    from payouts
    where has_failed
    union all
    select
        shop,
        month_start,
        'paid_out' as step,
        net as amount
    from payouts
    where not has_failed

),

final as (

    select
        shop,
        month_start,

        step,

        {{ money('sum(amount)') }} as amount
    from steps
    group by shop, month_start, step

)

select * from final
