{# Times: stored in UTC without a zone mark; a day is a day in the shop's own timezone, daylight saving included. #}

{% macro shop_time(utc_time, timezone) -%}
    {{ return(adapter.dispatch("shop_time", "shopstack")(utc_time, timezone)) }}
{%- endmacro %}

{% macro default__shop_time(utc_time, timezone) -%}
    (({{ utc_time }} at time zone 'UTC') at time zone {{ timezone }})
{%- endmacro %}

{% macro snowflake__shop_time(utc_time, timezone) -%}
    convert_timezone('UTC', {{ timezone }}, {{ utc_time }})
{%- endmacro %}

{% macro shop_date(utc_time, timezone) -%}
    cast({{ shop_time(utc_time, timezone) }} as date)
{%- endmacro %}

{% macro utc_now() -%}
    {{ return(adapter.dispatch("utc_now", "shopstack")()) }}
{%- endmacro %}

{% macro default__utc_now() -%}
    (current_timestamp at time zone 'UTC')
{%- endmacro %}

{% macro snowflake__utc_now() -%}
    cast(convert_timezone('UTC', current_timestamp()) as timestamp_ntz)
{%- endmacro %}

{# The day that counts as today for a shop: the variable where it is given, else the shop's own current day. #}
{% macro shop_today(timezone) -%}
    {%- if var("today", "") -%} cast('{{ var("today") }}' as date)
    {%- else -%} {{ shop_date(utc_now(), timezone) }}
    {%- endif -%}
{%- endmacro %}

{# The first day of a shop of which not all has happened and been read: days from it on are open, whatever the calendar says.
   `shops` names the relation of dim_shops. #}
{% macro open_since(shops="shops") -%}
    {{ least_of(shops ~ ".today", shops ~ ".first_open_day") }}
{%- endmacro %}

{# When an order was placed. Imported orders carry their own processedAt; which of the two Shopify's reports
   count an imported order by is not documented, so that the choice stands here alone. #}
{% macro order_placed_at(processed_at, created_at) -%}
    coalesce({{ processed_at }}, {{ created_at }})
{%- endmacro %}

{% macro month_of(day) -%}
    cast({{ dbt.date_trunc("month", day) }} as date)
{%- endmacro %}

{# Every month of each shop, from its first to the one that is running: months in which nothing happened have a row too.
   `happened` names the relation of shop and month_start; whoever calls this has `shops` (dim_shops) and `dates`
   (dim_dates) before it. #}
{% macro every_month(happened) -%}
    select distinct
        extents.shop,
        dates.month_start
    from (
        select
            shop,
            min(month_start) as first_month,
            max(month_start) as last_month
        from {{ happened }}
        group by shop
    ) as extents
    inner join shops on extents.shop = shops.shop
    inner join dates
        on dates.month_start between extents.first_month and {{ greatest_of("shops.today", "extents.last_month") }}
    union
    select
        shop,
        month_start
    from {{ happened }}
{%- endmacro %}
