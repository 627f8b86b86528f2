-- The number of each order among its customer's: what an order says of other orders, and all of that.
{{ config(materialized='view') }}

with customers as (

    select * from {{ ref('stg_customers') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

-- Shopify's count of a customer's orders has his test orders in it, which have no number here.
counted as (

    select
        order_key,
        shop,
        customer_key,
        is_test,
        customer_order_index,
        row_number() over (partition by customer_key, is_test order by placed_at, order_id) as number_among_visible,
        count(*) over (partition by customer_key) as loaded_orders,
        min(customer_order_index) over (partition by shop) as lowest_order_index
    from {{ ref('stg_orders') }}

),

final as (

    select
        counted.order_key,
        -- Our own count holds only where all of the customer's orders are visible; else Shopify's, or none.
        case
            when counted.customer_key is null then null
            when
                shops.visible_since is null
                and counted.loaded_orders >= coalesce(customers.number_of_orders, 0)
                then counted.number_among_visible
            else {{ order_number('counted.customer_order_index', 'counted.lowest_order_index') }}
        end as order_number_of_customer,
        -- Of two visible orders the later one is not the first, whatever is invisible.
        case when counted.customer_key is not null then counted.number_among_visible end as order_number_among_visible
    from counted
    left join customers on counted.customer_key = customers.customer_key
    left join shops on counted.shop = shops.shop
    where not counted.is_test

)

select
    *,
    order_number_of_customer = 1 as is_first_order
from final
