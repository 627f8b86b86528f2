-- Whose tax the tax of each sale is. The ledger knows how much, the tax lines know to whom: where they decide it to
-- the cent, the sale has a row for each tax; where they do not, one row without a tax line. Together they are the
-- ledger's tax.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
) }}
{% set touched = touched_orders() %}

with sales as (

    select
        sale_key,
        shop,
        order_key,
        sale_date,
        currency_code,
        case when line_key is not null then 'line|' || line_key else 'shipping|' || shipping_line_key end as taxed_key,
        total_sales < 0 as is_back,
        {{ money('total_sales - taxes') }} as taxable,
        taxes,
        load_id
    from {{ ref('fct_sales') }}
    where is_in_scope and {{ touched }}

),

tax_lines as (

    select * from {{ ref('int_tax_lines') }}
    where {{ touched }}

),

decided as (

    select
        sales.*,
        tax_lines.tax_line_key,
        tax_lines.title,
        tax_lines.is_channel_liable,
        tax_lines.rate,
        {{ attributed('sales.taxes', 'tax_lines.tax', 'tax_lines.tax_of_taxed', 'tax_lines.taxes_of_taxed') }} as tax
    from sales
    inner join tax_lines on sales.taxed_key = tax_lines.taxed_key

),

known as (

    select distinct sale_key from decided
    where tax is not null

),

undecided as (

    select
        sales.*,
        cast(null as {{ dbt.type_string() }}) as tax_line_key,
        cast(null as {{ dbt.type_string() }}) as title,
        cast(null as {{ dbt.type_boolean() }}) as is_channel_liable,
        {{ share('null') }} as rate,
        sales.taxes as tax
    from sales
    left join known on sales.sale_key = known.sale_key
    where known.sale_key is null and sales.taxes <> 0

),

final as (

    select * from decided
    where tax is not null
    union all
    select * from undecided

)

select
    sale_key,
    shop,
    order_key,
    taxed_key,
    tax_line_key,

    title,
    is_channel_liable,
    is_back,
    currency_code,

    rate,
    taxable,
    {{ money('tax') }} as tax,

    sale_date,
    load_id
from final
