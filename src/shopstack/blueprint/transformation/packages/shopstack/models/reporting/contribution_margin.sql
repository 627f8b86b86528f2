-- What a month's sales left after the costs that are known. A cost that nobody tells is not 0: it is listed beside the
-- figure.
with shops as (

    select * from {{ ref('dim_shops') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

sales as (

    select
        shop,
        {{ month_of('sale_date') }} as month_start,
        sum(net_sales) as net_sales,
        sum(total_sales) as total_sales,
        sum(shipping) as shipping_charged,
        sum(gross_sales) as gross_sales
    from {{ ref('fct_sales') }}
    group by shop, {{ month_of('sale_date') }}

),

costs as (

    select
        shop,
        {{ month_of('sale_date') }} as month_start,
        sum(case when coverage = 'known' then gross_sales else 0 end) as known_gross_sales,
        sum(case when coverage = 'estimated' then gross_sales else 0 end) as estimated_gross_sales,
        sum(case when coverage = 'none' then gross_sales else 0 end) as uncosted_gross_sales,
        sum(case when coverage = 'none' then net_sales else 0 end) as uncosted_net_sales,
        sum(coalesce(cogs, 0)) as cogs,
        sum(case when coverage in ('known', 'estimated') then 1 else 0 end) as costed_sales,
        sum(case when coverage = 'none' then 1 else 0 end) as uncosted_sales
    from {{ ref('fct_sale_costs') }}
    group by shop, {{ month_of('sale_date') }}

),

sold as (

    select
        sales.shop,
        sales.month_start,
        sales.net_sales,
        sales.total_sales,
        sales.shipping_charged,
        sales.gross_sales,
        coalesce(costs.known_gross_sales, 0) as known_gross_sales,
        coalesce(costs.estimated_gross_sales, 0) as estimated_gross_sales,
        coalesce(costs.uncosted_gross_sales, 0) as uncosted_gross_sales,
        sales.net_sales - coalesce(costs.uncosted_net_sales, 0) as costed_net_sales,
        coalesce(costs.cogs, 0) as cogs,
        coalesce(costs.costed_sales, 0) as costed_sales,
        coalesce(costs.uncosted_sales, 0) as uncosted_sales
    from sales
    left join costs on sales.shop = costs.shop and sales.month_start = costs.month_start

),

fees as (

    select
        shop,
        {{ month_of('transaction_date') }} as month_start,
        sum(case when fee_currency_code = currency_code then fee end) as payment_fees,
        sum(case when settled_amount > 0 then settled_amount else 0 end) as received,
        sum(
            case when settled_amount > 0 and fee_currency_code = currency_code then settled_amount else 0 end
        ) as received_with_fee
    from {{ ref('fct_transactions') }}
    where settled_amount <> 0 and not {{ is_gift_card('gateway') }}
    group by shop, {{ month_of('transaction_date') }}

),

shipping_costs as (

    select
        shop,
        order_number,
        amount,
        from_date,
        to_date
    from {{ ref('stg_shipping_costs') }}

),

of_orders as (

    select
        shop,
        order_number,
        sum(amount) as amount
    from shipping_costs
    where order_number is not null
    group by shop, order_number

),

shipped as (

    select distinct order_key
    from {{ ref('fct_sales') }}
    where line_type = 'SHIPPING'

),

-- An order's shipping is known where it has its own amount or lies in a period that has one.
covered as (

    select
        orders.order_key,
        orders.shop,
        {{ month_of('orders.order_date') }} as month_start,
        max(of_orders.amount) as amount,
        max(
            case when of_orders.order_number is not null or periods.shop is not null then 1 else 0 end
        ) as covered_orders,
        max(case when shipped.order_key is not null then 1 else 0 end) as shipped_orders
    from orders
    left join shipped on orders.order_key = shipped.order_key
    left join of_orders
        on
            orders.shop = of_orders.shop
            and {{ dbt.replace('orders.order_name', "'#'", "''") }} = of_orders.order_number
    left join shipping_costs as periods
        on
            orders.shop = periods.shop
            and orders.order_date between periods.from_date and periods.to_date
    group by orders.order_key, orders.shop, {{ month_of('orders.order_date') }}

),

shipping as (

    select
        shop,
        month_start,
        sum(amount) as amount,
        sum(shipped_orders) as orders_shipped,
        sum(shipped_orders * covered_orders) as orders_covered
    from covered
    group by shop, month_start

),

shipping_of_periods as (

    select
        shop,
        {{ month_of('from_date') }} as month_start,
        sum(amount) as amount
    from shipping_costs
    where from_date is not null
    group by shop, {{ month_of('from_date') }}

),

ads as (

    select
        shop,
        {{ month_of('date_day') }} as month_start,
        sum(amount) as ad_spend
    from {{ ref('fct_ad_spend') }}
    group by shop, {{ month_of('date_day') }}

),

independent as (

    select
        shop,
        month_start,
        sum(amount) as fixed_costs
    from {{ ref('stg_fixed_costs') }}
    group by shop, month_start

),

customers as (

    select * from {{ ref('monthly_returning_customers') }}

),

happened as (

    select
        shop,
        month_start
    from sold
    union
    select
        shop,
        month_start
    from fees
    union
    select
        shop,
        month_start
    from shipping_of_periods
    union
    select
        shop,
        month_start
    from ads
    union
    select
        shop,
        month_start
    from independent

),

months as (

    {{ every_month('happened') }}

),

gathered as (

    select
        months.shop,
        months.month_start,
        {{ month_of(open_since()) }} <= months.month_start as is_open,
        shops.currency_code,
        coalesce(sold.total_sales, 0) as total_sales,
        coalesce(sold.net_sales, 0) as net_sales,
        case
            when coalesce(sold.costed_sales, 0) > 0 or coalesce(sold.uncosted_sales, 0) = 0
                then coalesce(sold.cogs, 0)
        end as cogs,
        case
            when coalesce(sold.costed_sales, 0) > 0 or coalesce(sold.uncosted_sales, 0) = 0
                then coalesce(sold.costed_net_sales - sold.cogs, 0)
        end as gross_profit,
        {{ rate('sold.known_gross_sales', 'sold.gross_sales') }} as share_with_known_cost,
        {{ rate('sold.estimated_gross_sales', 'sold.gross_sales') }} as share_with_estimated_cost,
        {{ rate('sold.uncosted_gross_sales', 'sold.gross_sales') }} as share_without_cost,
        coalesce(sold.uncosted_sales, 0) > 0 as misses_product_costs,
        coalesce(sold.shipping_charged, 0) as shipping_charged,
        case
            when shipping.amount is not null or periods.amount is not null
                then coalesce(shipping.amount, 0) + coalesce(periods.amount, 0)
            when coalesce(shipping.orders_shipped, 0) = 0 then 0
        end as shipping_costs,
        {{ rate('shipping.orders_covered', 'shipping.orders_shipped') }} as shipping_cost_coverage,
        coalesce(shipping.orders_covered < shipping.orders_shipped, false) as misses_shipping_costs,
        case
            when fees.payment_fees is not null then fees.payment_fees
            when coalesce(fees.received, 0) = 0 then 0
        end as payment_fees,
        {{ rate('fees.received_with_fee', 'fees.received') }} as payment_fee_coverage,
        coalesce(fees.received_with_fee < fees.received, false) as misses_payment_fees,
        ads.ad_spend,
        independent.fixed_costs,
        case when customers.unknown_customers = 0 then customers.new_customers end as new_customers
    from months
    left join shops on months.shop = shops.shop
    left join sold on months.shop = sold.shop and months.month_start = sold.month_start
    left join fees on months.shop = fees.shop and months.month_start = fees.month_start
    left join shipping on months.shop = shipping.shop and months.month_start = shipping.month_start
    left join shipping_of_periods as periods
        on months.shop = periods.shop and months.month_start = periods.month_start
    left join ads on months.shop = ads.shop and months.month_start = ads.month_start
    left join independent on months.shop = independent.shop and months.month_start = independent.month_start
    left join customers on months.shop = customers.shop and months.month_start = customers.month_start

),

final as (

    select
        shop,
        month_start,

        is_open,
        currency_code,
        nullif(substring(
            case when misses_product_costs then ', product costs' else '' end
            || case when misses_shipping_costs then ', shipping costs' else '' end
            || case when misses_payment_fees then ', payment fees' else '' end
            || case when ad_spend is null then ', ad spend' else '' end,
            3
        ), '') as missing_costs,

        {{ money('total_sales') }} as total_sales,
        {{ money('net_sales') }} as net_sales,
        {{ money('cogs') }} as cogs,
        {{ money('gross_profit') }} as gross_profit,
        share_with_known_cost,
        share_with_estimated_cost,
        share_without_cost,
        {{ money('shipping_charged') }} as shipping_charged,
        {{ money('shipping_costs') }} as shipping_costs,
        shipping_cost_coverage,
        {{ money('payment_fees') }} as payment_fees,
        payment_fee_coverage,
        {{ money('ad_spend') }} as ad_spend,
        {{ money(
            'gross_profit + shipping_charged - coalesce(shipping_costs, 0) - coalesce(payment_fees, 0)'
            ~ ' - coalesce(ad_spend, 0)'
        ) }} as contribution,
        {{ money('fixed_costs') }} as fixed_costs,
        {{ whole('new_customers') }} as new_customers,
        {{ rate('total_sales', 'ad_spend') }} as mer,
        case when ad_spend > 0 then {{ money('ad_spend / nullif(new_customers, 0)') }} end as cac
    from gathered

)

select * from final
