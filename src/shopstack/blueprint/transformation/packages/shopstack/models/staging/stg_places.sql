with source as (

    select * from {{ source('reference', 'places') }}

),

renamed as (

    select
        coalesce(country_code, '') as country_code,
        coalesce(province_code, '') as province_code,
        coalesce(match_name, '') as match_name,

        kind,
        name as place_name,
        latitude,
        longitude,
        population
    from source

)

select * from renamed
