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

        case when sales_class in ('gross', 'discount', 'reversal') then quantity else 0 end as units,
        case when sales_class in ('gross', 'discount') then gross_amount else 0 end as gross_sales,
        case when sales_class in ('gross', 'discount') then -discount_amount else 0 end as discounts,
        case when sales_class in ('reversal', 'adjustment') then net_amount else 0 end as sales_reversals,
        case
            when sales_class in ('gross', 'discount', 'reversal', 'adjustment') then net_amount else 0
        end as net_sales,
        case when sales_class = 'shipping' then net_amount else 0 end as shipping,
        case when sales_class = 'duty' then net_amount else 0 end as duties,
        case when sales_class = 'additional_fee' then net_amount else 0 end as additional_fees,
        case when sales_class = 'return_fee' then net_amount else 0 end as return_fees,
        case when sales_class = 'unclassified' then net_amount else 0 end as unclassified,
        case when is_in_scope then tax_amount else 0 end as taxes,
        case when is_in_scope then total_amount else 0 end as total_sales,
        case when sales_class = 'tip' then total_amount else 0 end as tips,
        case when sales_class = 'gift_card' then total_amount else 0 end as gift_cards_sold,

        load_id
    from classified

)

select * from final
