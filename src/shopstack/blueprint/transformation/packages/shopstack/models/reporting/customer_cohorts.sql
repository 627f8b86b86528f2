with shops as (

    select * from {{ ref('dim_shops') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- The calendar begins on the first order's day, seldom on the first of a month.
months as (

    select distinct month_start
    from dates

),

orders as (

    select
        fct_orders.shop,
        fct_orders.customer_key,
        fct_orders.is_first_order,
        fct_orders.net_sales,
        dates.month_start as order_month
    from {{ ref('fct_orders') }} as fct_orders
    left join dates on fct_orders.order_date = dates.date_day

),

customers as (

    select
        customer_key,
        shop,
        min(order_month) as cohort_month
    from orders
    where customer_key is not null
    group by customer_key, shop
    having max(case when is_first_order then 1 else 0 end) = 1

),

sizes as (

    select
        shop,
        cohort_month,
        count(*) as cohort_customers
    from customers
    group by shop, cohort_month

),

-- Customers whose first order cannot be seen, and guests, belong to no cohort; their orders are kept beside it.
active as (

    select
        orders.shop,
        case
            when orders.customer_key is null then 'guests'
            when customers.customer_key is null then 'first order not visible'
            else 'cohort'
        end as cohort_kind,
        customers.cohort_month,
        orders.order_month,
        count(distinct orders.customer_key) as customers,
        count(*) as orders,
        {{ money('sum(orders.net_sales)') }} as net_sales
    from orders
    left join customers on orders.customer_key = customers.customer_key
    group by
        orders.shop,
        case
            when orders.customer_key is null then 'guests'
            when customers.customer_key is null then 'first order not visible'
            else 'cohort'
        end,
        customers.cohort_month,
        orders.order_month

),

last_months as (

    select
        shops.shop,
        shops.currency_code,
        {{ greatest_of(
            'cast(' ~ dbt.date_trunc('month', 'max(shops.today)') ~ ' as date)', 'max(orders.order_month)'
        ) }} as last_month,
        {{ month_of('max(' ~ open_since() ~ ')') }} as open_month
    from shops
    inner join orders on shops.shop = orders.shop
    group by shops.shop, shops.currency_code

),

-- A cohort has a row for every month since, months in which none of it ordered too.
cells as (

    select
        sizes.shop,
        'cohort' as cohort_kind,
        sizes.cohort_month,
        months.month_start as order_month,
        sizes.cohort_customers
    from sizes
    inner join last_months on sizes.shop = last_months.shop
    inner join months on months.month_start between sizes.cohort_month and last_months.last_month
    union all
    select
        shop,
        cohort_kind,
        cohort_month,
        order_month,
        cast(null as bigint) as cohort_customers
    from active
    where cohort_kind <> 'cohort'

),

final as (

    select
        cells.shop,
        cells.cohort_kind,
        cells.cohort_month,
        cells.order_month,

        last_months.currency_code,
        cells.order_month >= last_months.open_month as is_open,

        case
            when cells.cohort_kind = 'cohort'
                then {{ dbt.datediff('cells.cohort_month', 'cells.order_month', 'month') }}
        end as months_since,
        cells.cohort_customers,
        coalesce(active.customers, 0) as customers,
        coalesce(active.orders, 0) as orders,
        coalesce(active.net_sales, 0) as net_sales,
        case
            when cells.cohort_kind = 'cohort'
                then {{ rate('coalesce(active.customers, 0)', 'cells.cohort_customers') }}
        end as ordering_rate
    from cells
    left join last_months on cells.shop = last_months.shop
    left join active
        on
            cells.shop = active.shop
            and cells.cohort_kind = active.cohort_kind
            and cells.order_month = active.order_month
            and (cells.cohort_month = active.cohort_month or cells.cohort_kind <> 'cohort')

)

select * from final
