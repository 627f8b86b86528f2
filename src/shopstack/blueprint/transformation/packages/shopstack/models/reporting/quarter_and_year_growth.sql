{% set fiscal_quarter_start %}
cast({{ dbt.dateadd('month', '-mod(fiscal_month - 1, 3)', 'month_start') }} as date)
{%- endset %}
{% set year_label %}
cast(year as {{ dbt.type_string() }})
{%- endset %}
{% set fiscal_quarter_label %}
'Q' || cast(fiscal_quarter as {{ dbt.type_string() }}) || ' ' || fiscal_year_label
{%- endset %}
-- Kind of period, months in it, its first day, its name.
{% set kinds = [
    ('month', 1, 'month_start', 'month_label'),
    ('quarter', 3, 'quarter_start', 'quarter_label'),
    ('year', 12, 'year_start', year_label),
    ('fiscal_quarter', 3, fiscal_quarter_start, fiscal_quarter_label),
    ('fiscal_year', 12, 'fiscal_year_start', 'fiscal_year_label'),
] %}

with dates as (

    select * from {{ ref('dim_dates') }}

),

-- "Now" is the time up to which data was read: hours that were not read yet are not empty.
shops as (

    select
        shop,
        currency_code,
        visible_since,
        today,
        {{ shop_time('data_up_to', 'timezone') }} as read_until,
        case
            when {{ shop_date('data_up_to', 'timezone') }} < today then {{ shop_date('data_up_to', 'timezone') }}
            else today
        end as last_day,
        coalesce({{ shop_date('data_up_to', 'timezone') }} <= today, false) as is_cut_by_time,
        timezone
    from {{ ref('dim_shops') }}

),

movements as (

    select
        shop,
        sale_date as date_day,
        happened_at as moved_at,
        total_sales,
        0 as orders
    from {{ ref('fct_sales') }}
    union all
    select
        shop,
        order_date as date_day,
        placed_at as moved_at,
        0 as total_sales,
        1 as orders
    from {{ ref('fct_orders') }}

),

timed as (

    select
        movements.shop,
        movements.date_day,
        movements.total_sales,
        movements.orders,
        cast({{ shop_time('movements.moved_at', 'shops.timezone') }} as time)
        <= cast(shops.read_until as time) as is_by_time
    from movements
    inner join shops on movements.shop = shops.shop

),

-- Each day whole, and only up to the time of day that has been read on the last one.
days as (

    select
        shop,
        date_day,
        {{ money('sum(total_sales)') }} as total_sales,
        {{ whole('sum(orders)') }} as orders,
        {{ money('sum(case when is_by_time then total_sales else 0 end)') }} as total_sales_by_time,
        {{ whole('sum(case when is_by_time then orders else 0 end)') }} as orders_by_time
    from timed
    group by shop, date_day

),

extents as (

    select
        shop,
        min(date_day) as first_day,
        max(date_day) as last_day
    from days
    group by shop

),

calendar as (

    {% for kind, months, start, label in kinds -%}
    select
        date_day,
        '{{ kind }}' as period_kind,
        {{ start | trim }} as period_start,
        {{ label | trim }} as period_label,
        {{ months }} as months,
        cast({{ dbt.dateadd('month', -months, start | trim) }} as date) as previous_start
    from dates
    {{ "union all" if not loop.last }}
    {% endfor %}

),

-- Every period has a row, those without a sale too, up to the one that is running.
periods as (

    select distinct
        shops.shop,
        calendar.period_kind,
        calendar.period_start,
        calendar.period_label,
        calendar.months,
        calendar.previous_start
    from shops
    inner join extents on shops.shop = extents.shop
    inner join calendar
        on calendar.date_day between extents.first_day and {{ greatest_of('shops.today', 'extents.last_day') }}

),

bounded as (

    select
        periods.shop,
        periods.period_kind,
        periods.period_start,
        periods.period_label,
        periods.previous_start,
        shops.currency_code,
        shops.visible_since,
        shops.last_day,
        shops.is_cut_by_time,
        case
            {% for kind, months, start, label in kinds if kind in ('month', 'quarter', 'year') -%}
            when periods.months = {{ months }}
                then
                    cast(
                        {{ dbt.dateadd('day', -1, dbt.dateadd('month', months, 'periods.period_start')) }} as date
                    )
            {% endfor -%}
        end as period_end,
        cast({{ dbt.dateadd('year', -1, 'periods.period_start') }} as date) as last_year_start,
        cast({{ dbt.dateadd('year', -1, 'shops.last_day') }} as date) as last_year_day,
        cast(
            {{ dbt.dateadd(
                'day', dbt.datediff('periods.period_start', 'shops.last_day', 'day'), 'periods.previous_start'
            ) }} as date
        ) as previous_day
    from periods
    left join shops on periods.shop = shops.shop

),

