{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with fulfillments as (

    select * from {{ ref('stg_order_fulfillments') }}
    where {{ touched }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where {{ touched }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

fulfillment_lines as (

    select
        fulfillment_key,
        count(*) as lines
    from {{ ref('stg_order_fulfillment_lines') }}
    where {{ touched }}
    group by fulfillment_key

),

dated as (

    select
        fulfillments.fulfillment_key,
        fulfillments.shop,
        fulfillments.fulfillment_id,
        fulfillments.order_key,
        fulfillments.shop_location_key,
        orders.location_key,

        fulfillments.fulfillment_name,
        fulfillments.status,
        fulfillments.display_status,
        fulfillments.requires_shipping,

        fulfillments.units,
        fulfillment_lines.lines,

        fulfillments.created_at,
        {{ shop_date('fulfillments.created_at', 'shops.timezone') }} as fulfillment_date,
        fulfillments.in_transit_at,
        fulfillments.delivered_at,
        fulfillments.estimated_delivery_at,
        orders.order_date,
        orders.load_id
    from fulfillments
    inner join orders on fulfillments.order_key = orders.order_key
    left join shops on fulfillments.shop = shops.shop
    left join fulfillment_lines on fulfillments.fulfillment_key = fulfillment_lines.fulfillment_key

),

final as (

    select
        *,
        {{ whole(dbt.datediff('order_date', 'fulfillment_date', 'day')) }} as days_from_order
    from dated

)

select * from final
