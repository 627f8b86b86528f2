-- A view: costs that are filled in later change what was sold long ago.
{{ config(materialized='view') }}

with sales as (

    select * from {{ ref('fct_sales') }}
    where sales_class in ('gross', 'discount', 'reversal', 'adjustment')

),

line_costs as (

    select * from {{ ref('int_line_costs') }}

),

-- Refund adjustments carry no goods, so that they are profit or loss in full, whatever goods cost.
final as (

    select
        sales.sale_key,
        sales.shop,
        sales.order_key,
        sales.line_key,
        sales.product_key,
        sales.variant_key,
        sales.location_key,
        sales.channel_key,

        case
            when sales.sales_class = 'adjustment' then 'no goods'
            else coalesce(line_costs.coverage, 'none')
        end as coverage,
        sales.currency_code,

        sales.units,
        sales.gross_sales,
        sales.net_sales,
        line_costs.unit_cost,
        case
            when sales.sales_class = 'adjustment' then {{ money(0) }}
            else {{ money('sales.units * line_costs.unit_cost') }}
        end as cogs,
        case
            when sales.sales_class = 'adjustment' then {{ money('sales.net_sales') }}
            else {{ money('sales.net_sales - sales.units * line_costs.unit_cost') }}
        end as gross_profit,

        sales.happened_at,
        sales.sale_date
    from sales
    left join line_costs on sales.line_key = line_costs.line_key

)

select * from final