-- A period runs until its last day is read to its end. It is held against as many days of the one before, to the same
-- time of day, and against the same dates of last year. Where the earlier period is shorter, or has no such date, its
-- last day counts whole.
compared as (

    select
        *,
        period_end >= last_day as is_running,
        case
            when period_end < last_day or previous_day >= period_start
                then cast({{ dbt.dateadd('day', -1, 'period_start') }} as date)
            else previous_day
        end as previous_end,
        period_end >= last_day and is_cut_by_time and previous_day < period_start as is_previous_cut,
        case
            when period_end < last_day
                then
                    cast(
                        {{ dbt.dateadd('day', -1, dbt.dateadd('year', -1, dbt.dateadd('day', 1, 'period_end'))) }}
                        as date
                    )
            else last_year_day
        end as last_year_end,
        period_end >= last_day and is_cut_by_time
        and extract(day from last_year_day) = extract(day from last_day) as is_last_year_cut,
        period_end as current_end,
        period_start as current_start,
        false as is_current_cut
    from bounded

),

{% for side in ('current', 'previous', 'last_year') -%}
{{ side }}_sums as (

    select
        compared.shop,
        compared.period_kind,
        {% for figure in ('total_sales', 'orders') -%}
        sum(
            case
                when compared.is_{{ side }}_cut and days.date_day = compared.{{ side }}_end
                    then days.{{ figure }}_by_time
                else days.{{ figure }}
            end
        ) as {{ figure }},
        {% endfor -%}
        compared.period_start
    from compared
    inner join days
        on
            compared.shop = days.shop
            and days.date_day between compared.{{ side }}_start and compared.{{ side }}_end
    group by compared.shop, compared.period_kind, compared.period_start

),

{% endfor -%}
summed as (

    select
        compared.shop,
        compared.period_kind,
        compared.period_start,
        compared.period_end,
        compared.period_label,
        compared.is_running,
        compared.currency_code,
        coalesce(compared.period_start >= compared.visible_since, true) as is_covered,
        {% for side in ('previous', 'last_year') -%}
        case
            when coalesce(compared.{{ side }}_start >= compared.visible_since, true)
                then {{ money('coalesce(' ~ side ~ '_sums.total_sales, 0)') }}
        end as {{ side }}_total_sales,
        case
            when coalesce(compared.{{ side }}_start >= compared.visible_since, true)
                then {{ whole('coalesce(' ~ side ~ '_sums.orders, 0)') }}
        end as {{ side }}_orders,
        {% endfor -%}
        {{ money('coalesce(current_sums.total_sales, 0)') }} as total_sales,
        {{ whole('coalesce(current_sums.orders, 0)') }} as orders
    from compared
    {% for side in ('current', 'previous', 'last_year') -%}
    left join {{ side }}_sums
        on
            compared.shop = {{ side }}_sums.shop
            and compared.period_kind = {{ side }}_sums.period_kind
            and compared.period_start = {{ side }}_sums.period_start
    {% endfor %}

),

final as (

    select
        shop,
        period_kind,
        period_start,
        period_end,

        period_label,
        is_running,
        is_covered,
        coalesce(previous_total_sales = 0 and total_sales <> 0, false) as is_new,
        coalesce(last_year_total_sales = 0 and total_sales <> 0, false) as is_new_on_last_year,
        currency_code,

        total_sales,
        orders,
        previous_total_sales,
        previous_orders,
        {{ growth('total_sales', 'previous_total_sales') }} as total_sales_growth,
        {{ growth('orders', 'previous_orders') }} as orders_growth,
        last_year_total_sales,
        last_year_orders,
        {{ growth('total_sales', 'last_year_total_sales') }} as total_sales_growth_on_last_year,
        {{ growth('orders', 'last_year_orders') }} as orders_growth_on_last_year
    from summed

)

select * from final
