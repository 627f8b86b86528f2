with source as (

    select * from {{ source('shopify', 'product_variants_observed') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} || '@' || cast(observed_at as {{ dbt.type_string() }}) as observation_key,
        {{ shop_key('id') }} as variant_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as product_key,
        {{ shop_key('inventory_item_id') }} as inventory_item_key,
        sku,

        price,
        compare_at_price,
        unit_cost,

        observed_on,
        observed_at
    from source

)

select * from renamed
