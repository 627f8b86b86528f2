-- Taxes of lines and of shipping lines in one list, each with what all taxes of the same line come to.
{{ config(materialized='view') }}

with together as (

    select
        tax_line_key,
        shop,
        order_key,
        line_key,
        cast(null as {{ dbt.type_string() }}) as shipping_line_key,
        'line|' || line_key as taxed_key,
        'line' as taxed,
        title,
        calculated_by,
        is_channel_liable,
        rate,
        tax,
        tax_presentment,
        load_id
    from {{ ref('stg_order_line_taxes') }}
    union all
    select
        tax_line_key,
        shop,
        order_key,
        cast(null as {{ dbt.type_string() }}) as line_key,
        shipping_line_key,
        'shipping|' || shipping_line_key as taxed_key,
        'shipping' as taxed,
        title,
        calculated_by,
        is_channel_liable,
        rate,
        tax,
        tax_presentment,
        load_id
    from {{ ref('stg_order_shipping_taxes') }}

),

-- A line has one shop and one load: with them among the parts, a condition on them reaches the tables.
final as (

    select
        *,
        {{ money('sum(tax) over (partition by shop, load_id, taxed_key)') }} as tax_of_taxed,
        count(case when tax <> 0 then 1 end) over (partition by shop, load_id, taxed_key) as taxes_of_taxed
    from together

)

select * from final
