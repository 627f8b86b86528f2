{# Before and after a model of wide rows that has narrow ones joined to it: DuckDB keeps the right side of each join in
   memory, as it is written. By itself it takes the side that it believes to have fewer rows; of a filtered view it believes
   so wrongly, and keeps all columns of all orders: three times the memory, and more than there may be. #}
{% macro keep_sides_of_joins() -%}
    {{ return(adapter.dispatch("keep_sides_of_joins", "shopstack")()) }}
{%- endmacro %}

{% macro default__keep_sides_of_joins() -%}{%- endmacro %}

{% macro duckdb__keep_sides_of_joins() -%}
    set disabled_optimizers = 'build_side_probe_side'
{%- endmacro %}

{% macro choose_sides_of_joins() -%}
    {{ return(adapter.dispatch("choose_sides_of_joins", "shopstack")()) }}
{%- endmacro %}

{% macro default__choose_sides_of_joins() -%}{%- endmacro %}

{% macro duckdb__choose_sides_of_joins() -%}
    set disabled_optimizers = ''
{%- endmacro %}
