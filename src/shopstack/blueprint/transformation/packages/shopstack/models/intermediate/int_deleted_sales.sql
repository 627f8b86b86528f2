-- What orders that were deleted at Shopify would have added to each metric: the same arithmetic as of all others.
{{ config(materialized='view') }}

with sales as (

    select * from {{ ref('stg_deleted_order_sales') }}
    where not is_test

),

shops as (

    select * from {{ ref('stg_shops') }}

),

measured as (

    select
        *,
        {{ money(sale_net('total_amount', 'tax_amount')) }} as net_amount,
        {{ money(sale_gross('total_amount', 'tax_amount', 'discount_amount')) }} as gross_amount
    from sales

),

classified as (

    select
        *,
        {{ is_in_scope('line_type') }} as is_in_scope,
        {{ sales_class('line_type', 'action_type', 'gross_amount', 'discount_amount') }} as sales_class
    from measured

),

added as (

    select
        shop,
        sale_id,
        happened_at,
        {{ sale_measures() }}
    from classified

),

final as (

    select
        added.shop,
        added.sale_id,

        {% for metric in sales_metrics() -%}
        added.{{ metric }},
        {% endfor %}

        {{ shop_date('added.happened_at', 'shops.timezone') }} as sale_date
    from added
    left join shops on added.shop = shops.shop

)

select * from final
