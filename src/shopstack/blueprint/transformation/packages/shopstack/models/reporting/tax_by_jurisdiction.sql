with taxes as (

    select * from {{ ref('int_sale_taxes') }}

),

addresses as (

    select * from {{ ref('int_order_addresses') }}

),

placed as (

    select
        taxes.shop,
        cast({{ dbt.date_trunc('month', 'taxes.sale_date') }} as date) as month_start,
        nullif(addresses.country_code, '') as country_code,
        nullif(addresses.province_code, '') as province_code,
        case when taxes.tax_line_key is null then 'not attributed' else taxes.title end as title,
        taxes.is_channel_liable,
        taxes.currency_code,
        taxes.rate,
        taxes.is_back,
        taxes.taxable,
        taxes.tax
    from taxes
    left join addresses on taxes.order_key = addresses.order_key

),

final as (

    select
        shop,
        month_start,

        country_code,
        province_code,
        title,
        is_channel_liable,
        max(currency_code) as currency_code,

        rate,
        {{ money('sum(case when is_back then 0 else taxable end)') }} as taxable,
        {{ money('sum(case when is_back then 0 else tax end)') }} as tax,
        {{ money('sum(case when is_back then taxable else 0 end)') }} as refunded_taxable,
        {{ money('sum(case when is_back then tax else 0 end)') }} as refunded_tax,
        {{ money('sum(tax)') }} as net_tax
    from placed
    group by shop, month_start, country_code, province_code, title, is_channel_liable, rate

)

select * from final
