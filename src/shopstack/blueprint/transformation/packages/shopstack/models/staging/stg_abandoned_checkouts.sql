with source as (

    select * from {{ source('shopify', 'abandoned_checkouts') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as checkout_key,
        _shop as shop,
        id as checkout_id,
        {{ shop_key('customer_id') }} as customer_key,

        completed_at is not null as is_completed,
        name,
        discount_codes,
        taxes_included,
        {% for whose in ('shipping', 'billing') -%}
        nullif(trim({{ whose }}_city), '') as {{ whose }}_city,
        nullif(trim({{ whose }}_province_code), '') as {{ whose }}_province_code,
        nullif(trim({{ whose }}_country_code), '') as {{ whose }}_country_code,
        {% endfor %}

        line_items_total,
        discounts,
        subtotal,
        tax,
        duties,
        total,

        created_at,
        updated_at,
        completed_at
    from source

)

select * from renamed
