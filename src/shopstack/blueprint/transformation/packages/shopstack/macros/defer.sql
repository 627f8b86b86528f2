{# `dbt build --defer --state ../data/dbt/target` reads what is not built here from prod: on DuckDB, prod is a
   file that has to be attached first. Without --defer nothing is attached, so that nobody's reading stops a run. #}
{% macro attach_prod() -%}
    {%- if execute and invocation_args_dict.get("defer") and target.type == "duckdb" and target.name != "prod" -%}
        {%- set folder = env_var("SHOPSTACK_WAREHOUSE", "../data/warehouse") -%}
        attach if not exists '{{ folder }}/prod.duckdb' as prod (read_only)
    {%- endif -%}
{%- endmacro %}
