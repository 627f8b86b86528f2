-- The number of each order among its customer's: what an order says of other orders, and all of that.
{{ config(materialized='view') }}

-- Shopify's count of a customer's orders has his test orders in it, which have no number here.
with orders as (

    select
        order_key,
        order_id,
        shop,
        customer_key,
        is_test,
        customer_order_index,
        placed_at
    from {{ ref('stg_orders') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

numbered as (

    select
        order_key,
        row_number() over (partition by customer_key, is_test order by placed_at, order_id) as number_among_visible
    from orders
    where customer_key is not null

),

counted as (

    select
        customer_key,
        count(*) as loaded_orders
    from orders
    where customer_key is not null
    group by customer_key

),

positions as (

    select
        shop,
        min(customer_order_index) as lowest_order_index
    from orders
    group by shop

),

final as (

    select
        orders.order_key,
        -- Our own count holds only where all of the customer's orders are visible; else Shopify's, or none.
        case
            when orders.customer_key is null then null
            when
                shops.visible_since is null
                and counted.loaded_orders >= coalesce(customers.number_of_orders, 0)
                then numbered.number_among_visible
            else {{ order_number('orders.customer_order_index', 'positions.lowest_order_index') }}
        end as order_number_of_customer,
        -- Of two visible orders the later one is not the first, whatever is invisible.
        numbered.number_among_visible as order_number_among_visible
    from orders
    left join customers on orders.customer_key = customers.customer_key
    left join shops on orders.shop = shops.shop
    left join numbered on orders.order_key = numbered.order_key
    left join counted on orders.customer_key = counted.customer_key
    left join positions on orders.shop = positions.shop
    where not orders.is_test

)

select
    *,
    order_number_of_customer = 1 as is_first_order
from final
