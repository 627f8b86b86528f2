with source as (

    select * from {{ source('shopify', 'inventory_levels_observed') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('_root_id') }} || '@' || {{ gid_tail('location_id') }} || '@'
        || cast(observed_at as {{ dbt.type_string() }}) as observation_key,
        {{ shop_key('_root_id') }} || '@' || {{ gid_tail('location_id') }} as inventory_level_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as inventory_item_key,
        {{ shop_key('location_id') }} as shop_location_key,
        location_id as shop_location_id,

        available,
        on_hand,
        committed,
        reserved,
        incoming,
        damaged,
        quality_control,
        safety_stock,

        observed_on,
        observed_at
    from source

)

select * from renamed
