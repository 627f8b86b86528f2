{{ config(severity = 'warn') }}
-- What the merchant filled in names a shop, an order and a SKU that there are: a cost that nothing takes up is shown,
-- not dropped.
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

),

skus as (

    select
        shop,
        {{ cell('sku') }} as sku
    from {{ ref('fct_order_lines') }}
    union
    select
        shop,
        {{ cell('sku') }} as sku
    from {{ ref('dim_variants') }}

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
union all
select distinct
    'product_costs.csv names a SKU that no variant has, and that was never sold' as problem,
    filled_in.sku as row_key
from {{ ref('stg_product_costs') }} as filled_in
left join skus
    on
        filled_in.shop = skus.shop
        and filled_in.sku = skus.sku
where filled_in.sku is not null and skus.sku is null
