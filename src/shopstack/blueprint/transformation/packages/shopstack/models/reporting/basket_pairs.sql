-- Products that met in too few orders say nothing.
{% set fewest_orders = 3 %}
-- Who buys more kinds than this at once buys for others: pairs grow with the square, and say little.
{% set largest_basket = 25 %}

with products as (

    select * from {{ ref('dim_products') }}
    where product_kind = 'product' and not is_gift_card

),

-- An order's products as it was placed, each once, however many lines or pieces there are.
bought as (

    select distinct
        sales.shop,
        sales.order_key,
        sales.product_key
    from {{ ref('fct_sales') }} as sales
    inner join products on sales.product_key = products.product_key
    where sales.reason = 'ORDER' and sales.sales_class = 'gross' and sales.units > 0

),

sizes as (

    select
        order_key,
        count(*) as products
    from bought
    group by order_key

),

baskets as (

    select bought.*
    from bought
    inner join sizes on bought.order_key = sizes.order_key
    where sizes.products <= {{ largest_basket }}

),

orders_of_shop as (

    select
        shop,
        count(distinct order_key) as orders
    from baskets
    group by shop

),

orders_of_product as (

    select
        product_key,
        count(*) as orders
    from baskets
    group by product_key

),

pairs as (

    select
        one.shop,
        one.product_key as first_product_key,
        other.product_key as second_product_key,
        count(*) as orders_with_both
    from baskets as one
    inner join baskets as other
        on one.order_key = other.order_key and one.product_key < other.product_key
    group by one.shop, one.product_key, other.product_key
    having count(*) >= {{ fewest_orders }}

),

final as (

    select
        pairs.shop,
        pairs.first_product_key,
        pairs.second_product_key,

        first_products.title as first_title,
        second_products.title as second_title,

        pairs.orders_with_both,
        first_orders.orders as orders_with_first,
        second_orders.orders as orders_with_second,
        orders_of_shop.orders as orders_with_products,
        {{ rate('pairs.orders_with_both', 'orders_of_shop.orders') }} as support,
        {{ rate('pairs.orders_with_both', 'first_orders.orders') }} as confidence_of_second,
        {{ rate('pairs.orders_with_both', 'second_orders.orders') }} as confidence_of_first,
        {{ rate(
            'pairs.orders_with_both * orders_of_shop.orders', 'first_orders.orders * second_orders.orders'
        ) }} as lift
    from pairs
    left join orders_of_shop on pairs.shop = orders_of_shop.shop
    left join orders_of_product as first_orders on pairs.first_product_key = first_orders.product_key
    left join orders_of_product as second_orders on pairs.second_product_key = second_orders.product_key
    left join products as first_products on pairs.first_product_key = first_products.product_key
    left join products as second_products on pairs.second_product_key = second_products.product_key

)

select * from final
