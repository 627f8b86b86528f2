with source as (

    select * from {{ source('shopify', 'products') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as product_key,
        _shop as shop,
        id as product_id,

        title,
        handle,
        vendor,
        product_type,
        case when _deleted_at is null then status else 'DELETED' end as status,
        is_gift_card,

        created_at,
        updated_at
    from source

)

select * from renamed
