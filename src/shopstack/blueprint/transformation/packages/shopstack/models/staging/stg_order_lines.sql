with source as (

    select * from {{ source('shopify', 'order_lines') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as line_key,
        _shop as shop,
        id as line_item_id,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('product_id') }} as product_key,
        {{ shop_key('variant_id') }} as variant_key,

        title,
        variant_title,
        sku,
        vendor,
        is_gift_card,

        quantity,
        current_quantity,
        original_unit_price,
        original_total,
        discounted_total,

        _load_id as load_id
    from source

)

select * from renamed
