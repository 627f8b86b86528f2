-- No start or end is asked of the database while this is compiled: the series is numbered, then dated.
{% set monday = "cast('2001-01-01' as date)" %}
{% set start_month = var('fiscal_year_start_month', 1) | int %}
{% set week_shift = 1 if var('week_start', 'sunday') == 'sunday' else 0 %}

with first_days as (

    select min(order_date) as day from {{ ref('stg_orders') }}
    union all
    select min(sale_date) as day from {{ ref('fct_sales') }}
    union all
    select min(today) as day from {{ ref('dim_shops') }}
    union all
    select min(observed_on) as day from {{ ref('stg_inventory_levels_observed') }}

),

bounds as (

    select
        (select min(day) from first_days) as first_day,
        (select {{ dbt.dateadd('year', 1, 'max(today)') }} from {{ ref('dim_shops') }}) as last_day

),

numbers as (

    -- Two centuries of days: what was imported may bear the first date that a spreadsheet knows, in 1900.
    {{ dbt.generate_series(73050) }}

),

days as (

    select
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'bounds.first_day') }} as date) as date_day,
        bounds.last_day
    from numbers
    cross join bounds

),

parts as (

    select
        date_day,
        cast(extract(year from date_day) as integer) as year_number,
        cast(extract(quarter from date_day) as integer) as quarter_number,
        cast(extract(month from date_day) as integer) as month_number,
        cast(extract(day from date_day) as integer) as day_of_month,
        -- 0 is Monday: counted from one, so that no database's own first day of a week has a say.
        mod(mod({{ dbt.datediff(monday, 'date_day', 'day') }}, 7) + 7, 7) as days_after_monday
    from days
    where date_day <= last_day

),

placed as (

    select
        *,
        mod(days_after_monday + {{ week_shift }}, 7) as days_into_week,
        mod(month_number - {{ start_month }} + 12, 12) as months_into_fiscal_year,
        {% if start_month > 1 -%}
        case when month_number >= {{ start_month }} then year_number + 1 else year_number end as fiscal_year
        {%- else -%}
        year_number as fiscal_year
        {%- endif %}
    from parts

),

final as (

    select
        date_day,

        year_number as year,
        quarter_number as quarter,
        month_number as month,
        day_of_month,
        days_into_week + 1 as day_of_week,
        days_after_monday >= 5 as is_weekend,
        fiscal_year,
        cast(floor(months_into_fiscal_year / 3.0) as integer) + 1 as fiscal_quarter,
        months_into_fiscal_year + 1 as fiscal_month,

        substring('MonTueWedThuFriSatSun', days_after_monday * 3 + 1, 3) as day_label,
        substring('JanFebMarAprMayJunJulAugSepOctNovDec', month_number * 3 - 2, 3)
        || ' '
        || cast(year_number as {{ dbt.type_string() }}) as month_label,
        'Q'
        || cast(quarter_number as {{ dbt.type_string() }})
        || ' '
        || cast(year_number as {{ dbt.type_string() }}) as quarter_label,
        'FY' || cast(fiscal_year as {{ dbt.type_string() }}) as fiscal_year_label,

        cast({{ dbt.dateadd('day', '-days_into_week', 'date_day') }} as date) as week_start,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start,
        cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start,
        cast({{ dbt.date_trunc('year', 'date_day') }} as date) as year_start,
        cast(
            {{ dbt.dateadd('month', '-months_into_fiscal_year', dbt.date_trunc('month', 'date_day')) }}
            as date
        ) as fiscal_year_start
    from placed

)

select * from final
