with bridge as (

    select * from {{ ref('bridge_order_discounts') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

discounts as (

    select * from {{ ref('dim_discounts') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

sales as (

    select * from {{ ref('fct_sales') }}
    where discounts <> 0

),

allocations as (

    select
        allocations.line_key,
        bridge.discount_key,
        -allocations.allocated_amount as part,
        -{{ money('sum(allocations.allocated_amount) over (partition by allocations.line_key)') }} as line_total,
        count(case when allocations.allocated_amount <> 0 then 1 end) over (partition by allocations.line_key) as parts
    from {{ ref('stg_order_line_discounts') }} as allocations
    inner join bridge
        on
            allocations.order_key = bridge.order_key
            and allocations.application_index = bridge.application_index

),

-- The ledger knows how much was taken off, the allocations know by what: a sale is split where they decide it to the
-- cent. The rest has no discount; nothing is spread.
shares as (

    select
        sales.shop,
        sales.order_key,
        case when allocations.line_key is null then sales.shop || '|not attributed' else allocations.discount_key end
            as discount_key,
        case
            when allocations.line_key is null then sales.discounts
            else
                {{ attributed('sales.discounts', 'allocations.part', 'allocations.line_total', 'allocations.parts') }}
        end as discounts
    from sales
    left join allocations
        on
            sales.line_key = allocations.line_key
            and {{ is_attributed('sales.discounts', 'allocations.line_total', 'allocations.parts') }}

),

-- An order counts once for a discount, whether it took something off in the ledger, off the shipping, or nothing.
taken as (

    select
        shop,
        discount_key,
        order_key,
        discounts,
        0 as shipping_discounts
    from shares
    union all
    select
        shop,
        discount_key,
        order_key,
        0 as discounts,
        -shipping_discount as shipping_discounts
    from bridge

),

per_order as (

    select
        shop,
        discount_key,
        order_key,
        {{ money('sum(discounts)') }} as discounts,
        {{ money('sum(shipping_discounts)') }} as shipping_discounts
    from taken
    group by shop, discount_key, order_key

),

summed as (

    select
        per_order.shop,
        per_order.discount_key,
        {{ whole('count(*)') }} as orders,
        {{ whole('sum(case when orders.is_first_order then 1 else 0 end)') }} as first_orders,
        {{ money('sum(per_order.discounts)') }} as discounts,
        {{ money('sum(per_order.shipping_discounts)') }} as shipping_discounts,
        {{ money('sum(coalesce(orders.net_sales, 0))') }} as net_sales,
        min(orders.order_date) as first_order_date,
        max(orders.order_date) as last_order_date
    from per_order
    left join orders on per_order.order_key = orders.order_key
    group by per_order.shop, per_order.discount_key

),

final as (

    select
        summed.shop,
        summed.discount_key,

        coalesce(discounts.discount_method, 'not attributed') as discount_method,
        coalesce(discounts.discount_name, 'not attributed') as discount_name,
        shops.currency_code,

        summed.orders,
        summed.first_orders,
        summed.discounts,
        summed.shipping_discounts,
        summed.net_sales,

        summed.first_order_date,
        summed.last_order_date
    from summed
    left join discounts on summed.discount_key = discounts.discount_key
    left join shops on summed.shop = shops.shop

)

select * from final
