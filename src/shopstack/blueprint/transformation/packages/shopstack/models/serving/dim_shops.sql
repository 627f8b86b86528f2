with shops as (

    select * from {{ ref('stg_shops') }}

),

streams as (

    select * from {{ ref('stg_streams') }}
    where stream = 'orders'

),

final as (

    select
        shops.shop,
        shops.shop_id,

        shops.shop_name,
        shops.currency_code,
        shops.timezone,
        shops.taxes_included,
        shops.plan,

        streams.visible_since,
        {{ shop_today('shops.timezone') }} as today,
        {{ shop_date('streams.cursor_at', 'shops.timezone') }} as first_open_day,
        streams.cursor_at as data_up_to,
        shops.frame_load_id
    from shops
    left join streams on shops.shop = streams.shop

)

select * from final
