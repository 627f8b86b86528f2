-- Products that met in too few orders say nothing.
{% set fewest_orders = 3 %}
-- Who buys more kinds than this at once buys for others: pairs grow with the square, and say little.
{% set largest_basket = 25 %}

-- Numbers stand for products: a pair of them is found and counted in a fraction of the time that two keys would take.
with products as (

    select
        product_key,
        title,
        row_number() over (order by product_key) as product_number
    from {{ ref('dim_products') }}
    where product_kind = 'product' and not is_gift_card

),

-- An order's products as it was placed, each once, however many lines or pieces there are.
bought as (

    select
        sales.shop,
        sales.order_key,
        products.product_number
    from {{ ref('fct_sales') }} as sales
    inner join products on sales.product_key = products.product_key
    where sales.reason = 'ORDER' and sales.sales_class = 'gross' and sales.units > 0
    group by sales.shop, sales.order_key, products.product_number

),

sized as (

    select
        shop,
        order_key,
        product_number,
        count(*) over (partition by order_key) as products,
        min(product_number) over (partition by order_key) as first_product_number
    from bought

),

baskets as (

    select * from sized
    where products <= {{ largest_basket }}

),

orders_of_shop as (

    select
        shop,
        count(*) as orders
    from baskets
    where product_number = first_product_number
    group by shop

),

orders_of_product as (

    select
        product_number,
        count(*) as orders
    from baskets
    group by product_number

),

combined as (

    select * from baskets
    where products > 1

),

pairs as (

    select
        one.shop,
        one.product_number as first_product_number,
        other.product_number as second_product_number,
        count(*) as orders_with_both
    from combined as one
    inner join combined as other
        on one.order_key = other.order_key and one.product_number < other.product_number
    group by one.shop, one.product_number, other.product_number
    having count(*) >= {{ fewest_orders }}

),

final as (

    select
        pairs.shop,
        first_products.product_key as first_product_key,
        second_products.product_key as second_product_key,

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
    left join orders_of_product as first_orders on pairs.first_product_number = first_orders.product_number
    left join orders_of_product as second_orders on pairs.second_product_number = second_orders.product_number
    left join products as first_products on pairs.first_product_number = first_products.product_number
    left join products as second_products on pairs.second_product_number = second_products.product_number

)

select * from final
