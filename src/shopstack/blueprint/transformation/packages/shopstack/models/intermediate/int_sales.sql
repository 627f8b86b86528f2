-- The arithmetic of the ledger: each sale, as it was loaded, gets one class and every metric that is made of it.
{{ config(materialized='view') }}
{% set columns = [
    'sale_key', 'shop', 'sale_id', 'order_key', 'order_id', 'agreement_key', 'agreement_id', 'line_key',
    'shipping_line_key', 'action_type', 'line_type', 'total_amount', 'tax_amount', 'discount_amount',
    'total_amount_presentment', 'tax_amount_presentment', 'discount_amount_presentment', 'loaded_at', 'load_id'
] %}

with sales as (

    select * from {{ ref('stg_order_sales') }}

),

measured as (

    select
        {% for column in columns -%}
        {{ column }},
        {% endfor -%}
        coalesce(quantity, 0) as quantity,
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

final as (

    select
        {% for column in columns -%}
        {{ column }},
        {% endfor -%}
        quantity,

        sales_class,
        is_in_scope,
        sales_class = 'reversal' as is_reversal,

        {{ sale_measures() }}
    from classified

)

select * from final
