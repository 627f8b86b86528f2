{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with refunds as (

    select * from {{ ref('stg_order_refunds') }}
    where {{ touched }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where {{ touched }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

-- Each part is summed to one row a refund before it is joined: lines and adjustments never multiply each other.
refund_lines as (

    select
        refund_key,
        count(*) as lines,
        {{ whole('sum(quantity)') }} as units,
        {{ whole('sum(case when is_restocked then quantity else 0 end)') }} as restocked_units,
        {{ money('sum(subtotal)') }} as subtotal,
        {{ money('sum(coalesce(tax_amount, 0))') }} as tax_amount
    from {{ ref('stg_order_refund_lines') }}
    where {{ touched }}
    group by refund_key

),

refund_shipping as (

    select
        refund_key,
        {{ money('sum(subtotal)') }} as subtotal,
        {{ money('sum(coalesce(tax_amount, 0))') }} as tax_amount
    from {{ ref('stg_order_refund_shipping') }}
    where {{ touched }}
    group by refund_key

),

adjustments as (

    select
        refund_key,
        {{ money('sum(amount)') }} as amount,
        {{ money('sum(coalesce(tax_amount, 0))') }} as tax_amount
    from {{ ref('stg_order_adjustments') }}
    where {{ touched }}
    group by refund_key

),

sales as (

    select
        shop,
        refund_id,
        {{ money('sum(net_sales)') }} as net_sales,
        {{ money('sum(taxes)') }} as taxes,
        {{ money('sum(total_sales)') }} as total_sales
    from {{ ref('fct_sales') }}
    where refund_id is not null and {{ touched }}
    group by shop, refund_id

),

final as (

    select
        refunds.refund_key,
        refunds.shop,
        refunds.refund_id,
        refunds.order_key,
        orders.customer_key,
        orders.location_key,

        orders.currency_code,
        orders.presentment_currency_code,

        coalesce(refund_lines.lines, 0) as lines,
        coalesce(refund_lines.units, 0) as units,
        coalesce(refund_lines.restocked_units, 0) as restocked_units,
        coalesce(refund_lines.subtotal, 0) as lines_subtotal,
        coalesce(refund_lines.tax_amount, 0) as lines_tax,
        coalesce(refund_shipping.subtotal, 0) as shipping_subtotal,
        coalesce(refund_shipping.tax_amount, 0) as shipping_tax,
        coalesce(adjustments.amount, 0) as adjustment,
        coalesce(adjustments.tax_amount, 0) as adjustment_tax,
        refunds.total_refunded,
        refunds.total_refunded_presentment,
        sales.net_sales,
        sales.taxes,
        sales.total_sales,

        refunds.processed_at,
        {{ shop_date('refunds.processed_at', 'shops.timezone') }} as refund_date,
        orders.order_date,
        orders.load_id
    from refunds
    inner join orders on refunds.order_key = orders.order_key
    left join shops on refunds.shop = shops.shop
    left join refund_lines on refunds.refund_key = refund_lines.refund_key
    left join refund_shipping on refunds.refund_key = refund_shipping.refund_key
    left join adjustments on refunds.refund_key = adjustments.refund_key
    left join sales on refunds.shop = sales.shop and refunds.refund_id = sales.refund_id

)

select * from final
