-- The arithmetic of the ledger: each sale gets one class, and every metric that is made of it.
{{ config(materialized='view') }}

with sales as (

    select * from {{ ref('stg_order_sales') }}

),

measured as (

    select
        sale_key,
        shop,
        load_id,
        line_type,
        action_type,
        total_amount,
        tax_amount,
        discount_amount,
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
        sale_key,
        shop,
        sales_class,
        is_in_scope,
        sales_class = 'reversal' as is_reversal,

        {{ sale_measures() }},

        load_id
    from classified

)

select * from final
