{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with tax_lines as (

    select * from {{ ref('int_tax_lines') }}
    where {{ touched }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where {{ touched }}

),

addresses as (

    select * from {{ ref('int_order_addresses') }}
    where {{ touched }}

),

shares as (

    select
        tax_line_key,
        {{ money('sum(case when is_back then 0 else taxable end)') }} as taxable,
        {{ money('sum(case when is_back then tax else 0 end)') }} as refunded_tax
    from {{ ref('int_sale_taxes') }}
    where tax_line_key is not null and {{ touched }}
    group by tax_line_key

),

-- What was sold or given back of a line without it being known which of its taxes that was.
undecided as (

    select
        taxed_key,
        max(case when is_back then 0 else 1 end) as is_sold_undecided,
        max(case when is_back then 1 else 0 end) as is_back_undecided
    from {{ ref('int_sale_taxes') }}
    where tax_line_key is null and taxed_key is not null and {{ touched }}
    group by taxed_key

),

final as (

    select
        tax_lines.tax_line_key,
        tax_lines.shop,
        tax_lines.order_key,
        tax_lines.line_key,
        tax_lines.shipping_line_key,
        orders.location_key,

        tax_lines.taxed,
        tax_lines.title,
        tax_lines.calculated_by,
        tax_lines.is_channel_liable,
        nullif(addresses.country_code, '') as country_code,
        nullif(addresses.province_code, '') as province_code,
        orders.currency_code,
        orders.presentment_currency_code,

        tax_lines.rate,
        case when coalesce(undecided.is_sold_undecided, 0) = 0 then shares.taxable end as taxable,
        tax_lines.tax,
        case
            when tax_lines.taxed_key is not null and coalesce(undecided.is_back_undecided, 0) = 0
                then coalesce(shares.refunded_tax, 0)
        end as refunded_tax,
        tax_lines.tax_presentment,

        orders.placed_at,
        orders.order_date,
        orders.load_id
    from tax_lines
    inner join orders on tax_lines.order_key = orders.order_key
    left join addresses on tax_lines.order_key = addresses.order_key
    left join shares on tax_lines.tax_line_key = shares.tax_line_key
    left join undecided on tax_lines.taxed_key = undecided.taxed_key

)

select * from final
