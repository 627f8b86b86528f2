with sales as (

    select * from {{ source('shopify', 'order_sales') }}
    where _deleted_at is not null and {{ is_whole_shop() }}

),

agreements as (

    select * from {{ source('shopify', 'order_agreements') }}
    where _deleted_at is not null

),

orders as (

    select * from {{ source('shopify', 'orders') }}
    where _deleted_at is not null

),

renamed as (

    select
        {{ shop_key('sales.id', 'sales._shop') }} as sale_key,
        sales._shop as shop,
        sales.id as sale_id,
        {{ shop_key('sales._root_id', 'sales._shop') }} as order_key,

        sales.action_type,
        sales.line_type,
        coalesce(orders.test, false) as is_test,

        coalesce(sales.quantity, 0) as quantity,
        sales.total_amount,
        coalesce(sales.total_tax_amount, 0) as tax_amount,
        coalesce(sales.total_discount_amount_before_taxes, 0) as discount_amount,

        agreements.happened_at
    from sales
    left join agreements on sales._shop = agreements._shop and sales._parent_id = agreements.id
    left join orders on sales._shop = orders._shop and sales._root_id = orders.id

)

select * from renamed
