with source as (

    select * from {{ source('shopify', 'orders') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

shops as (

    select * from {{ ref('stg_shops') }}

),

placed as (

    select
        *,
        {{ order_placed_at('processed_at', 'created_at') }} as placed_at
    from source

),

renamed as (

    select
        {{ shop_key('placed.id', 'placed._shop') }} as order_key,
        placed._shop as shop,
        placed.id as order_id,
        placed.name as order_name,
        {{ shop_key('placed.customer_id', 'placed._shop') }} as customer_key,
        placed.customer_id,
        {{ shop_key('placed.retail_location_id', 'placed._shop') }} as shop_location_key,

        placed.source_name,
        placed.channel_name,
        {% for column in visit_columns() -%}
        placed.{{ column }},
        {% endfor -%}
        placed.financial_status,
        placed.fulfillment_status,
        placed.cancel_reason,
        coalesce(placed.test, false) as is_test,
        placed.cancelled_at is not null as is_cancelled,
        placed.taxes_included,
        placed.currency_code,
        placed.presentment_currency_code,
        {% for whose in ('shipping', 'billing') -%}
        nullif(trim(placed.{{ whose }}_city), '') as {{ whose }}_city,
        nullif(trim(placed.{{ whose }}_province_code), '') as {{ whose }}_province_code,
        nullif(trim(placed.{{ whose }}_country_code), '') as {{ whose }}_country_code,
        {% endfor %}

        placed.customer_order_index,
        placed.original_total,
        placed.current_total,
        placed.net_payment,
        placed.total_received,
        placed.total_refunded,
        placed.original_total_presentment,
        placed.current_total_presentment,

        placed.placed_at,
        {{ shop_date('placed.placed_at', 'shops.timezone') }} as order_date,
        placed.created_at,
        placed.updated_at,
        placed.cancelled_at,
        placed._loaded_at as loaded_at,
        placed._load_id as load_id
    from placed
    left join shops on placed._shop = shops.shop

)

select * from renamed
