with products as (

    select * from {{ ref('stg_products') }}

),

shops as (

    select * from {{ ref('stg_shops') }}

),

-- Shopify forgets the product of a line when the product is deleted; the name as sold is what is left of it.
sold as (

    select
        product_key,
        shop,
        max(title) as title,
        max(vendor) as vendor
    from {{ ref('stg_order_lines') }}
    where product_key is not null
    group by product_key, shop

),

catalogue as (

    select
        product_key,
        shop,
        product_id,

        'product' as product_kind,
        title,
        handle,
        vendor,
        product_type,
        status,
        coalesce(is_gift_card, false) as is_gift_card,

        created_at
    from products

),

gone as (

    select
        sold.product_key,
        sold.shop,
        cast(null as {{ dbt.type_string() }}) as product_id,

        'product' as product_kind,
        sold.title,
        cast(null as {{ dbt.type_string() }}) as handle,
        sold.vendor,
        cast(null as {{ dbt.type_string() }}) as product_type,
        'DELETED' as status,
        false as is_gift_card,

        cast(null as {{ dbt.type_timestamp() }}) as created_at
    from sold
    left join products on sold.product_key = products.product_key
    where products.product_key is null

),

-- Money without a product keeps its place, so that products always add up to the shop.
without_product as (

    {% for kind, title in (
        ('none', 'Custom items and deleted products'),
        ('adjustment', 'Refund adjustments'),
    ) -%}
    select
        shop || '|{{ kind }}' as product_key,
        shop,
        cast(null as {{ dbt.type_string() }}) as product_id,

        '{{ kind }}' as product_kind,
        '{{ title }}' as title,
        cast(null as {{ dbt.type_string() }}) as handle,
        cast(null as {{ dbt.type_string() }}) as vendor,
        cast(null as {{ dbt.type_string() }}) as product_type,
        cast(null as {{ dbt.type_string() }}) as status,
        false as is_gift_card,

        cast(null as {{ dbt.type_timestamp() }}) as created_at
    from shops
    {{ "union all" if not loop.last }}
    {% endfor %}

),

final as (

    select * from catalogue
    union all
    select * from gone
    union all
    select * from without_product

)

select * from final
