with days as (

    select * from {{ ref('int_reconciliation_days') }}

),

ours as (

    select * from {{ ref('daily_sales') }}

),

theirs as (

    select * from {{ ref('int_reported_days') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

classes as (

    select * from {{ ref('int_reconciliation_classes') }}

),

-- A metric that Shopify's report leaves empty on every day is one that it does not have for this shop. An exported file
-- has a figure for each of its days, or does not have the metric.
metrics as (

    {% for metric, theirs in compared_metrics() -%}
    select
        days.shop,
        days.grain,
        days.period,
        days.date_day,
        days.source,
        days.day_state,
        days.reason,
        days.hint,
        {{ loop.index }} as metric_order,
        '{{ metric }}' as metric,
        {{ money('coalesce(ours.' ~ metric ~ ', 0)') }} as ours,
        case
            when days.day_state = 'comparable' then coalesce(theirs.{{ metric }}, 0) else theirs.{{ metric }}
        end as theirs,
        case
            when theirs.is_exported then theirs.{{ metric }} is not null
            else max(theirs.{{ metric }}) over (partition by days.shop, days.source) is not null
        end as is_reported
    from days
    left join ours on days.shop = ours.shop and days.date_day = ours.date_day
    left join theirs on days.shop = theirs.shop and days.date_day = theirs.date_day
    {{ "union all" if not loop.last }}
    {% endfor %}

),

periods as (

    select
        shop,
        grain,
        period,
        source,
        day_state,
        metric_order,
        metric,
        is_reported,
        max(reason) as reason,
        max(hint) as hint,
        min(date_day) as period_start,
        max(date_day) as period_end,
        {{ money('sum(ours)') }} as ours,
        {{ money('sum(theirs)') }} as theirs
    from metrics
    group by shop, grain, period, source, day_state, metric_order, metric, is_reported

),

stated as (

    select
        *,
        case
            when day_state <> 'comparable' then day_state
            when not is_reported then 'not checked'
            when ours = theirs then 'agrees'
            else 'differs'
        end as state
    from periods

),

-- A class is given only where the sales that it names add up to the difference, to the cent.
named as (

    select
        stated.shop,
        stated.grain,
        stated.period,
        stated.source,
        stated.metric,
        classes.class,
        classes.sales,
        classes.named_sales,
        row_number() over (
            partition by stated.shop, stated.grain, stated.period, stated.source, stated.metric
            order by classes.precedence
        ) as place_in_line
    from stated
    inner join classes
        on
            stated.shop = classes.shop
            and stated.grain = classes.grain
            and stated.period = classes.period
            and stated.source = classes.source
            and stated.metric = classes.metric
            and stated.ours - stated.theirs = classes.amount
    where stated.state = 'differs'

),

final as (

    select
        stated.shop,
        stated.grain,
        stated.metric,

        stated.state,
        case when stated.state = 'differs' then coalesce(named.class, 'unexplained') else '' end as class,
        named.named_sales,
        case when stated.state in ('agrees', 'differs') then stated.source else '' end as source,
        case
            when stated.state = 'not checked' and stated.day_state = 'comparable'
                then 'This figure does not stand in the report (' || stated.source || ').'
            else stated.reason
        end as reason,
        stated.hint,
        shops.currency_code,
        stated.metric_order,

        stated.ours,
        case when stated.state in ('agrees', 'differs', 'open') then stated.theirs end as theirs,
        case
            when stated.state in ('agrees', 'differs') then {{ money('stated.ours - stated.theirs') }}
        end as difference,

        coalesce(named.sales, 0) as sales_named,

        stated.period_start,
        stated.period_end
    from stated
    left join shops on stated.shop = shops.shop
    left join named
        on
            stated.shop = named.shop
            and stated.grain = named.grain
            and stated.period = named.period
            and stated.source = named.source
            and stated.metric = named.metric
            and stated.state = 'differs'
            and named.place_in_line = 1

)

select * from final
