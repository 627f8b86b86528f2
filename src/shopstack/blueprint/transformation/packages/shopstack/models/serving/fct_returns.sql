{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with return_lines as (

    select * from {{ ref('stg_order_return_lines') }}
    where {{ touched }}

),

returns as (

    select * from {{ ref('stg_order_returns') }}
    where {{ touched }}

),

lines as (

    select * from {{ ref('stg_order_lines') }}
    where {{ touched }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where {{ touched }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

final as (

    select
        return_lines.return_line_key,
        return_lines.shop,
        return_lines.return_line_id,
        return_lines.return_key,
        return_lines.order_key,
        return_lines.line_key,
        coalesce(lines.product_key, return_lines.shop || '|none') as product_key,
        lines.variant_key,
        orders.customer_key,
        orders.location_key,

        returns.return_name,
        returns.status,
        return_lines.reason,
        return_lines.reason_handle,
        return_lines.is_shipment_known,
        lines.title,
        lines.variant_title,
        lines.sku,
        orders.currency_code,

        return_lines.quantity,
        return_lines.processed_quantity,
        return_lines.unprocessed_quantity,
        return_lines.refunded_quantity,
        return_lines.total_after_discounts,
        return_lines.restocking_fee,

        returns.created_at,
        {{ shop_date('returns.created_at', 'shops.timezone') }} as return_date,
        returns.approved_at,
        returns.closed_at,
        orders.order_date,
        orders.load_id
    from return_lines
    inner join orders on return_lines.order_key = orders.order_key
    left join returns on return_lines.return_key = returns.return_key
    left join lines on return_lines.line_key = lines.line_key
    left join shops on return_lines.shop = shops.shop

)

select * from final
