with source as (

    select * from {{ source('shopify', 'order_refund_shipping') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as refund_shipping_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as refund_key,
        {{ shop_key('shipping_line_id') }} as shipping_line_key,

        subtotal,
        tax_amount,

        _load_id as load_id
    from source

)

select * from renamed
