with shops as (

    select * from {{ ref('dim_shops') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

-- Counted over the whole history on every build: a part of it would call a customer new again.
orders as (

    select
        fct_orders.shop,
        fct_orders.customer_key,
        dates.month_start,
        fct_orders.order_number_of_customer,
        fct_orders.is_first_order,
        fct_orders.order_number_among_visible
    from {{ ref('fct_orders') }} as fct_orders
    left join dates on fct_orders.order_date = dates.date_day

),

extents as (

    select
        shop,
        min(month_start) as first_month,
        max(month_start) as last_month
    from orders
    group by shop

),

-- Every month has a row, months without an order too, up to the one that is running.
months as (

    select
        shops.shop,
        dates.month_start,
        max(dates.date_day) >= max({{ open_since() }}) as is_open
    from shops
    inner join extents on shops.shop = extents.shop
    inner join dates
        on dates.month_start between extents.first_month and {{ greatest_of('shops.today', 'extents.last_month') }}
    group by shops.shop, dates.month_start

),

counted as (

    select
        shop,
        month_start,
        count(*) as orders,
        {{ whole('sum(case when customer_key is null then 1 else 0 end)') }} as guest_orders
    from orders
    group by shop, month_start

),

customers_of_a_month as (

    select
        shop,
        month_start,
        customer_key,
        max(case when is_first_order then 1 else 0 end) = 1 as is_new,
        max({{ greatest_of('order_number_of_customer', 'order_number_among_visible') }}) as orders_by_then,
        max(case when order_number_of_customer is null then 1 else 0 end) = 1 as has_unnumbered_order
    from orders
    where customer_key is not null
    group by shop, month_start, customer_key

),

-- Where an order has no number, Shopify's own count of the customer's orders says whether there are others.
judged as (

    select
        customers_of_a_month.shop,
        customers_of_a_month.month_start,
        customers_of_a_month.is_new,
        customers_of_a_month.orders_by_then >= 2
        or (
            customers_of_a_month.has_unnumbered_order and coalesce(customers.has_invisible_orders, false)
        ) as is_returning
    from customers_of_a_month
    left join customers on customers_of_a_month.customer_key = customers.customer_key

),

summed as (

    select
        shop,
        month_start,
        count(*) as customers,
        {{ whole('sum(case when is_new then 1 else 0 end)') }} as new_customers,
        {{ whole('sum(case when is_returning then 1 else 0 end)') }} as returning_customers,
        {{ whole('sum(case when is_new and is_returning then 1 else 0 end)') }} as new_and_returning_customers,
        {{ whole('sum(case when is_new or is_returning then 0 else 1 end)') }} as unknown_customers
    from judged
    group by shop, month_start

),

final as (

    select
        months.shop,
        months.month_start,

        months.is_open,

        coalesce(counted.orders, 0) as orders,
        coalesce(counted.orders - counted.guest_orders, 0) as customer_orders,
        coalesce(counted.guest_orders, 0) as guest_orders,
        coalesce(summed.customers, 0) as customers,
        coalesce(summed.new_customers, 0) as new_customers,
        coalesce(summed.returning_customers, 0) as returning_customers,
        coalesce(summed.new_and_returning_customers, 0) as new_and_returning_customers,
        coalesce(summed.unknown_customers, 0) as unknown_customers,
        {{ rate('summed.returning_customers', 'summed.customers') }} as returning_customer_rate
    from months
    left join counted on months.shop = counted.shop and months.month_start = counted.month_start
    left join summed on months.shop = summed.shop and months.month_start = summed.month_start

)

select * from final
