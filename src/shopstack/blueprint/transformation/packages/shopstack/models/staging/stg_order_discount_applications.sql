with source as (

    select * from {{ source('shopify', 'order_discount_applications') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('_root_id') }} || '|' || index as application_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,

        {{ discount_method('type') }} as discount_method,
        code,
        title,
        target_type,
        target_selection,
        allocation_method,
        currency_code,

        index as application_index,
        percentage,
        amount,

        _load_id as load_id
    from source

)

select * from renamed
