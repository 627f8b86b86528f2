-- What one of a line cost the shop when it was sold. Returns of a line take the same cost back, whenever they happen.
with sold as (

    select
        line_key,
        shop,
        max(variant_key) as variant_key,
        min(happened_at) as sold_at,
        min(sale_date) as sold_on
    from {{ ref('fct_sales') }}
    where line_key is not null and sales_class in ('gross', 'discount', 'reversal')
    group by line_key, shop

),

lines as (

    select * from {{ ref('stg_order_lines') }}

),

filled_in as (

    select
        shop,
        sku,
        unit_cost,
        from_date,
        lead(from_date) over (partition by shop, sku order by from_date) as to_date
    from {{ ref('stg_product_costs') }}

),

variants as (

    select * from {{ ref('stg_product_variants_observed') }}

),

observed as (

    select * from {{ ref('dim_variant_history') }}

),

-- One more span before the first look, in which nothing was seen yet.
spans as (

    select
        variant_key,
        valid_from,
        valid_to,
        unit_cost
    from observed
    union all
    select
        variant_key,
        cast('1900-01-01 00:00:00' as timestamp) as valid_from,
        min(valid_from) as valid_to,
        null as unit_cost
    from observed
    group by variant_key

),

-- Where a span has no cost, the earliest that was seen after it is carried back.
later as (

    select
        spans.variant_key,
        spans.valid_from,
        min(observed.valid_from) as seen_at
    from spans
    inner join observed
        on
            spans.variant_key = observed.variant_key
            and spans.valid_from < observed.valid_from
            and observed.unit_cost is not null
    where spans.unit_cost is null
    group by spans.variant_key, spans.valid_from

),

history as (

    select
        spans.variant_key,
        spans.valid_from,
        spans.valid_to,
        spans.unit_cost as observed_cost,
        observed.unit_cost as estimated_cost
    from spans
    left join later on spans.variant_key = later.variant_key and spans.valid_from = later.valid_from
    left join observed on later.variant_key = observed.variant_key and later.seen_at = observed.valid_from

),

-- A line whose variant was deleted still has its SKU; it says whose cost it was where it was only ever one variant's.
by_sku as (

    select
        shop,
        sku,
        min(variant_key) as variant_key
    from variants
    where sku is not null
    group by shop, sku
    having count(distinct variant_key) = 1

),

named as (

    select
        sold.line_key,
        sold.shop,
        {{ cell('lines.sku') }} as sku,
        coalesce(sold.variant_key, by_sku.variant_key) as variant_key,
        sold.sold_at,
        sold.sold_on
    from sold
    left join lines on sold.line_key = lines.line_key
    left join by_sku on sold.shop = by_sku.shop and lines.sku = by_sku.sku

),

found as (

    select
        named.line_key,
        named.shop,
        named.sku,
        named.variant_key,
        filled_in.unit_cost as filled_in_cost,
        history.observed_cost,
        history.estimated_cost,
        named.sold_at,
        named.sold_on
    from named
    left join filled_in
        on
            named.shop = filled_in.shop
            and named.sku = filled_in.sku
            and named.sold_on >= filled_in.from_date
            and (named.sold_on < filled_in.to_date or filled_in.to_date is null)
    left join history
        on
            named.variant_key = history.variant_key
            and named.sold_at >= history.valid_from
            and (named.sold_at < history.valid_to or history.valid_to is null)

),

final as (

    select
        line_key,
        shop,
        variant_key,

        sku,
        case
            when filled_in_cost is not null then 'filled in'
            when observed_cost is not null then 'observed'
            when estimated_cost is not null then 'carried back'
            else 'none'
        end as cost_source,
        case
            when coalesce(filled_in_cost, observed_cost) is not null then 'known'
            when estimated_cost is not null then 'estimated'
            else 'none'
        end as coverage,

        {{ money('coalesce(filled_in_cost, observed_cost, estimated_cost)') }} as unit_cost,

        sold_at,
        sold_on
    from found

)

select * from final
