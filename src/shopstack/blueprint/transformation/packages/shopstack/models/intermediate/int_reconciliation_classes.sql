-- What could explain a difference: kinds of sales that ours and Shopify's report may have seen differently, summed
-- as differences are. Only a sum that equals a difference to the cent ever names it.
{{ config(materialized='view') }}

{% set metrics = compared_metrics() | map(attribute=0) | reject('equalto', 'shopify_orders') | list %}

with sales as (

    select * from {{ ref('fct_sales') }}

),

days as (

    select * from {{ ref('int_reconciliation_days') }}
    where day_state = 'comparable'

),

reported as (

    select * from {{ ref('int_reported_days') }}

),

pending_refunds as (

    select distinct order_key
    from {{ ref('stg_order_transactions') }}
    where kind = 'REFUND' and status in ('PENDING', 'AWAITING_RESPONSE')

),

placed_sales as (

    select
        sales.*,
        cast(sales.happened_at as date) as utc_date,
        coalesce(sales.loaded_at > reported.reported_at, false) as is_late,
        pending_refunds.order_key is not null as has_pending_refund
    from sales
    left join reported on sales.shop = reported.shop and sales.sale_date = reported.date_day
    left join pending_refunds on sales.order_key = pending_refunds.order_key

),

candidates as (

    {% for precedence, class, day, sign, condition in (
        (1, 'late event', 'sale_date', '', 'is_late'),
        (2, 'pending refund', 'sale_date', '', "sales_class = 'adjustment' and has_pending_refund"),
        (3, 'unclassified', 'sale_date', '', "sales_class = 'unclassified'"),
        (5, 'timezone', 'sale_date', '', 'sale_date <> utc_date'),
        (5, 'timezone', 'utc_date', '-', 'sale_date <> utc_date'),
    ) -%}
    select
        shop,
        {{ day }} as date_day,
        '{{ class }}' as class,
        {{ precedence }} as precedence,
        {% for metric in metrics -%}
        {{ sign }}{{ metric }} as {{ metric }},
        {% endfor -%}
        sale_id
    from placed_sales
    where {{ condition }}
    union all
    {% endfor %}
    -- What the report may still count, and we do not any more.
    select
        shop,
        sale_date as date_day,
        'deleted order' as class,
        4 as precedence,
        {% for metric in metrics -%}
        -{{ metric }} as {{ metric }},
        {% endfor -%}
        sale_id
    from {{ ref('int_deleted_sales') }}

),

summed as (

    select
        days.shop,
        days.grain,
        days.period,
        days.source,
        candidates.class,
        candidates.precedence,
        {% for metric in metrics -%}
        {{ money('sum(candidates.' ~ metric ~ ')') }} as {{ metric }},
        {% endfor -%}
        count(*) as sales,
        {{ dbt.listagg('candidates.sale_id', "', '", 'order by candidates.sale_id', 20) }} as named_sales
    from candidates
    inner join days on candidates.shop = days.shop and candidates.date_day = days.date_day
    group by days.shop, days.grain, days.period, days.source, candidates.class, candidates.precedence

),

final as (

    {% for metric in metrics -%}
    select
        shop,
        grain,
        period,
        source,
        '{{ metric }}' as metric,
        class,
        precedence,
        {{ metric }} as amount,
        sales,
        named_sales
    from summed
    where {{ metric }} <> 0
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
