-- Queries of the page "Nationwide sales".
-- Parameters: $shop; $first_day and $last_day, the shop's own days, both included; $until, the moment (UTC) at which the
-- last day is cut off where a running period is compared with the same elapsed part of an earlier one, else null.

-- name: daily
-- Grain: one day with sales.
select
    sale_date as day,
    sum(net_sales) as net_sales
from serving.fct_sales
where
    shop = $shop
    and sale_date between $first_day and $last_day
    and ($until is null or happened_at < $until)
group by sale_date
order by sale_date;

-- name: places
-- Grain: one place as it is named on the map. Every sale is in exactly one row, those without a place too.
with sales as (
    select
        location_key,
        sum(net_sales) as net_sales
    from serving.fct_sales
    where
        shop = $shop
        and sale_date between $first_day and $last_day
    group by location_key
),

orders as (
    select
        location_key,
        count(*) as orders
    from serving.fct_orders
    where
        shop = $shop
        and order_date between $first_day and $last_day
    group by location_key
),

located as (
    select
        coalesce(sales.net_sales, 0) as net_sales,
        coalesce(orders.orders, 0) as orders,
        coalesce(locations.placed_at, 'none') as placed_at,
        coalesce(locations.country_code, '') as country_code,
        coalesce(locations.province_code, '') as province_code,
        coalesce(locations.country, locations.country_code, '') as country,
        coalesce(locations.province, locations.province_code, '') as province,
        case when locations.placed_at = 'city' then coalesce(locations.city, '') else '' end as city,
        locations.latitude,
        locations.longitude
    from sales
    full outer join orders
        on sales.location_key = orders.location_key
    left join serving.dim_locations as locations
        on coalesce(sales.location_key, orders.location_key) = locations.location_key
)

select
    placed_at,
    country_code,
    province_code,
    city,
    any_value(country) as country,
    any_value(province) as province,
    any_value(latitude) as latitude,
    any_value(longitude) as longitude,
    sum(net_sales) as net_sales,
    cast(sum(orders) as bigint) as orders
from located
group by placed_at, country_code, province_code, city
order by net_sales desc, country_code, province_code, city;

-- name: products
-- Grain: one product; the dimension has rows for custom items and for adjustments, so the rows add up to net sales.
select
    sales.product_key,
    coalesce(any_value(products.title), 'Other') as title,
    cast(sum(sales.units) as bigint) as units,
    sum(sales.net_sales) as net_sales
from serving.fct_sales as sales
left join serving.dim_products as products
    on sales.product_key = products.product_key
where
    sales.shop = $shop
    and sales.sale_date between $first_day and $last_day
    and ($until is null or sales.happened_at < $until)
group by sales.product_key
having sum(sales.net_sales) != 0 or sum(sales.units) != 0
order by net_sales desc, title;

-- name: first_day
-- Grain: the shop. Where "all time" begins.
select min(order_date) as first_day
from serving.fct_orders
where shop = $shop;
