{# Where an order came in, by the name that Shopify gives its source. #}
{% macro channel_key(shop, source_name) -%}
    {{ shop }} || '|' || coalesce({{ source_name }}, 'unknown')
{%- endmacro %}
