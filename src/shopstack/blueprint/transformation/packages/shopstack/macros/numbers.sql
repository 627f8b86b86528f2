{# Sums grow wider types than they need (and some databases turn those into floats when they leave it). #}

{% macro money(amount) -%}
    cast({{ amount }} as decimal(20, 4))
{%- endmacro %}

{% macro whole(number) -%}
    cast({{ number }} as bigint)
{%- endmacro %}

{# A part of a whole, as 0.25; null where there is no whole. Its counts always stand beside it. #}
{% macro rate(part, whole) -%}
    cast(({{ part }}) * 1.0 / nullif({{ whole }}, 0) as decimal(20, 8))
{%- endmacro %}

{# What came on top of an earlier figure, as 0.25 of it; null where that figure was nothing or less. #}
{% macro growth(figure, earlier) -%}
    case when {{ earlier }} > 0 then {{ rate(figure ~ " - " ~ earlier, earlier) }} end
{%- endmacro %}

{# A rate that Shopify gives as a floating number, as an exact one. #}
{% macro share(number) -%}
    cast({{ number }} as decimal(20, 8))
{%- endmacro %}
