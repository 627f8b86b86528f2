{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with lines as (

    select * from {{ ref('stg_order_lines') }}
    where {{ touched }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where {{ touched }}

),

-- Everything that joins a line has one row a line: several sales, taxes or discounts of a line never multiply it.
sales as (

    select
        line_key,
        {{ money('sum(gross_sales)') }} as gross_sales,
        {{ money('sum(discounts)') }} as discounts,
        {{ money('sum(sales_reversals)') }} as sales_reversals,
        {{ money('sum(net_sales)') }} as net_sales,
        {{ money('sum(taxes)') }} as taxes,
        {{ money('sum(total_sales)') }} as total_sales,
        {{ whole('sum(units)') }} as units
    from {{ ref('fct_sales') }}
    where line_key is not null and {{ touched }}
    group by line_key

),

line_discounts as (

    select
        line_key,
        {{ money('sum(allocated_amount)') }} as allocated_discount
    from {{ ref('stg_order_line_discounts') }}
    where {{ touched }}
    group by line_key

),

final as (

    select
        lines.line_key,
        lines.shop,
        lines.line_item_id,
        lines.order_key,
        coalesce(lines.product_key, lines.shop || '|none') as product_key,
        lines.variant_key,
        orders.customer_key,
        orders.location_key,

        lines.title,
        lines.variant_title,
        lines.sku,
        lines.vendor,
        coalesce(lines.is_gift_card, false) as is_gift_card,
        orders.currency_code,

        lines.quantity,
        lines.current_quantity,
        lines.original_unit_price,
        lines.original_total,
        lines.discounted_total,
        coalesce(line_discounts.allocated_discount, 0) as allocated_discount,
        coalesce(sales.gross_sales, 0) as gross_sales,
        coalesce(sales.discounts, 0) as discounts,
        coalesce(sales.sales_reversals, 0) as sales_reversals,
        coalesce(sales.net_sales, 0) as net_sales,
        coalesce(sales.taxes, 0) as taxes,
        coalesce(sales.total_sales, 0) as total_sales,
        coalesce(sales.units, 0) as units,

        orders.placed_at,
        orders.order_date,
        orders.load_id
    from lines
    inner join orders on lines.order_key = orders.order_key
    left join sales on lines.line_key = sales.line_key
    left join line_discounts on lines.line_key = line_discounts.line_key

)

select * from final
