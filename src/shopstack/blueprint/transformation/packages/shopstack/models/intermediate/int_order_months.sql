-- What of an order was still to be paid when a month began and when it ended: what its ledger says is owed, less what
-- was paid. Less than nothing is what the shop still has to give back.
{{ config(materialized='view') }}

with movements as (

    select
        shop,
        order_key,
        {{ month_of('sale_date') }} as month_start,
        total_amount as owed,
        0 as paid
    from {{ ref('fct_sales') }}
    union all
    select
        shop,
        order_key,
        {{ month_of('transaction_date') }} as month_start,
        0 as owed,
        settled_amount as paid
    from {{ ref('fct_transactions') }}
    where settled_amount <> 0

),

months as (

    select
        shop,
        order_key,
        month_start,
        {{ money('sum(owed)') }} as owed,
        {{ money('sum(paid)') }} as paid
    from movements
    group by shop, order_key, month_start

),

-- Where Shopify's own totals of the order say that something else is still to be paid, nothing explains the difference.
untied as (

    select
        order_key,
        current_difference - payment_difference as difference
    from {{ ref('order_ties') }}
    where not ties

),

running as (

    select
        *,
        sum(owed - paid) over (
            partition by order_key order by month_start rows between unbounded preceding and current row
        ) as balance,
        lead(month_start) over (partition by order_key order by month_start) is null as is_last
    from months

),

measured as (

    select
        running.shop,
        running.order_key,
        running.month_start,
        running.owed,
        running.paid,
        running.balance - (running.owed - running.paid) as open_before,
        running.balance - case when running.is_last then coalesce(untied.difference, 0) else 0 end as open_after,
        case when running.is_last then -coalesce(untied.difference, 0) else 0 end as unexplained
    from running
    left join untied on running.order_key = untied.order_key

),

-- Of what was open before, the part that still is.
carried as (

    select
        *,
        case
            when open_before > 0 then {{ least_of('open_before', greatest_of('open_after', 0)) }}
            else {{ greatest_of('open_before', least_of('open_after', 0)) }}
        end as still_open
    from measured

),

final as (

    select
        shop,
        order_key,
        month_start,

        owed,
        paid,
        {{ money('still_open - open_after') }} as not_yet_paid,
        {{ money('open_before - still_open') }} as paid_for_earlier,
        {{ money('unexplained') }} as unexplained
    from carried

)

select * from final
