-- Stock and sales of one moment: the last day on which the stock was read, and the whole days before it.

with stock as (

    select * from {{ ref('fct_inventory_daily') }}
    where coalesce(is_tracked, true)

),

shops as (

    select * from {{ ref('dim_shops') }}

),

variants as (

    select * from {{ ref('dim_variants') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

last_days as (

    select
        shop,
        max(date_day) as stock_date
    from {{ ref('fct_inventory_daily') }}
    group by shop

),

summed as (

    select
        stock.shop,
        stock.inventory_item_key,
        stock.date_day as stock_date,
        max(stock.variant_key) as variant_key,
        max(stock.product_key) as product_key,
        {{ whole('count(*)') }} as locations,
        {{ whole('sum(stock.available)') }} as ending_stock,
        {{ whole('sum(stock.on_hand)') }} as on_hand,
        {{ whole('sum(stock.incoming)') }} as incoming
    from stock
    inner join last_days on stock.shop = last_days.shop and stock.date_day = last_days.stock_date
    group by stock.shop, stock.inventory_item_key, stock.date_day

),

windows as (

    select
        shop,
        stock_date,
        cast({{ dbt.dateadd('day', -28, 'stock_date') }} as date) as first_of_28,
        cast({{ dbt.dateadd('day', -90, 'stock_date') }} as date) as first_of_90
    from last_days

),

sold as (

    select
        sales.variant_key,
        {{ whole('sum(case when sales.sale_date >= windows.first_of_28 then sales.units else 0 end)') }} as units_28,
        {{ whole('sum(sales.units)') }} as units_90
    from {{ ref('fct_sales') }} as sales
    inner join windows
        on
            sales.shop = windows.shop
            and sales.sale_date >= windows.first_of_90
            and sales.sale_date < windows.stock_date
    where sales.variant_key is not null
    group by sales.variant_key

),

-- What was sold on days that the app may not see is not known, and neither is what was sold of an unknown variant.
measured as (

    select
        summed.inventory_item_key,
        summed.shop,
        summed.variant_key,
        summed.product_key,
        summed.locations,
        summed.ending_stock,
        summed.on_hand,
        summed.incoming,
        -- More was sold than there is: nothing is left, and no less than nothing.
        case when summed.ending_stock < 0 then 0 else summed.ending_stock end as stock_left,
        case
            when summed.variant_key is null or shops.visible_since > windows.first_of_28 then null
            else coalesce(sold.units_28, 0)
        end as units_sold_28_days,
        case
            when summed.variant_key is null or shops.visible_since > windows.first_of_90 then null
            else coalesce(sold.units_90, 0)
        end as units_sold_90_days,
        summed.stock_date
    from summed
    left join windows on summed.shop = windows.shop
    left join shops on summed.shop = shops.shop
    left join sold on summed.variant_key = sold.variant_key

),

final as (

    select
        measured.inventory_item_key,
        measured.shop,
        measured.variant_key,
        measured.product_key,

        products.title,
        variants.variant_title,
        variants.sku,

        measured.locations,
        measured.ending_stock,
        measured.on_hand,
        measured.incoming,
        measured.units_sold_28_days,
        measured.units_sold_90_days,
        case
            when measured.units_sold_28_days > 0
                then {{ rate('measured.stock_left * 28', 'measured.units_sold_28_days') }}
        end as days_of_cover,
        case
            when measured.units_sold_28_days > 0
                then
                    {{ rate('measured.units_sold_28_days', '(measured.units_sold_28_days + measured.stock_left)') }}
        end as sell_through_28_days,
        case
            when measured.units_sold_90_days > 0
                then
                    {{ rate('measured.units_sold_90_days', '(measured.units_sold_90_days + measured.stock_left)') }}
        end as sell_through_90_days,

        measured.stock_date
    from measured
    left join variants on measured.variant_key = variants.variant_key
    left join products on measured.product_key = products.product_key

)

select * from final
