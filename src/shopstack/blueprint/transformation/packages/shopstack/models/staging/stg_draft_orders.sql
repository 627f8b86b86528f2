with source as (

    select * from {{ source('shopify', 'draft_orders') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as draft_order_key,
        _shop as shop,
        id as draft_order_id,
        {{ shop_key('order_id') }} as order_key,
        {{ shop_key('customer_id') }} as customer_key,

        name,
        status,
        tags,
        currency_code,
        taxes_included,
        shipping_city,
        shipping_province_code,
        shipping_country_code,

        line_items_total,
        discounts,
        subtotal,
        shipping_price,
        tax,
        total,

        created_at,
        updated_at,
        invoice_sent_at,
        completed_at
    from source

)

select * from renamed
