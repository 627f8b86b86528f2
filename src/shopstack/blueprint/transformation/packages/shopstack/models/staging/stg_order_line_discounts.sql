with source as (

    select * from {{ source('shopify', 'order_line_discounts') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('_parent_id') }} || '|' || position as allocation_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as line_key,

        {{ discount_method('application_type') }} as discount_method,
        code,
        title,
        target_type,
        target_selection,
        allocation_method,

        application_index,
        allocated_amount,
        allocated_amount_presentment,

        _load_id as load_id
    from source

)

select * from renamed
