with source as (

    select * from {{ source('shopify', 'order_shipping_lines') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('_root_id') }} || '|'
        || row_number() over (partition by _shop, _root_id order by id, title, code, original_price)
            as order_shipping_line_key,
        _shop as shop,
        {{ shop_key('id') }} as shipping_line_key,
        {{ shop_key('_root_id') }} as order_key,

        title,
        code,
        source as rate_source,

        original_price,
        discounted_price,
        original_price_presentment,
        discounted_price_presentment,

        _load_id as load_id
    from source

)

select * from renamed
