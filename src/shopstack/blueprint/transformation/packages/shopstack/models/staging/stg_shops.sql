with source as (

    select * from {{ source('shopify', 'shops') }}
    where {{ is_whole_shop() }}

),

-- What every order of the shop is read with: the shop's timezone and currency, and where its locations are.
framed as (

    select
        _shop,
        _load_id
    from {{ source('shopify', 'shops_observed') }}
    union all
    select
        _shop,
        _load_id
    from {{ source('shopify', 'locations_observed') }}
    union all
    select
        _shop,
        _load_id
    from {{ source('shopify', 'locations') }}
    where _deleted_at is not null

),

frames as (

    select
        _shop,
        max(_load_id) as frame_load_id
    from framed
    group by _shop

),

renamed as (

    select
        source._shop as shop,
        source.id as shop_id,

        source.name as shop_name,
        source.currency_code,
        source.iana_timezone as timezone,
        source.taxes_included,
        source.plan,

        source.created_at,
        coalesce(frames.frame_load_id, 0) as frame_load_id
    from source
    left join frames on source._shop = frames._shop

)

select * from renamed
