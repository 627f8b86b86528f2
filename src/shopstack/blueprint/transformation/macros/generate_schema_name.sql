{# A model's schema is exactly the one its folder names (serving, reporting): databases tell prod from dev, not prefixes. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
