-- The applications of an order are read on request; what each took off a line or the shipping is always there, and
-- names its application. Together they are every application that is known.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with applied as (

    select
        order_key,
        shop,
        application_index,
        discount_method,
        code,
        title,
        target_type,
        {{ money(0) }} as line_discount,
        {{ money(0) }} as shipping_discount
    from {{ ref('stg_order_discount_applications') }}
    where {{ touched }}
    union all
    select
        order_key,
        shop,
        application_index,
        discount_method,
        code,
        title,
        target_type,
        allocated_amount as line_discount,
        0 as shipping_discount
    from {{ ref('stg_order_line_discounts') }}
    where {{ touched }}
    union all
    select
        order_key,
        shop,
        application_index,
        discount_method,
        code,
        title,
        target_type,
        0 as line_discount,
        allocated_amount as shipping_discount
    from {{ ref('stg_order_shipping_discounts') }}
    where {{ touched }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where {{ touched }}

),

summed as (

    select
        order_key,
        shop,
        application_index,
        max(discount_method) as discount_method,
        max(code) as code,
        max(title) as title,
        max(target_type) as target_type,
        {{ money('sum(line_discount)') }} as line_discount,
        {{ money('sum(shipping_discount)') }} as shipping_discount
    from applied
    where application_index is not null
    group by order_key, shop, application_index

),

final as (

    select
        summed.order_key || '|' || summed.application_index as order_discount_key,
        summed.shop,
        summed.order_key,
        {{ discount_key(
            'summed.shop', 'summed.discount_method', "coalesce(summed.code, summed.title, 'untitled')"
        ) }} as discount_key,

        summed.discount_method,
        coalesce(summed.code, summed.title, 'untitled') as discount_name,
        summed.target_type,
        orders.currency_code,

        summed.application_index,
        summed.line_discount,
        summed.shipping_discount,
        {{ money('summed.line_discount + summed.shipping_discount') }} as discount_amount,

        orders.order_date,
        orders.load_id
    from summed
    inner join orders on summed.order_key = orders.order_key

)

select * from final
