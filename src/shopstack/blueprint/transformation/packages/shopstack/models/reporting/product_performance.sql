with sales as (

    select * from {{ ref('fct_sales') }}
    where product_key is not null and sales_class in ('gross', 'discount', 'reversal', 'adjustment')

),

products as (

    select * from {{ ref('dim_products') }}

),

summed as (

    select
        shop,
        sale_date as date_day,
        product_key,
        max(currency_code) as currency_code,
        {{ whole('sum(units)') }} as units,
        {{ money('sum(gross_sales)') }} as gross_sales,
        {{ money('sum(discounts)') }} as discounts,
        {{ money('sum(sales_reversals)') }} as sales_reversals,
        {{ money('sum(net_sales)') }} as net_sales,
        count(distinct case when reason = 'ORDER' then order_key end) as orders
    from sales
    group by shop, sale_date, product_key

),

final as (

    select
        summed.shop,
        summed.date_day,
        summed.product_key,

        products.title,
        products.product_kind,
        products.vendor,
        products.product_type,
        summed.currency_code,

        summed.units,
        summed.gross_sales,
        summed.discounts,
        summed.sales_reversals,
        summed.net_sales,
        summed.orders
    from summed
    left join products on summed.product_key = products.product_key

)

select * from final
