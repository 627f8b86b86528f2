{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail',
    pre_hook=["{{ forget_touched_orders() }}", "{{ keep_sides_of_joins() }}"],
    post_hook="{{ choose_sides_of_joins() }}"
) }}
{% set touched = touched_orders() %}
{% set order_numbers = ['order_number_of_customer', 'order_number_among_visible', 'is_first_order'] %}

with orders as (

    select * from {{ ref('stg_orders') }}
    where not is_test and {{ touched }}

),

addresses as (

    select * from {{ ref('int_order_addresses') }}
    where {{ touched }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

sales as (

    select
        order_key,
        {{ money('sum(gross_sales)') }} as gross_sales,
        {{ money('sum(discounts)') }} as discounts,
        {{ money('sum(sales_reversals)') }} as sales_reversals,
        {{ money('sum(net_sales)') }} as net_sales,
        {{ money('sum(taxes)') }} as taxes,
        {{ money('sum(total_sales)') }} as total_sales,
        {{ money('sum(placed_sales)') }} as placed_sales,
        {{ whole('sum(units)') }} as units
    from {{ ref('fct_sales') }}
    where {{ touched }}
    group by order_key

),

numbers as (

    select * from {{ ref('int_order_numbers') }}

),

final as (

    select
        orders.order_key,
        orders.shop,
        orders.order_id,
        orders.order_name,
        orders.customer_key,
        coalesce(addresses.location_key, 'unknown') as location_key,
        {{ channel_key('orders.shop', 'orders.source_name') }} as channel_key,

        orders.source_name,
        {% for column in visit_columns() -%}
        orders.{{ column }},
        {% endfor -%}
        orders.financial_status,
        orders.fulfillment_status,
        orders.cancel_reason,
        orders.customer_key is null as is_guest,
        orders.is_test,
        orders.is_cancelled,
        addresses.address_source,
        coalesce(orders.currency_code, shops.currency_code) as currency_code,
        orders.presentment_currency_code,

        numbers.order_number_of_customer,
        numbers.order_number_among_visible,
        numbers.is_first_order,
        orders.original_total,
        orders.current_total,
        orders.net_payment,
        orders.total_received,
        orders.total_refunded,
        orders.original_total_presentment,
        orders.current_total_presentment,
        coalesce(sales.gross_sales, 0) as gross_sales,
        coalesce(sales.discounts, 0) as discounts,
        coalesce(sales.sales_reversals, 0) as sales_reversals,
        coalesce(sales.net_sales, 0) as net_sales,
        coalesce(sales.taxes, 0) as taxes,
        coalesce(sales.total_sales, 0) as total_sales,
        coalesce(sales.placed_sales, 0) as placed_sales,
        coalesce(sales.units, 0) as units,

        orders.placed_at,
        orders.order_date,
        orders.updated_at,
        orders.cancelled_at,
        {{ greatest_of('orders.load_id', 'shops.frame_load_id') }} as load_id
    from orders
    left join addresses on orders.order_key = addresses.order_key
    left join shops on orders.shop = shops.shop
    left join sales on orders.order_key = sales.order_key
    left join numbers on orders.order_key = numbers.order_key

)

{% if is_increment() -%}
{%- set columns = adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list -%}
select {{ columns | join(', ') }} from final
union all
-- Other orders of the same customers are as they were, only their numbers may not be.
select
    {%- for column in columns %}
    {{ 'numbers' if column in order_numbers else 'built' }}.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ this }} as built
inner join numbers on built.order_key = numbers.order_key
where
    {%- for column in order_numbers %}
    {{ 'or ' if not loop.first }}built.{{ column }} is distinct from numbers.{{ column }}
    {%- endfor %}
{%- else -%}
select * from final
{%- endif %}
