with channels as (

    select * from {{ ref('dim_channels') }}

),

orders as (

    select
        fct_orders.order_key,
        fct_orders.shop,
        fct_orders.order_date,
        channels.channel_name as channel,
        -- A visit without a kind is one that Shopify sees no marketing behind; no visit is not known.
        case
            when fct_orders.first_visit_source_type is not null then lower(fct_orders.first_visit_source_type)
            when fct_orders.first_visit_source is not null then 'none'
            else 'unknown'
        end as first_visit_type
    from {{ ref('fct_orders') }} as fct_orders
    left join channels on fct_orders.channel_key = channels.channel_key

),

shops as (

    select * from {{ ref('dim_shops') }}

),

movements as (

    select
        sales.shop,
        sales.sale_date as date_day,
        coalesce(orders.channel, 'unknown') as channel,
        coalesce(orders.first_visit_type, 'unknown') as first_visit_type,
        0 as orders,
        sales.units,
        sales.gross_sales,
        sales.discounts,
        sales.sales_reversals,
        sales.net_sales,
        sales.total_sales
    from {{ ref('fct_sales') }} as sales
    left join orders on sales.order_key = orders.order_key
    union all
    select
        shop,
        order_date as date_day,
        channel,
        first_visit_type,
        1 as orders,
        0 as units,
        0 as gross_sales,
        0 as discounts,
        0 as sales_reversals,
        0 as net_sales,
        0 as total_sales
    from orders

),

summed as (

    select
        shop,
        date_day,
        channel,
        first_visit_type,
        {{ money('sum(gross_sales)') }} as gross_sales,
        {{ money('sum(discounts)') }} as discounts,
        {{ money('sum(sales_reversals)') }} as sales_reversals,
        {{ money('sum(net_sales)') }} as net_sales,
        {{ money('sum(total_sales)') }} as total_sales,
        {{ whole('sum(orders)') }} as orders,
        {{ whole('sum(units)') }} as units
    from movements
    group by shop, date_day, channel, first_visit_type

),

final as (

    select
        summed.shop,
        summed.date_day,
        summed.channel,
        summed.first_visit_type,

        shops.currency_code,

        summed.gross_sales,
        summed.discounts,
        summed.sales_reversals,
        summed.net_sales,
        summed.total_sales,
        summed.orders,
        summed.units
    from summed
    left join shops on summed.shop = shops.shop

)

select * from final
