with variants as (

    select * from {{ ref('stg_product_variants') }}

),

items as (

    select * from {{ ref('stg_inventory_items') }}

),

history as (

    select * from {{ ref('dim_variant_history') }}
    where is_current

),

-- A variant that was taken out of its product is gone from the catalogue: what was seen and sold of it is left.
observed as (

    select
        variant_key,
        shop,
        sku,
        row_number() over (partition by variant_key order by observed_at desc nulls last) as place_in_line
    from {{ ref('stg_product_variants_observed') }}

),

sold as (

    select
        variant_key,
        shop,
        max(product_key) as product_key,
        max(variant_title) as variant_title,
        max(sku) as sku
    from {{ ref('stg_order_lines') }}
    where variant_key is not null
    group by variant_key, shop

),

met as (

    select
        variant_key,
        shop
    from sold
    union all
    select
        variant_key,
        shop
    from observed
    where place_in_line = 1

),

gone as (

    select
        met.variant_key,
        met.shop
    from met
    left join variants on met.variant_key = variants.variant_key
    where variants.variant_key is null
    group by met.variant_key, met.shop

),

catalogue as (

    select
        variants.variant_key,
        variants.shop,
        variants.variant_id,
        variants.product_key,
        variants.inventory_item_key,

        variants.variant_title,
        variants.sku,
        items.is_tracked,
        variants.deleted_at is not null as is_deleted,

        variants.price,
        variants.compare_at_price,
        case
            when history.variant_key is not null then history.unit_cost
            else coalesce(items.unit_cost, variants.unit_cost)
        end as unit_cost,
        variants.position,

        variants.created_at,
        variants.updated_at
    from variants
    left join items on variants.inventory_item_key = items.inventory_item_key
    left join history on variants.variant_key = history.variant_key

),

no_more as (

    select
        gone.variant_key,
        gone.shop,
        cast(null as {{ dbt.type_string() }}) as variant_id,
        coalesce(history.product_key, sold.product_key) as product_key,
        history.inventory_item_key,

        sold.variant_title,
        coalesce(observed.sku, sold.sku) as sku,
        items.is_tracked,
        true as is_deleted,

        history.price,
        history.compare_at_price,
        history.unit_cost,
        cast(null as {{ dbt.type_int() }}) as position,

        cast(null as {{ dbt.type_timestamp() }}) as created_at,
        cast(null as {{ dbt.type_timestamp() }}) as updated_at
    from gone
    left join observed on gone.variant_key = observed.variant_key and observed.place_in_line = 1
    left join sold on gone.variant_key = sold.variant_key
    left join history on gone.variant_key = history.variant_key
    left join items on history.inventory_item_key = items.inventory_item_key

),

final as (

    select * from catalogue
    union all
    select * from no_more

)

select * from final
