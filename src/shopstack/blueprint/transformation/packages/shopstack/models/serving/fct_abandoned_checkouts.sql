with checkouts as (

    select * from {{ ref('stg_abandoned_checkouts') }}

),

shops as (

    select * from {{ ref('stg_shops') }}

),

lines as (

    select
        checkout_key,
        {{ whole('count(*)') }} as lines,
        {{ whole('sum(quantity)') }} as units
    from {{ ref('stg_abandoned_checkout_lines') }}
    group by checkout_key

),

placed as (

    select
        *,
        case
            when coalesce(shipping_country_code, shipping_city) is not null then 'shipping'
            when coalesce(billing_country_code, billing_city) is not null then 'billing'
            else 'none'
        end as address_source
    from checkouts

),

final as (

    select
        placed.checkout_key,
        placed.shop,
        placed.checkout_id,
        placed.name as checkout_name,
        placed.customer_key,

        placed.is_completed as is_recovered,
        placed.taxes_included,
        placed.address_source,
        {% for part in ('city', 'province_code', 'country_code') -%}
        case placed.address_source
            when 'shipping' then placed.shipping_{{ part }}
            when 'billing' then placed.billing_{{ part }}
        end as {{ part }},
        {% endfor -%}
        shops.currency_code,

        coalesce(lines.lines, 0) as lines,
        coalesce(lines.units, 0) as units,
        placed.line_items_total,
        placed.discounts,
        placed.subtotal,
        placed.tax,
        placed.duties,
        placed.total,

        placed.created_at,
        {{ shop_date('placed.created_at', 'shops.timezone') }} as checkout_date,
        placed.updated_at,
        placed.completed_at,
        {{ shop_date('placed.completed_at', 'shops.timezone') }} as recovered_date
    from placed
    left join shops on placed.shop = shops.shop
    left join lines on placed.checkout_key = lines.checkout_key

)

select * from final
