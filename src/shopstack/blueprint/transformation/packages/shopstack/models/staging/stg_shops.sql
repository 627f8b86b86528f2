with source as (

    select * from {{ source('shopify', 'shops') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        _shop as shop,
        id as shop_id,

        name as shop_name,
        currency_code,
        iana_timezone as timezone,
        taxes_included,
        plan,

        created_at
    from source

)

select * from renamed
