-- From the first day to today there is a row for every day: as many rows as days between the ends.
with extents as (

    select
        daily_sales.shop,
        count(*) as days,
        min(daily_sales.date_day) as first_day,
        max(daily_sales.date_day) as last_day,
        max(dim_shops.today) as today
    from {{ ref('daily_sales') }} as daily_sales
    left join {{ ref('dim_shops') }} as dim_shops on daily_sales.shop = dim_shops.shop
    group by daily_sales.shop

)

select *
from extents
where
    days <> {{ dbt.datediff('first_day', 'last_day', 'day') }} + 1
    or last_day < today
