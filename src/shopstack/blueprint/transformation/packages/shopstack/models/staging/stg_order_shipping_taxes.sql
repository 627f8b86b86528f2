with source as (

    select * from {{ source('shopify', 'order_shipping_taxes') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('_root_id') }} || '|' || coalesce({{ gid_tail('_parent_id') }}, '') || '|'
        || row_number() over (partition by _shop, _root_id, _parent_id order by position, title, rate, price)
            as tax_line_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as shipping_line_key,

        title,
        source as calculated_by,
        coalesce(channel_liable, false) as is_channel_liable,

        position,
        {{ share('rate') }} as rate,
        price as tax,
        price_presentment as tax_presentment,

        _load_id as load_id
    from source

)

select * from renamed
