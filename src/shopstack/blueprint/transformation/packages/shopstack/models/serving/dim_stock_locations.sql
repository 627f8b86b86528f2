with locations as (

    select * from {{ ref('stg_shop_locations') }}

),

known as (

    select
        shop_location_key,
        shop,
        shop_location_id,

        location_name,
        is_active,
        deleted_at is not null as is_deleted,
        true as is_known_to_shopify,
        city,
        province_code,
        country_code,

        created_at,
        updated_at
    from locations

),

-- Shopify does not list the warehouse of a fulfilment service among the locations, and stock lies there all the same.
stocked as (

    select
        shop_location_key,
        shop,
        min(shop_location_id) as shop_location_id
    from {{ ref('stg_inventory_levels_observed') }}
    group by shop_location_key, shop

),

unlisted as (

    select
        stocked.shop_location_key,
        stocked.shop,
        stocked.shop_location_id,

        'Location ' || {{ gid_tail('stocked.shop_location_id') }} as location_name,
        cast(null as boolean) as is_active,
        cast(null as boolean) as is_deleted,
        false as is_known_to_shopify,
        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as province_code,
        cast(null as {{ dbt.type_string() }}) as country_code,

        cast(null as {{ dbt.type_timestamp() }}) as created_at,
        cast(null as {{ dbt.type_timestamp() }}) as updated_at
    from stocked
    left join locations on stocked.shop_location_key = locations.shop_location_key
    where locations.shop_location_key is null

),

final as (

    select * from known
    union all
    select * from unlisted

)

select * from final
