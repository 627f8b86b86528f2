-- Every mart is another cut of the same ledger: whatever it is cut by, the whole stays the whole.
{% set of_ledger = ['net_sales', 'total_sales', 'placed_sales', 'discounts', 'sales_reversals', 'taxes', 'units'] %}
{% set usual = ['net_sales', 'total_sales', 'units', 'orders'] %}
{% set marts = [
    ('daily_sales', usual + ['placed_sales']),
    ('sales_by_geo', usual),
    ('sales_by_source', usual),
    ('product_performance', ['net_sales', 'units']),
    ('customer_cohorts', ['net_sales', 'orders']),
    ('monthly_returning_customers', ['orders']),
    ('discount_performance', ['discounts']),
    ('refunds_and_returns', ['sales_reversals']),
    ('tax_by_jurisdiction', ['taxes']),
] %}
{% set named_otherwise = {'tax_by_jurisdiction': {'taxes': 'net_tax'}} %}
{% set kinds = ['month', 'quarter', 'year', 'fiscal_quarter', 'fiscal_year'] %}

with wholes as (

    {% for metric in of_ledger -%}
    select
        shop,
        '{{ metric }}' as metric,
        sum({{ metric }}) as amount
    from {{ ref('fct_sales') }}
    group by shop
    union all
    {% endfor -%}
    select
        shop,
        'orders' as metric,
        count(*) as amount
    from {{ ref('fct_orders') }}
    group by shop

),

cuts as (

    {% for mart, metrics in marts -%}
    {% for metric in metrics -%}
    select
        shop,
        '{{ mart }}' as cut,
        '{{ metric }}' as metric,
        sum({{ named_otherwise.get(mart, {}).get(metric, metric) }}) as amount
    from {{ ref(mart) }}
    group by shop
    union all
    {% endfor -%}
    {% endfor -%}
    -- Months, quarters and years, fiscal ones too: each kind is the whole once.
    {% for metric in ('total_sales', 'orders') -%}
    select
        shop,
        'quarter_and_year_growth, ' || period_kind as cut,
        '{{ metric }}' as metric,
        sum({{ metric }}) as amount
    from {{ ref('quarter_and_year_growth') }}
    group by shop, period_kind
    {{ "union all" if not loop.last }}
    {% endfor %}

),

expected as (

    {% for mart, metrics in marts -%}
    {% for metric in metrics -%}
    select
        '{{ mart }}' as cut,
        '{{ metric }}' as metric
    union all
    {% endfor -%}
    {% endfor -%}
    {% for kind in kinds -%}
    select
        'quarter_and_year_growth, {{ kind }}' as cut,
        'total_sales' as metric
    union all
    select
        'quarter_and_year_growth, {{ kind }}' as cut,
        'orders' as metric
    {{ "union all" if not loop.last }}
    {% endfor %}

)

-- Of the ledger to the cuts, so that a mart without any row of a shop is noticed too.
select
    wholes.shop,
    expected.cut,
    wholes.metric,
    wholes.amount,
    cuts.amount as amount_of_cut
from wholes
inner join expected on wholes.metric = expected.metric
left join cuts
    on wholes.shop = cuts.shop and expected.cut = cuts.cut and wholes.metric = cuts.metric
where wholes.amount <> coalesce(cuts.amount, 0)
