-- Day by day, not only in all: a day that is missing or shifted cannot hide behind its neighbour.
with ledger as (

    select
        shop,
        sale_date as date_day,
        sum(total_sales) as total_sales
    from {{ ref('fct_sales') }}
    group by shop, sale_date

)

select
    ledger.shop,
    ledger.date_day,
    ledger.total_sales,
    daily_sales.total_sales as total_sales_of_mart
from ledger
left join {{ ref('daily_sales') }} as daily_sales
    on ledger.shop = daily_sales.shop and ledger.date_day = daily_sales.date_day
where daily_sales.total_sales is null or ledger.total_sales <> daily_sales.total_sales
