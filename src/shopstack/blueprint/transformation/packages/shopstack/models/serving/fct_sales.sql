{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with sales as (

    select * from {{ ref('int_sales') }}
    where {{ touched }}

),

agreements as (

    select * from {{ ref('stg_order_agreements') }}
    where {{ touched }}

),

orders as (

    select * from {{ ref('stg_orders') }}
    where {{ touched }}

),

lines as (

    select * from {{ ref('stg_order_lines') }}
    where {{ touched }}

),

addresses as (

    select * from {{ ref('int_order_addresses') }}
    where {{ touched }}

),

shops as (

    select * from {{ ref('stg_shops') }}

),

-- Only left joins: a sale is never lost because something about it is unknown.
final as (

    select
        sales.sale_key,
        sales.shop,
        sales.sale_id,
        sales.order_key,
        sales.order_id,
        sales.agreement_id,
        agreements.refund_id,
        sales.line_key,
        sales.shipping_line_key,
        case
            when lines.product_key is not null then lines.product_key
            when sales.sales_class in ('gross', 'discount', 'reversal') then sales.shop || '|none'
            when sales.sales_class = 'adjustment' then sales.shop || '|adjustment'
        end as product_key,
        lines.variant_key,
        orders.customer_key,
        coalesce(addresses.location_key, 'unknown') as location_key,
        {{ channel_key('sales.shop', 'orders.source_name') }} as channel_key,

        agreements.reason,
        sales.action_type,
        sales.line_type,
        sales.sales_class,
        sales.is_reversal,
        sales.is_in_scope,
        coalesce(orders.currency_code, shops.currency_code) as currency_code,
        orders.presentment_currency_code,

        sales.quantity,
        sales.units,
        {% for metric in sales_metrics() -%}
        sales.{{ metric }},
        {% endfor -%}
        case
            when agreements.reason = 'ORDER' then {{ money('sales.gross_sales + sales.discounts') }} else 0
        end as placed_sales,
        sales.total_amount,
        sales.tax_amount,
        sales.discount_amount,
        sales.total_amount_presentment,
        sales.tax_amount_presentment,
        sales.discount_amount_presentment,

        agreements.happened_at,
        {{ shop_date('agreements.happened_at', 'shops.timezone') }} as sale_date,
        orders.order_date,
        sales.loaded_at,
        {{ greatest_of('sales.load_id', 'shops.frame_load_id') }} as load_id
    from sales
    left join agreements on sales.agreement_key = agreements.agreement_key
    left join orders on sales.order_key = orders.order_key
    left join lines on sales.line_key = lines.line_key
    left join addresses on sales.order_key = addresses.order_key
    left join shops on sales.shop = shops.shop
    where not coalesce(orders.is_test, false)

)

select * from final
