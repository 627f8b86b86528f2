with source as (

    select * from {{ source('shopify', 'order_returns') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as return_key,
        _shop as shop,
        id as return_id,
        {{ shop_key('_root_id') }} as order_key,

        name as return_name,
        status,
        decline_reason,

        total_quantity as units,

        created_at,
        request_approved_at as approved_at,
        closed_at,

        _load_id as load_id
    from source

)

select * from renamed
