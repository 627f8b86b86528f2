{{ config(severity = 'warn') }}
-- What the merchant filled in names a shop and an order that there are: a cost that nothing takes up is shown, not
-- dropped.
{% set seeds = [
    ('product_costs', 'sku'),
    ('ad_spend', 'channel'),
    ('shipping_costs', 'order_name'),
    ('fixed_costs', 'name'),
] %}

with shops as (

    {{ names_of_shops() }}

),

orders as (

    select * from {{ ref('fct_orders') }}

)

{% for seed, named_by in seeds -%}
select
    '{{ seed }}.csv names a shop that was not read' as problem,
    coalesce({{ cell('filled_in.shop') }}, '') || ', ' || coalesce({{ cell('filled_in.' ~ named_by) }}, '') as row_key
from {{ merchants_seed(seed) }} as filled_in
left join shops on coalesce({{ cell('filled_in.shop') }}, '') = shops.name
where shops.shop is null
union all
{% endfor -%}
select
    'shipping_costs.csv names an order that there is not' as problem,
    filled_in.order_number as row_key
from {{ ref('stg_shipping_costs') }} as filled_in
left join orders
    on
        filled_in.shop = orders.shop
        and filled_in.order_number = {{ dbt.replace('orders.order_name', "'#'", "''") }}
where filled_in.order_number is not null and orders.order_key is null
