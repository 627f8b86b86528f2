with source as (

    select * from {{ source('shopify', 'product_variants') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as variant_key,
        _shop as shop,
        id as variant_id,
        {{ shop_key('_root_id') }} as product_key,
        {{ shop_key('inventory_item_id') }} as inventory_item_key,

        title as variant_title,
        sku,

        price,
        compare_at_price,
        unit_cost,
        position,

        created_at,
        updated_at,
        _deleted_at as deleted_at
    from source

)

select * from renamed
