{# One rule for the name of a place, shared with the gazetteer: "Saint-Jérôme" and "St. Jerome" are one city. #}

{% macro normalise_place(name) -%}
    {%- set cleaned -%}
    trim({{ replace_pattern(replace_pattern(strip_accents("lower(" ~ name ~ ")"), "[.''’]", ""), "[-,/[:space:]]+", " ") }})
    {%- endset -%}
    {{ replace_pattern(replace_pattern(replace_pattern(cleaned, "^saint ", "st "), "^fort ", "ft "), "^mount ", "mt ") }}
{%- endmacro %}

{% macro replace_pattern(text, pattern, replacement) -%}
    {{ return(adapter.dispatch("replace_pattern", "shopstack")(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro snowflake__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{% macro strip_accents(text) -%}
    {{ return(adapter.dispatch("strip_accents", "shopstack")(text)) }}
{%- endmacro %}

{% macro default__strip_accents(text) -%}
    strip_accents({{ text }})
{%- endmacro %}

{% macro snowflake__strip_accents(text) -%}
    translate(
        {{ text }},
        'áàâäãåāăąçćčďðéèêëēęěğíìîïīıłñńňóòôöõøōőřśšşťúùûüūůűýÿźżž',
        'aaaaaaaaacccddeeeeeeegiiiiiilnnnoooooooorssstuuuuuuuyyzzz'
    )
{%- endmacro %}
