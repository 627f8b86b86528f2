-- Shopify has no history of stock: this begins with the first reading and is made of observations alone.
with observed as (

    select * from {{ ref('stg_inventory_levels_observed') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

items as (

    select * from {{ ref('stg_inventory_items') }}

),

locations as (

    select * from {{ ref('stg_shop_locations') }}

),

shops as (

    select * from {{ ref('stg_shops') }}

),

variants as (

    select
        variant_key,
        product_key,
        inventory_item_key,
        row_number() over (
            partition by inventory_item_key order by is_deleted asc, updated_at desc nulls last, variant_key asc
        ) as place_in_line
    from {{ ref('dim_variants') }}
    where inventory_item_key is not null

),

-- All stock of a shop is read at once, so that what one reading saw and the next one did not is gone by then.
reading_days as (

    select
        shop,
        observed_on,
        min(observed_at) < max(observed_at) as has_several_readings
    from observed
    group by shop, observed_on

),

readings as (

    select
        shop,
        observed_on,
        lead(observed_on) over (partition by shop order by observed_on) as next_observed_on
    from reading_days

),

-- Until the day before the next reading, what was read last holds; after the last reading nobody knows.
days as (

    select
        readings.shop,
        readings.observed_on,
        dates.date_day
    from readings
    inner join dates
        on
            readings.observed_on <= dates.date_day
            and (readings.observed_on = dates.date_day or readings.next_observed_on > dates.date_day)

),

-- Days with more than one reading are few: to rank every row of every day would take most of the time.
last_of_day as (

    select
        observed.inventory_level_key,
        observed.observed_on,
        max(observed.observed_at) as observed_at
    from observed
    inner join reading_days
        on
            observed.shop = reading_days.shop
            and observed.observed_on = reading_days.observed_on
            and reading_days.has_several_readings
    group by observed.inventory_level_key, observed.observed_on

),

gone as (

    select
        items.inventory_item_key,
        {{ shop_date('items.deleted_at', 'shops.timezone') }} as gone_on
    from items
    left join shops on items.shop = shops.shop
    where items.deleted_at is not null

),

closed as (

    select
        locations.shop_location_key,
        {{ shop_date('locations.deleted_at', 'shops.timezone') }} as closed_on
    from locations
    left join shops on locations.shop = shops.shop
    where locations.deleted_at is not null

),

final as (

    select
        observed.inventory_level_key
        || '@'
        || cast(days.date_day as {{ dbt.type_string() }}) as inventory_day_key,
        observed.inventory_level_key,
        observed.shop,
        observed.inventory_item_key,
        observed.shop_location_key,
        variants.variant_key,
        variants.product_key,

        days.date_day,
        observed.observed_on = days.date_day as is_observed,
        items.is_tracked,

        observed.available,
        observed.on_hand,
        observed.committed,
        observed.reserved,
        observed.incoming,
        observed.damaged,
        observed.quality_control,
        observed.safety_stock,

        observed.observed_at
    from observed
    inner join days on observed.shop = days.shop and observed.observed_on = days.observed_on
    left join last_of_day
        on
            observed.inventory_level_key = last_of_day.inventory_level_key
            and observed.observed_on = last_of_day.observed_on
    left join variants
        on observed.inventory_item_key = variants.inventory_item_key and variants.place_in_line = 1
    left join items on observed.inventory_item_key = items.inventory_item_key
    left join gone on observed.inventory_item_key = gone.inventory_item_key
    left join closed on observed.shop_location_key = closed.shop_location_key
    where
        (last_of_day.observed_at is null or observed.observed_at = last_of_day.observed_at)
        and (
            observed.observed_on = days.date_day
            or (
                (gone.gone_on is null or days.date_day < gone.gone_on)
                and (closed.closed_on is null or days.date_day < closed.closed_on)
            )
        )

)

select * from final
