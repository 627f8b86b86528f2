with sales as (

    select * from {{ ref('fct_sales') }}
    where sales_class in ('reversal', 'adjustment') or (sales_class = 'shipping' and total_sales < 0)

),

refunds as (

    select * from {{ ref('fct_refunds') }}

),

sold as (

    select * from {{ ref('daily_sales') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

summed as (

    select
        shop,
        sale_date as date_day,
        {{ whole('sum(-units)') }} as units,
        {{ money("sum(case when sales_class = 'reversal' then net_sales else 0 end)") }} as net_returned,
        {{ money("sum(case when sales_class = 'adjustment' then net_sales else 0 end)") }} as adjustments,
        {{ money('sum(shipping)') }} as shipping_refunded,
        {{ money('sum(taxes)') }} as taxes_refunded
    from sales
    group by shop, sale_date

),

counted as (

    select
        shop,
        refund_date as date_day,
        {{ whole('count(*)') }} as refunds
    from refunds
    group by shop, refund_date

),

-- An order counts once a day, however many sales and refunds of it there are.
touched as (

    select
        shop,
        sale_date as date_day,
        order_key
    from sales
    union
    select
        shop,
        refund_date as date_day,
        order_key
    from refunds

),

orders as (

    select
        shop,
        date_day,
        {{ whole('count(*)') }} as orders
    from touched
    group by shop, date_day

),

days as (

    select
        shop,
        date_day
    from sold
    union
    select
        shop,
        date_day
    from counted

),

final as (

    select
        days.shop,
        days.date_day,

        shops.currency_code,

        coalesce(counted.refunds, 0) as refunds,
        coalesce(orders.orders, 0) as orders,
        coalesce(sold.orders, 0) as orders_placed,
        {{ rate('coalesce(orders.orders, 0)', 'sold.orders') }} as share_of_orders,
        coalesce(summed.units, 0) as units,
        coalesce(summed.net_returned, 0) as net_returned,
        coalesce(summed.adjustments, 0) as adjustments,
        {{ money('coalesce(summed.net_returned, 0) + coalesce(summed.adjustments, 0)') }} as sales_reversals,
        coalesce(summed.shipping_refunded, 0) as shipping_refunded,
        coalesce(summed.taxes_refunded, 0) as taxes_refunded
    from days
    left join sold on days.shop = sold.shop and days.date_day = sold.date_day
    left join summed on days.shop = summed.shop and days.date_day = summed.date_day
    left join counted on days.shop = counted.shop and days.date_day = counted.date_day
    left join orders on days.shop = orders.shop and days.date_day = orders.date_day
    left join shops on days.shop = shops.shop

)

select * from final
