with shops as (

    select
        dim_shops.*,
        {{ open_since('dim_shops') }} as open_since
    from {{ ref('dim_shops') }} as dim_shops

),

dates as (

    select * from {{ ref('dim_dates') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

sales as (

    select
        fct_sales.shop,
        dates.week_start,
        {{ money('sum(fct_sales.net_sales)') }} as net_sales,
        {{ money('sum(fct_sales.total_sales)') }} as total_sales,
        {{ whole('sum(fct_sales.units)') }} as units
    from {{ ref('fct_sales') }} as fct_sales
    left join dates on fct_sales.sale_date = dates.date_day
    group by fct_sales.shop, dates.week_start

),

orders as (

    select
        fct_orders.shop,
        dates.week_start,
        count(*) as orders,
        {{ money('sum(fct_orders.placed_sales)') }} as placed_sales,
        {{ whole('sum(case when fct_orders.customer_key is null then 1 else 0 end)') }} as guest_orders,
        count(distinct fct_orders.customer_key) as customers,
        count(distinct case when fct_orders.is_first_order then fct_orders.customer_key end) as new_customers,
        count(
            distinct case
                when
                    fct_orders.order_number_of_customer >= 2
                    or fct_orders.order_number_among_visible >= 2
                    or (fct_orders.order_number_of_customer is null and customers.has_invisible_orders)
                    then fct_orders.customer_key
            end
        ) as returning_customers
    from {{ ref('fct_orders') }} as fct_orders
    left join dates on fct_orders.order_date = dates.date_day
    left join customers on fct_orders.customer_key = customers.customer_key
    group by fct_orders.shop, dates.week_start

),

first_weeks as (

    select
        shop,
        min(week_start) as first_week
    from (
        select
            shop,
            week_start
        from sales
        union all
        select
            shop,
            week_start
        from orders
    ) as moved
    group by shop

),

-- Only weeks of which every day has ended and has been read; those without a sale too.
weeks as (

    select distinct
        shops.shop,
        shops.currency_code,
        shops.visible_since,
        dates.week_start,
        cast({{ dbt.dateadd('day', 6, 'dates.week_start') }} as date) as week_end
    from shops
    inner join first_weeks on shops.shop = first_weeks.shop
    inner join dates
        on
            first_weeks.first_week <= dates.week_start
            and {{ dbt.dateadd('day', 6, 'dates.week_start') }} < shops.open_since

),

summed as (

    select
        weeks.shop,
        weeks.week_start,
        weeks.week_end,
        weeks.currency_code,
        coalesce(weeks.week_start >= weeks.visible_since, true) as is_covered,
        coalesce({{ dbt.dateadd('day', -7, 'weeks.week_start') }} >= weeks.visible_since, true) as is_previous_covered,
        coalesce(sales.total_sales, 0) as total_sales,
        coalesce(sales.net_sales, 0) as net_sales,
        coalesce(orders.placed_sales, 0) as placed_sales,
        coalesce(sales.units, 0) as units,
        coalesce(orders.orders, 0) as orders,
        coalesce(orders.guest_orders, 0) as guest_orders,
        coalesce(orders.customers, 0) as customers,
        coalesce(orders.new_customers, 0) as new_customers,
        coalesce(orders.returning_customers, 0) as returning_customers
    from weeks
    left join sales on weeks.shop = sales.shop and weeks.week_start = sales.week_start
    left join orders on weeks.shop = orders.shop and weeks.week_start = orders.week_start

),

compared as (

    select
        *,
        case
            when is_previous_covered
                then coalesce(lag(total_sales) over (partition by shop order by week_start), 0)
        end as previous_total_sales,
        case
            when is_previous_covered
                then coalesce(lag(orders) over (partition by shop order by week_start), 0)
        end as previous_orders
    from summed

),

final as (

    select
        shop,
        week_start,
        week_end,

        is_covered,
        coalesce(previous_total_sales = 0 and total_sales <> 0, false) as is_new,
        currency_code,

        total_sales,
        previous_total_sales,
        {{ growth('total_sales', 'previous_total_sales') }} as total_sales_growth,
        net_sales,
        orders,
        previous_orders,
        {{ growth('orders', 'previous_orders') }} as orders_growth,
        {{ money('placed_sales / nullif(orders, 0)') }} as average_order_value,
        units,
        guest_orders,
        customers,
        new_customers,
        returning_customers
    from compared

)

select * from final
