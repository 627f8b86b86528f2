with addresses as (

    select * from {{ ref('int_order_addresses') }}

),

places as (

    select * from {{ ref('stg_places') }}

),

spellings as (

    select
        location_key,
        country_code,
        province_code,
        city_match,
        city_typed,
        count(*) as orders
    from addresses
    where location_key <> 'unknown'
    group by location_key, country_code, province_code, city_match, city_typed

),

-- The name as most customers type it, where the gazetteer knows none.
ranked_spellings as (

    select
        *,
        row_number() over (partition by location_key order by orders desc nulls last, city_typed asc) as place_in_line
    from spellings

),

locations as (

    select
        location_key,
        country_code,
        province_code,
        city_match,
        city_typed
    from ranked_spellings
    where place_in_line = 1

),

cities as (

    select * from places
    where kind in ('city', 'alternate') and match_name <> ''

),

-- Addresses of many countries carry no province: there the largest city of that name is meant.
cities_of_country as (

    select
        *,
        row_number() over (
            partition by country_code, match_name order by population desc nulls last, province_code asc
        ) as place_in_line
    from cities

),

provinces as (

    select * from places
    where kind = 'province'

),

countries as (

    select * from places
    where kind = 'country'

),

matched as (

    select
        locations.location_key,
        locations.country_code,
        locations.province_code,
        locations.city_match,
        locations.city_typed,
        coalesce(cities.place_name, lone_cities.place_name) as city_name,
        provinces.place_name as province_name,
        countries.place_name as country_name,
        coalesce(cities.latitude, lone_cities.latitude) as city_latitude,
        coalesce(cities.longitude, lone_cities.longitude) as city_longitude,
        provinces.latitude as province_latitude,
        provinces.longitude as province_longitude,
        countries.latitude as country_latitude,
        countries.longitude as country_longitude
    from locations
    left join cities
        on
            locations.country_code = cities.country_code
            and locations.province_code = cities.province_code
            and locations.city_match = cities.match_name
    left join cities_of_country as lone_cities
        on
            locations.country_code = lone_cities.country_code
            and locations.city_match = lone_cities.match_name
            and (locations.province_code = '' or lone_cities.province_code = '')
            and lone_cities.place_in_line = 1
    left join provinces
        on
            locations.country_code = provinces.country_code
            and locations.province_code = provinces.province_code
            and provinces.match_name = ''
    left join countries
        on
            locations.country_code = countries.country_code
            and countries.province_code = ''
            and countries.match_name = ''

),

known as (

    select
        location_key,
        nullif(city_match, '') as city_match,
        nullif(province_code, '') as province_code,
        nullif(country_code, '') as country_code,

        coalesce(city_name, city_typed) as city,
        province_name as province,
        country_name as country,
        case
            when city_latitude is not null then 'city'
            when province_latitude is not null then 'province'
            when country_latitude is not null then 'country'
            else 'none'
        end as placed_at,

        coalesce(city_latitude, province_latitude, country_latitude) as latitude,
        coalesce(city_longitude, province_longitude, country_longitude) as longitude
    from matched

),

unknown as (

    select
        'unknown' as location_key,
        cast(null as {{ dbt.type_string() }}) as city_match,
        cast(null as {{ dbt.type_string() }}) as province_code,
        cast(null as {{ dbt.type_string() }}) as country_code,

        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as province,
        cast(null as {{ dbt.type_string() }}) as country,
        'none' as placed_at,

        cast(null as {{ dbt.type_float() }}) as latitude,
        cast(null as {{ dbt.type_float() }}) as longitude

),

final as (

    select * from known
    union all
    select * from unknown

)

select * from final
