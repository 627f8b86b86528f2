with source as (

    select * from {{ source('shopify', 'order_exchange_lines') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as exchange_line_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as return_key,
        {{ shop_key('variant_id') }} as variant_key,

        quantity,
        processed_quantity,
        unprocessed_quantity,

        _load_id as load_id
    from source

)

select * from renamed
