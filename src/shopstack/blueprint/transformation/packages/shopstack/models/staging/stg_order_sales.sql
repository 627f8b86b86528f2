with source as (

    select * from {{ source('shopify', 'order_sales') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as sale_key,
        _shop as shop,
        id as sale_id,
        {{ shop_key('_root_id') }} as order_key,
        _root_id as order_id,
        {{ shop_key('_parent_id') }} as agreement_key,
        _parent_id as agreement_id,
        {{ shop_key('line_item_id') }} as line_key,
        {{ shop_key('shipping_line_id') }} as shipping_line_key,
        shipping_line_id,

        type as sale_type,
        action_type,
        line_type,

        quantity,
        total_amount,
        coalesce(total_tax_amount, 0) as tax_amount,
        coalesce(total_discount_amount_before_taxes, 0) as discount_amount,
        total_amount_presentment,
        coalesce(total_tax_amount_presentment, 0) as tax_amount_presentment,
        coalesce(total_discount_amount_before_taxes_presentment, 0) as discount_amount_presentment,

        _loaded_at as loaded_at,
        _load_id as load_id
    from source

)

select * from renamed
