-- Every mart is another cut of the same ledger: whatever it is cut by, the whole stays the whole.
with ledger as (

    select
        shop,
        sum(net_sales) as net_sales,
        sum(total_sales) as total_sales,
        sum(discounts) as discounts,
        sum(sales_reversals) as sales_reversals,
        sum(taxes) as taxes,
        sum(units) as units
    from {{ ref('fct_sales') }}
    group by shop

),

orders as (

    select
        shop,
        count(*) as orders
    from {{ ref('fct_orders') }}
    group by shop

),

by_day as (

    select
        shop,
        sum(net_sales) as net_sales,
        sum(total_sales) as total_sales,
        sum(units) as units,
        sum(orders) as orders
    from {{ ref('daily_sales') }}
    group by shop

),

by_place as (

    select
        shop,
        sum(net_sales) as net_sales,
        sum(total_sales) as total_sales,
        sum(units) as units,
        sum(orders) as orders
    from {{ ref('sales_by_geo') }}
    group by shop

),

by_product as (

    select
        shop,
        sum(net_sales) as net_sales,
        sum(units) as units
    from {{ ref('product_performance') }}
    group by shop

),

by_source as (

    select
        shop,
        sum(net_sales) as net_sales,
        sum(total_sales) as total_sales,
        sum(units) as units,
        sum(orders) as orders
    from {{ ref('sales_by_source') }}
    group by shop

),

by_discount as (

    select
        shop,
        sum(discounts) as discounts
    from {{ ref('discount_performance') }}
    group by shop

),

by_cohort as (

    select
        shop,
        sum(net_sales) as net_sales,
        sum(orders) as orders
    from {{ ref('customer_cohorts') }}
    group by shop

),

by_refund_day as (

    select
        shop,
        sum(sales_reversals) as sales_reversals
    from {{ ref('refunds_and_returns') }}
    group by shop

),

by_month as (

    select
        shop,
        sum(orders) as orders
    from {{ ref('monthly_returning_customers') }}
    group by shop

),

by_period as (

    select
        shop,
        period_kind,
        sum(total_sales) as total_sales,
        sum(orders) as orders
    from {{ ref('quarter_and_year_growth') }}
    group by shop, period_kind

),

-- Months, quarters and years, fiscal ones too: each kind is the whole once.
by_kind as (

    select
        shop,
        min(total_sales) as least_total_sales,
        max(total_sales) as most_total_sales,
        min(orders) as least_orders,
        max(orders) as most_orders
    from by_period
    group by shop

),

by_tax as (

    select
        shop,
        sum(net_tax) as taxes
    from {{ ref('tax_by_jurisdiction') }}
    group by shop

)

select
    orders.shop,
    orders.orders,
    by_day.orders as orders_by_day,
    by_place.orders as orders_by_place,
    ledger.total_sales,
    by_day.total_sales as total_sales_by_day,
    by_place.total_sales as total_sales_by_place,
    ledger.net_sales,
    by_day.net_sales as net_sales_by_day,
    by_place.net_sales as net_sales_by_place,
    by_product.net_sales as net_sales_by_product,
    ledger.units,
    by_product.units as units_by_product,
    by_source.orders as orders_by_source,
    by_source.total_sales as total_sales_by_source,
    by_cohort.orders as orders_by_cohort,
    by_cohort.net_sales as net_sales_by_cohort,
    by_month.orders as orders_by_month,
    by_kind.least_total_sales as least_total_sales_by_period,
    by_kind.most_total_sales as most_total_sales_by_period,
    ledger.discounts,
    by_discount.discounts as discounts_by_discount,
    ledger.sales_reversals,
    by_refund_day.sales_reversals as sales_reversals_by_refund_day,
    ledger.taxes,
    by_tax.taxes as taxes_by_tax
from orders
left join ledger on orders.shop = ledger.shop
left join by_day on orders.shop = by_day.shop
left join by_place on orders.shop = by_place.shop
left join by_product on orders.shop = by_product.shop
left join by_source on orders.shop = by_source.shop
left join by_cohort on orders.shop = by_cohort.shop
left join by_month on orders.shop = by_month.shop
left join by_kind on orders.shop = by_kind.shop
left join by_discount on orders.shop = by_discount.shop
left join by_refund_day on orders.shop = by_refund_day.shop
left join by_tax on orders.shop = by_tax.shop
where
    orders.orders <> coalesce(by_day.orders, -1)
    or orders.orders <> coalesce(by_place.orders, -1)
    or coalesce(ledger.total_sales, 0) <> coalesce(by_day.total_sales, 0)
    or coalesce(ledger.total_sales, 0) <> coalesce(by_place.total_sales, 0)
    or coalesce(ledger.net_sales, 0) <> coalesce(by_day.net_sales, 0)
    or coalesce(ledger.net_sales, 0) <> coalesce(by_place.net_sales, 0)
    or coalesce(ledger.net_sales, 0) <> coalesce(by_product.net_sales, 0)
    or coalesce(ledger.units, 0) <> coalesce(by_day.units, 0)
    or coalesce(ledger.units, 0) <> coalesce(by_place.units, 0)
    or coalesce(ledger.units, 0) <> coalesce(by_product.units, 0)
    or orders.orders <> coalesce(by_source.orders, -1)
    or orders.orders <> coalesce(by_cohort.orders, -1)
    or orders.orders <> coalesce(by_month.orders, -1)
    or orders.orders <> coalesce(by_kind.least_orders, -1)
    or orders.orders <> coalesce(by_kind.most_orders, -1)
    or coalesce(ledger.net_sales, 0) <> coalesce(by_source.net_sales, 0)
    or coalesce(ledger.total_sales, 0) <> coalesce(by_source.total_sales, 0)
    or coalesce(ledger.units, 0) <> coalesce(by_source.units, 0)
    or coalesce(ledger.net_sales, 0) <> coalesce(by_cohort.net_sales, 0)
    or coalesce(ledger.total_sales, 0) <> coalesce(by_kind.least_total_sales, 0)
    or coalesce(ledger.total_sales, 0) <> coalesce(by_kind.most_total_sales, 0)
    or coalesce(ledger.discounts, 0) <> coalesce(by_discount.discounts, 0)
    or coalesce(ledger.sales_reversals, 0) <> coalesce(by_refund_day.sales_reversals, 0)
    or coalesce(ledger.taxes, 0) <> coalesce(by_tax.taxes, 0)
