with source as (

    select * from {{ source('shopify', 'inventory_levels') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('_root_id') }} || '@' || {{ gid_tail('location_id') }} as inventory_level_key,
        _shop as shop,
        id as inventory_level_id,
        {{ shop_key('_root_id') }} as inventory_item_key,
        {{ shop_key('location_id') }} as shop_location_key,

        available,
        on_hand,
        committed,
        reserved,
        incoming,
        damaged,
        quality_control,
        safety_stock,

        created_at,
        updated_at
    from source

)

select * from renamed
