{# Sums grow wider types than they need (and some databases turn those into floats when they leave it). #}

{% macro money(amount) -%}
    cast({{ amount }} as decimal(20, 4))
{%- endmacro %}

{% macro whole(number) -%}
    cast({{ number }} as bigint)
{%- endmacro %}
