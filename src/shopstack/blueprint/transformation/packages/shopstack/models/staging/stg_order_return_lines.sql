with source as (

    select * from {{ source('shopify', 'order_return_lines') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as return_line_key,
        _shop as shop,
        id as return_line_id,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as return_key,
        {{ shop_key('line_item_id') }} as line_key,
        {{ shop_key('fulfillment_line_id') }} as fulfillment_line_key,

        coalesce(type, 'ReturnLineItem') = 'ReturnLineItem' as is_shipment_known,
        reason,
        reason_handle,

        quantity,
        processed_quantity,
        unprocessed_quantity,
        refunded_quantity,
        total_after_discounts,
        restocking_fee_percentage,
        restocking_fee,

        _load_id as load_id
    from source

)

select * from renamed
