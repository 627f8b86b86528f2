with source as (

    select * from {{ source('shopify', 'order_refunds') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as refund_key,
        _shop as shop,
        id as refund_id,
        {{ shop_key('_root_id') }} as order_key,

        total_refunded,
        total_refunded_presentment,

        coalesce(processed_at, created_at) as processed_at,
        created_at,
        updated_at,

        _load_id as load_id
    from source

)

select * from renamed
