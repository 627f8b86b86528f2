-- Scores are shares of a shop's own customers: equal figures always get the equal, lower score.
{% set scored = [
    ('recency', 'last_order_date'),
    ('frequency', 'orders'),
    ('monetary', 'net_sales'),
] %}

with customers as (

    select * from {{ ref('dim_customers') }}
    where orders_count > 0

),

shops as (

    select * from {{ ref('dim_shops') }}

),

-- Where older orders are invisible, one order is not yet a first one.
firsts as (

    select distinct customer_key
    from {{ ref('fct_orders') }}
    where is_first_order

),

measured as (

    select
        customers.customer_key,
        customers.shop,
        customers.label,
        customers.has_invisible_orders,
        firsts.customer_key is not null as is_first_order_visible,
        shops.currency_code,
        customers.last_order_date,
        {{ greatest_of(dbt.datediff('customers.last_order_date', 'shops.today', 'day'), 0) }} as recency_days,
        customers.orders_count as orders,
        customers.net_sales
    from customers
    left join shops on customers.shop = shops.shop
    left join firsts on customers.customer_key = firsts.customer_key

),

scored as (

    select
        *,
        {% for name, figure in scored -%}
        cast(
            floor(
                (rank() over (partition by shop order by {{ figure }}) - 1) * 5.0 / count(*) over (partition by shop)
            ) as integer
        ) + 1 as {{ name }}_score,
        {% endfor -%}
        count(*) over (partition by shop) as customers_of_shop
    from measured

),

final as (

    select
        customer_key,
        shop,

        label,
        case
            when orders = 1 and is_first_order_visible and recency_score >= 4 then 'new'
            when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4 then 'best'
            when recency_score >= 3 and frequency_score >= 3 then 'loyal'
            when recency_score >= 3 then 'recent'
            when frequency_score >= 3 or monetary_score >= 4 then 'slipping away'
            else 'not seen for long'
        end as segment,
        has_invisible_orders,
        is_first_order_visible,
        currency_code,

        recency_days,
        orders,
        net_sales,
        recency_score,
        frequency_score,
        monetary_score,
        customers_of_shop,

        last_order_date
    from scored

)

select * from final
