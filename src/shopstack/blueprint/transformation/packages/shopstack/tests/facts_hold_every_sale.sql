-- Facts are built of what was loaded since the last build: with what was there before, they must be everything.
with tests as (

    select order_key from {{ ref('stg_orders') }}
    where is_test

),

loaded as (

    select
        sales.shop,
        count(*) as sales,
        sum(sales.total_amount) as total_amount
    from {{ ref('stg_order_sales') }} as sales
    left join tests on sales.order_key = tests.order_key
    where tests.order_key is null
    group by sales.shop

),

built as (

    select
        shop,
        count(*) as sales,
        sum(total_amount) as total_amount
    from {{ ref('fct_sales') }}
    group by shop

)

select
    coalesce(loaded.shop, built.shop) as shop,
    loaded.sales,
    built.sales as sales_built,
    loaded.total_amount,
    built.total_amount as total_amount_built
from loaded
full outer join built on loaded.shop = built.shop
where
    coalesce(loaded.sales, 0) <> coalesce(built.sales, 0)
    or coalesce(loaded.total_amount, 0) <> coalesce(built.total_amount, 0)
