with source as (

    select * from {{ source('shopify', 'draft_order_lines') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as draft_order_line_key,
        _shop as shop,
        id as draft_order_line_id,
        {{ shop_key('_root_id') }} as draft_order_key,
        {{ shop_key('product_id') }} as product_key,
        {{ shop_key('variant_id') }} as variant_key,

        title,
        variant_title,
        sku,
        vendor,
        is_custom,
        is_gift_card,

        quantity,
        original_unit_price,
        original_total,
        discount,
        discounted_total
    from source

)

select * from renamed
