{# The number of an order among its customer's, from Shopify's position of it. Whether that counts from 0 or from 1 is
   not documented: a shop in which any order stands at 0 counts from 0. #}
{% macro order_number(position, lowest_position) -%}
    ({{ position }} + case when {{ lowest_position }} = 0 then 1 else 0 end)
{%- endmacro %}
