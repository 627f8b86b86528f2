with source as (

    select * from {{ source('shopify', 'inventory_items') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as inventory_item_key,
        _shop as shop,
        id as inventory_item_id,
        sku,
        tracked as is_tracked,
        requires_shipping,

        unit_cost,

        created_at,
        updated_at,
        _deleted_at as deleted_at
    from source

)

select * from renamed
