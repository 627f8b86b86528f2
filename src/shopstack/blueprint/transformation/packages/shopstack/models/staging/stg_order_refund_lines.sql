with source as (

    select * from {{ source('shopify', 'order_refund_lines') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('_parent_id') }} || '|'
        || row_number() over (partition by _shop, _parent_id order by id, line_item_id, quantity, subtotal)
            as refund_line_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as refund_key,
        {{ shop_key('line_item_id') }} as line_key,
        {{ shop_key('location_id') }} as shop_location_key,

        restock_type,
        restocked as is_restocked,

        quantity,
        price as unit_price,
        subtotal,
        total_tax as tax_amount,

        _load_id as load_id
    from source

)

select * from renamed
