with orders as (

    select * from {{ ref('stg_orders') }}
    where not is_test

),

addresses as (

    select * from {{ ref('int_order_addresses') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

sales as (

    select
        order_key,
        {{ money('sum(gross_sales)') }} as gross_sales,
        {{ money('sum(discounts)') }} as discounts,
        {{ money('sum(sales_reversals)') }} as sales_reversals,
        {{ money('sum(net_sales)') }} as net_sales,
        {{ money('sum(taxes)') }} as taxes,
        {{ money('sum(total_sales)') }} as total_sales,
        {{ whole('sum(units)') }} as units
    from {{ ref('fct_sales') }}
    group by order_key

),

-- Shopify's count of a customer's orders has his test orders in it, which have no number here.
known as (

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

numbered as (

    select
        order_key,
        row_number() over (partition by customer_key, is_test order by placed_at, order_id) as number_among_visible
    from known
    where customer_key is not null

),

counted as (

    select
        customer_key,
        count(*) as loaded_orders
    from known
    where customer_key is not null
    group by customer_key

),

positions as (

    select
        shop,
        min(customer_order_index) as lowest_order_index
    from known
    group by shop

),

final as (

    select
        orders.order_key,
        orders.shop,
        orders.order_id,
        orders.order_name,
        orders.customer_key,
        coalesce(addresses.location_key, 'unknown') as location_key,
        {{ channel_key('orders.shop', 'orders.source_name') }} as channel_key,

        orders.source_name,
        {% for column in visit_columns() -%}
        orders.{{ column }},
        {% endfor -%}
        orders.financial_status,
        orders.fulfillment_status,
        orders.cancel_reason,
        orders.customer_key is null as is_guest,
        orders.is_test,
        orders.is_cancelled,
        addresses.address_source,
        coalesce(orders.currency_code, shops.currency_code) as currency_code,
        orders.presentment_currency_code,

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
        numbered.number_among_visible as order_number_among_visible,
        orders.original_total,
        orders.current_total,
        orders.net_payment,
        orders.total_received,
        orders.total_refunded,
        orders.original_total_presentment,
        orders.current_total_presentment,
        coalesce(sales.gross_sales, 0) as gross_sales,
        coalesce(sales.discounts, 0) as discounts,
        coalesce(sales.sales_reversals, 0) as sales_reversals,
        coalesce(sales.net_sales, 0) as net_sales,
        coalesce(sales.taxes, 0) as taxes,
        coalesce(sales.total_sales, 0) as total_sales,
        coalesce(sales.units, 0) as units,

        orders.placed_at,
        orders.order_date,
        orders.updated_at,
        orders.cancelled_at,
        {{ greatest_of('orders.load_id', 'shops.frame_load_id') }} as load_id
    from orders
    left join addresses on orders.order_key = addresses.order_key
    left join customers on orders.customer_key = customers.customer_key
    left join shops on orders.shop = shops.shop
    left join sales on orders.order_key = sales.order_key
    left join numbered on orders.order_key = numbered.order_key
    left join counted on orders.customer_key = counted.customer_key
    left join positions on orders.shop = positions.shop

)

select
    *,
    order_number_of_customer = 1 as is_first_order
from final
