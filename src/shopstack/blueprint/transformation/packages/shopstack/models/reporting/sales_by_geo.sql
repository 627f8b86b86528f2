with movements as (

    select
        shop,
        sale_date as date_day,
        location_key,
        0 as orders,
        units,
        gross_sales,
        discounts,
        sales_reversals,
        net_sales,
        total_sales
    from {{ ref('fct_sales') }}
    union all
    select
        shop,
        order_date as date_day,
        location_key,
        1 as orders,
        0 as units,
        0 as gross_sales,
        0 as discounts,
        0 as sales_reversals,
        0 as net_sales,
        0 as total_sales
    from {{ ref('fct_orders') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

summed as (

    select
        shop,
        date_day,
        location_key,
        {{ money('sum(gross_sales)') }} as gross_sales,
        {{ money('sum(discounts)') }} as discounts,
        {{ money('sum(sales_reversals)') }} as sales_reversals,
        {{ money('sum(net_sales)') }} as net_sales,
        {{ money('sum(total_sales)') }} as total_sales,
        {{ whole('sum(orders)') }} as orders,
        {{ whole('sum(units)') }} as units
    from movements
    group by shop, date_day, location_key

),

final as (

    select
        summed.shop,
        summed.date_day,
        summed.location_key,

        locations.city,
        locations.province_code,
        locations.province,
        locations.country_code,
        locations.country,
        locations.placed_at,
        shops.currency_code,

        summed.gross_sales,
        summed.discounts,
        summed.sales_reversals,
        summed.net_sales,
        summed.total_sales,
        summed.orders,
        summed.units,
        locations.latitude,
        locations.longitude
    from summed
    left join locations on summed.location_key = locations.location_key
    left join shops on summed.shop = shops.shop

)

select * from final
