-- The order's own address, never the customer's: shipping, else billing, else the shop it was sold in.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with orders as (

    select * from {{ ref('stg_orders') }}
    where not is_test and {{ touched }}

),

shop_locations as (

    select * from {{ ref('stg_shop_locations') }}

),

shops as (

    select * from {{ ref('stg_shops') }}

),

sourced as (

    select
        orders.order_key,
        orders.shop,
        {{ greatest_of('orders.load_id', 'shops.frame_load_id') }} as load_id,
        case
            when coalesce(orders.shipping_country_code, orders.shipping_city) is not null then 'shipping'
            when coalesce(orders.billing_country_code, orders.billing_city) is not null then 'billing'
            when coalesce(shop_locations.country_code, shop_locations.city) is not null then 'shop'
            else 'none'
        end as address_source,
        orders.shipping_city,
        orders.shipping_province_code,
        orders.shipping_country_code,
        orders.billing_city,
        orders.billing_province_code,
        orders.billing_country_code,
        shop_locations.city as shop_city,
        shop_locations.province_code as shop_province_code,
        shop_locations.country_code as shop_country_code
    from orders
    left join shop_locations on orders.shop_location_key = shop_locations.shop_location_key
    left join shops on orders.shop = shops.shop

),

chosen as (

    select
        order_key,
        shop,
        {% for part in ('city', 'province_code', 'country_code') -%}
        case address_source
            when 'shipping' then shipping_{{ part }}
            when 'billing' then billing_{{ part }}
            when 'shop' then shop_{{ part }}
        end as {{ part }},
        {% endfor -%}
        address_source,
        load_id
    from sourced

),

normalised as (

    select
        order_key,
        shop,
        address_source,
        city as city_typed,
        coalesce({{ normalise_place('city') }}, '') as city_match,
        upper(coalesce(province_code, '')) as province_code,
        upper(coalesce(country_code, '')) as country_code,
        load_id
    from chosen

),

final as (

    select
        order_key,
        shop,
        case
            when address_source = 'none' then 'unknown'
            else country_code || '|' || province_code || '|' || city_match
        end as location_key,
        address_source,
        city_typed,
        city_match,
        province_code,
        country_code,
        load_id
    from normalised

)

select * from final
