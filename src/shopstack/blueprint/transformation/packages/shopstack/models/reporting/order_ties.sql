{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with orders as (

    select * from {{ ref('fct_orders') }}
    where {{ touched }}

),

ledger as (

    select
        order_key,
        {{ money("sum(case when reason = 'ORDER' then total_amount else 0 end)") }} as ledger_original,
        {{ money('sum(total_amount)') }} as ledger_current,
        {{ money("sum(case when line_type = 'ADJUSTMENT' then total_amount else 0 end)") }}
            as named_adjustments
    from {{ ref('fct_sales') }}
    where {{ touched }}
    group by order_key

),

payments as (

    select * from {{ ref('int_order_payments') }}
    where {{ touched }}

),

compared as (

    select
        orders.order_key,
        orders.shop,
        orders.order_name,
        orders.order_date,
        orders.currency_code,
        orders.original_total,
        coalesce(ledger.ledger_original, 0) as ledger_original,
        orders.current_total,
        coalesce(ledger.ledger_current, 0) as ledger_current,
        coalesce(ledger.named_adjustments, 0) as named_adjustments,
        orders.net_payment,
        coalesce(payments.ledger_payment, 0) as ledger_payment,
        orders.load_id
    from orders
    left join ledger on orders.order_key = ledger.order_key
    left join payments on orders.order_key = payments.order_key

),

measured as (

    select
        *,
        {{ money('ledger_original - coalesce(original_total, 0)') }} as original_difference,
        -- Shopify's current total may leave refund adjustments out: then they are the whole difference.
        case
            when ledger_current - named_adjustments = coalesce(current_total, 0) then {{ money(0) }}
            else {{ money('ledger_current - coalesce(current_total, 0)') }}
        end as current_difference,
        {{ money('coalesce(ledger_payment - net_payment, 0)') }} as payment_difference
    from compared

),

final as (

    select
        order_key,
        shop,
        order_name,

        currency_code,
        original_difference = 0 and current_difference = 0 and payment_difference = 0 as ties,
        substring(
            case when original_difference <> 0 then ', original total' else '' end
            || case when current_difference <> 0 then ', current total' else '' end
            || case when payment_difference <> 0 then ', net payment' else '' end,
            3
        ) as what,

        original_total,
        ledger_original,
        current_total,
        ledger_current,
        net_payment,
        ledger_payment,
        named_adjustments,
        original_difference,
        current_difference,
        payment_difference,
        case
            when original_difference <> 0 then original_difference
            when current_difference <> 0 then current_difference
            else payment_difference
        end as difference,

        order_date,
        load_id
    from measured

)

select * from final
