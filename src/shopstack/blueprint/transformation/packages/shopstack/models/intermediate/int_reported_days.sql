-- What Shopify says of each day: its report as it was read, or as the owner exported it, whichever came last.
with shops as (

    select * from {{ ref('dim_shops') }}

),

report as (

    select * from {{ ref('stg_sales_report') }}

),

exported as (

    select * from {{ ref('stg_exported_report') }}

),

streams as (

    select * from {{ ref('stg_streams') }}
    where stream = 'sales_report' and state <> 'skipped'

),

report_extents as (

    select
        report.shop,
        min(report.date_day) as first_day,
        max(report.date_day) as last_day,
        max(report.loaded_at) as loaded_at
    from report
    -- A report that cannot be read any more is no proof of today's figures.
    inner join streams on report.shop = streams.shop
    group by report.shop

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
-- day on which it was read is not: its orders may be read again later without it. So it is with an exported file, but
-- that one covers only the days that stand in it.
candidates as (

    select
        known_days.shop,
        known_days.date_day,
        'Shopify''s report' as source,
        false as is_exported,
        {% for metric, _ in compared_metrics() -%}
        report.{{ metric }},
        {% endfor -%}
        report_extents.loaded_at as reported_at,
        report_extents.loaded_at
    from known_days
    inner join report_extents on known_days.shop = report_extents.shop
    left join report on known_days.shop = report.shop and known_days.date_day = report.date_day
    left join shops on known_days.shop = shops.shop
    where
        known_days.date_day between report_extents.first_day and report_extents.last_day
        and known_days.date_day < {{ shop_date('report_extents.loaded_at', 'shops.timezone') }}

    union all

    select
        exported.shop,
        exported.date_day,
        'exported file ' || exported.file as source,
        true as is_exported,
        {% for metric, _ in compared_metrics() -%}
        exported.{{ metric }},
        {% endfor -%}
        exported.exported_at as reported_at,
        exported.loaded_at
    from exported
    left join shops on exported.shop = shops.shop
    where exported.date_day < {{ shop_date('exported.exported_at', 'shops.timezone') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by shop, date_day
            order by loaded_at desc nulls last, case when is_exported then 0 else 1 end
        ) as place_in_line
    from candidates

),

final as (

    select
        shop,
        date_day,

        source,
        is_exported,

        {% for metric, _ in compared_metrics() -%}
        {{ metric }},
        {% endfor %}

        reported_at
    from ranked
    where place_in_line = 1

)

select * from final
