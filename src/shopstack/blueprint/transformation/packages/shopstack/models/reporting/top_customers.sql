{% set places = 100 %}

with customers as (

    select * from {{ ref('dim_customers') }}
    where orders_count > 0

),

shops as (

    select * from {{ ref('dim_shops') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by shop order by net_sales desc nulls last, orders_count desc nulls last, customer_key asc
        ) as place
    from customers

),

final as (

    select
        ranked.customer_key,
        ranked.shop,

        ranked.label,
        ranked.has_invisible_orders,
        shops.currency_code,

        ranked.place,
        ranked.orders_count as orders,
        ranked.net_sales,
        {{ money('ranked.net_sales / nullif(ranked.orders_count, 0)') }} as net_sales_per_order,

        ranked.first_order_date,
        ranked.last_order_date
    from ranked
    left join shops on ranked.shop = shops.shop
    where ranked.place <= {{ places }}

)

select * from final
