with source as (

    select * from {{ source('shopify', 'order_fulfillment_lines') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as fulfillment_line_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as fulfillment_key,
        {{ shop_key('line_item_id') }} as line_key,

        quantity,
        original_total,
        discounted_total,

        _load_id as load_id
    from source

)

select * from renamed
