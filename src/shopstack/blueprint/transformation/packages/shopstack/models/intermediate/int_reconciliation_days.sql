-- Which days can be compared at all, and how each is shown: one row per shop and day.
{{ config(materialized='view') }}

{% set daily_window = 90 %}

with shops as (

    select * from {{ ref('dim_shops') }}

),

report as (

    select * from {{ ref('stg_sales_report') }}

),

report_extents as (

    select
        shop,
        min(date_day) as first_day,
        max(date_day) as last_day,
        max(loaded_at) as loaded_at
    from report
    group by shop

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
    from report

),

-- Between its first and its last day the report is whole: a day without a row in it is a day without sales. Only the
-- day on which it was read is not: its orders may be read again later without it.
days as (

    select
        known_days.shop,
        known_days.date_day,
        coalesce(
            known_days.date_day between report_extents.first_day and report_extents.last_day
            and known_days.date_day < {{ shop_date('report_extents.loaded_at', 'shops.timezone') }},
            false
        ) as is_reported
    from known_days
    left join report_extents on known_days.shop = report_extents.shop
    left join shops on known_days.shop = shops.shop

),

stated as (

    select
        days.shop,
        days.date_day,
        case
            -- A day is closed once everything that happened in it has been read.
            when shops.first_open_day is null or days.date_day >= shops.first_open_day then 'open'
            when days.date_day < shops.visible_since then 'not covered'
            when coalesce(streams.state, 'skipped') <> 'skipped' and days.is_reported then 'comparable'
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
            when streams.state = 'skipped' then streams.reason
            when streams.shop is null then 'Shopify''s sales report has not been asked for yet.'
            when not days.is_reported then coalesce(streams.reason, 'Shopify''s report was not read for this day.')
        end as reason,
        case
            when shops.first_open_day is null or days.date_day >= shops.first_open_day then null
            when days.date_day < shops.visible_since
                then 'Ask for the scope read_all_orders in the app''s settings, then: shopstack doctor'
            when coalesce(streams.state, 'skipped') = 'skipped' or not days.is_reported
                then coalesce(streams.hint, 'shopstack doctor')
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
        day_state,
        reason,
        hint
    from stated

)

select * from final
