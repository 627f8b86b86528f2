with customers as (

    select * from {{ ref('stg_customers') }}

),

orders as (

    select
        customer_key,
        shop,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as orders_count,
        {{ money('sum(net_sales)') }} as net_sales,
        {{ money('sum(total_sales)') }} as total_sales
    from {{ ref('fct_orders') }}
    where customer_key is not null
    group by customer_key, shop

),

-- Shopify's count of a customer's orders has his test orders in it.
loaded as (

    select
        customer_key,
        count(*) as loaded_orders
    from {{ ref('stg_orders') }}
    where customer_key is not null
    group by customer_key

),

-- A customer who was merged or deleted, or whom the app may not read, is still known by his orders.
keys as (

    select
        customer_key,
        shop
    from customers
    union
    select
        customer_key,
        shop
    from orders

),

numbered as (

    select
        customer_key,
        shop,
        {{ dbt.split_part('customer_key', "'|'", 2) }} as customer_number
    from keys

),

final as (

    select
        numbered.customer_key,
        numbered.shop,
        customers.customer_id,
        numbered.customer_number,

        case
            when numbered.customer_number like 'redacted-%' then 'Redacted customer'
            else 'Customer #…' || {{ dbt.right('numbered.customer_number', 4) }}
        end as label,
        customers.customer_id is not null as is_known_to_shopify,
        customers.account_state,
        customers.first_name,
        customers.last_name,
        customers.email,

        coalesce(orders.orders_count, 0) as orders_count,
        customers.number_of_orders,
        coalesce(customers.number_of_orders, 0) > coalesce(loaded.loaded_orders, 0) as has_invisible_orders,
        coalesce(orders.net_sales, 0) as net_sales,
        coalesce(orders.total_sales, 0) as total_sales,
        customers.amount_spent,

        orders.first_order_date,
        orders.last_order_date,
        customers.created_at
    from numbered
    left join customers on numbered.customer_key = customers.customer_key
    left join orders on numbered.customer_key = orders.customer_key
    left join loaded on numbered.customer_key = loaded.customer_key

)

select * from final
