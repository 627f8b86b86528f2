with source as (

    select * from {{ source('shopify', 'locations') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as shop_location_key,
        _shop as shop,
        id as shop_location_id,

        name as location_name,
        is_active,
        nullif(trim(city), '') as city,
        nullif(trim(province_code), '') as province_code,
        nullif(trim(country_code), '') as country_code,

        created_at,
        updated_at,
        _deleted_at as deleted_at
    from source

)

select * from renamed
