with source as (

    select * from {{ source('shopify', 'abandoned_checkout_lines') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as checkout_line_key,
        _shop as shop,
        id as checkout_line_id,
        {{ shop_key('_root_id') }} as checkout_key,
        {{ shop_key('product_id') }} as product_key,
        {{ shop_key('variant_id') }} as variant_key,

        title,
        variant_title,
        sku,

        quantity,
        original_unit_price,
        original_total,
        discounted_total,
        discounted_total_with_code
    from source

)

select * from renamed
