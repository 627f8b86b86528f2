with shops as (

    select * from {{ ref('dim_shops') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

agreements as (

    select * from {{ ref('stg_order_agreements') }}
    where reason in ('ORDER', 'ORDER_EDIT')

),

orders as (

    select * from {{ ref('fct_orders') }}

),

-- Shopify's report counts an order again on every later day on which it is edited.
counted as (

    select
        orders.shop,
        {{ shop_date('agreements.happened_at', 'shops.timezone') }} as date_day,
        {{ whole('count(distinct orders.order_key)') }} as shopify_orders
    from agreements
    inner join orders on agreements.order_key = orders.order_key
    left join shops on orders.shop = shops.shop
    group by orders.shop, {{ shop_date('agreements.happened_at', 'shops.timezone') }}

),

-- Money counts on the day it moved, an order and what it was placed for on the day it was placed: two clocks, brought
-- into one list.
movements as (

    select
        shop,
        sale_date as date_day,
        {% for metric in sales_metrics() -%}
        {{ metric }},
        {% endfor -%}
        0 as placed_sales,
        units,
        0 as orders
    from {{ ref('fct_sales') }}
    union all
    select
        shop,
        order_date as date_day,
        {% for metric in sales_metrics() -%}
        0 as {{ metric }},
        {% endfor -%}
        placed_sales,
        0 as units,
        1 as orders
    from orders

),

moved as (

    select
        shop,
        date_day,
        {% for metric in sales_metrics() -%}
        {{ money('sum(' ~ metric ~ ')') }} as {{ metric }},
        {% endfor -%}
        {{ money('sum(placed_sales)') }} as placed_sales,
        {{ whole('sum(units)') }} as units,
        {{ whole('sum(orders)') }} as orders
    from movements
    group by shop, date_day

),

extents as (

    select
        shop,
        min(date_day) as first_day,
        max(date_day) as last_day
    from moved
    group by shop

),

-- Every day has a row, days without a sale too, up to the shop's own today.
days as (

    select
        shops.shop,
        shops.currency_code,
        dates.date_day,
        dates.date_day >= {{ open_since() }} as is_open
    from shops
    inner join extents on shops.shop = extents.shop
    inner join dates
        on dates.date_day between extents.first_day and {{ greatest_of('shops.today', 'extents.last_day') }}

),

final as (

    select
        days.shop,
        days.date_day,

        days.is_open,
        days.currency_code,

        {% for metric in sales_metrics() -%}
        coalesce(moved.{{ metric }}, 0) as {{ metric }},
        {% endfor -%}
        coalesce(moved.orders, 0) as orders,
        coalesce(counted.shopify_orders, 0) as shopify_orders,
        coalesce(moved.units, 0) as units,
        coalesce(moved.placed_sales, 0) as placed_sales,
        {{ money('moved.placed_sales / nullif(moved.orders, 0)') }} as average_order_value
    from days
    left join moved on days.shop = moved.shop and days.date_day = moved.date_day
    left join counted on days.shop = counted.shop and days.date_day = counted.date_day

)

select * from final
