with source as (

    select * from {{ source('shopify', 'order_fulfillments') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as fulfillment_key,
        _shop as shop,
        id as fulfillment_id,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('location_id') }} as shop_location_key,

        name as fulfillment_name,
        status,
        display_status,
        requires_shipping,

        total_quantity as units,

        created_at,
        updated_at,
        in_transit_at,
        delivered_at,
        estimated_delivery_at,

        _load_id as load_id
    from source

)

select * from renamed
