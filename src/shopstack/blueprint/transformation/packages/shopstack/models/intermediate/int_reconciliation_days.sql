-- Which days can be compared at all, and how each is shown: one row per shop and day.
{{ config(materialized='view') }}

{% set daily_window = 90 %}

with shops as (

    select * from {{ ref('dim_shops') }}

),

reported as (

    select * from {{ ref('int_reported_days') }}

),

streams as (

    select * from {{ ref('stg_streams') }}
    where stream = 'sales_report'

),

known_days as (

    select
        shop,
        date_day
    from {{ ref('daily_sales') }}
    union
    select
        shop,
        date_day
    from {{ ref('stg_sales_report') }}
    union
    select
        shop,
        date_day
    from reported

),

days as (

    select
        known_days.shop,
        known_days.date_day,
        reported.source,
        reported.source is not null as is_reported
    from known_days
    left join reported on known_days.shop = reported.shop and known_days.date_day = reported.date_day

),

stated as (

    select
        days.shop,
        days.date_day,
        days.source,
        case
            -- A day is closed once everything that happened in it has been read.
            when shops.first_open_day is null or days.date_day >= shops.first_open_day then 'open'
            when days.date_day < shops.visible_since then 'not covered'
            when days.is_reported then 'comparable'
            else 'not checked'
        end as day_state,
        case
            when shops.first_open_day is null or days.date_day >= shops.first_open_day
                then 'The day is still open: it is compared once it has ended and all of it has been read.'
            when days.date_day < shops.visible_since
                then
                    'Orders from before '
                    || cast(shops.visible_since as {{ dbt.type_string() }})
                    || ' are invisible to the app.'
            when days.is_reported then null
            when streams.state = 'skipped' then streams.reason
            when streams.shop is null then 'Shopify''s sales report has not been asked for yet.'
            else coalesce(streams.reason, 'Shopify''s report was not read for this day.')
        end as reason,
        case
            when shops.first_open_day is null or days.date_day >= shops.first_open_day then null
            when days.date_day < shops.visible_since
                then 'Ask for the scope read_all_orders in the app''s settings, then: shopstack doctor'
            when not days.is_reported
                then
                    coalesce(streams.hint, 'shopstack doctor')
                    || '; or export the report in Shopify''s admin, then: shopstack verify --against FILE.csv'
        end as hint,
        days.date_day >= {{ dbt.dateadd('day', -daily_window, 'shops.first_open_day') }} as is_daily
    from days
    left join shops on days.shop = shops.shop
    left join streams on days.shop = streams.shop

),

final as (

    select
        shop,
        date_day,
        case when coalesce(is_daily, true) then 'day' else 'month' end as grain,
        case
            when coalesce(is_daily, true) then date_day
            else cast({{ dbt.date_trunc('month', 'date_day') }} as date)
        end as period,
        source,
        day_state,
        reason,
        hint
    from stated

)

select * from final
