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

{# The greater and the lesser of two; where one of them is not known, the other. #}
{% macro greatest_of(first, second) -%}
    {{ return(adapter.dispatch("greatest_of", "shopstack")(first, second)) }}
{%- endmacro %}

{% macro default__greatest_of(first, second) -%}
    greatest({{ first }}, {{ second }})
{%- endmacro %}

{# Snowflake's own greatest() of anything and null is null. #}
{% macro snowflake__greatest_of(first, second) -%}
    greatest_ignore_nulls({{ first }}, {{ second }})
{%- endmacro %}

{% macro least_of(first, second) -%}
    {{ return(adapter.dispatch("least_of", "shopstack")(first, second)) }}
{%- endmacro %}

{% macro default__least_of(first, second) -%}
    least({{ first }}, {{ second }})
{%- endmacro %}

{% macro snowflake__least_of(first, second) -%}
    least_ignore_nulls({{ first }}, {{ second }})
{%- endmacro %}
