{# On Snowflake dbt makes schemas and tables, but no database: `dbt run-operation make_own_database` makes the one that the
   target names, once. On DuckDB it is a file, which is there as soon as something is built. #}
{% macro make_own_database() -%}
    {%- if execute and target.type == "snowflake" -%}
        {%- do run_query("create transient database if not exists " ~ target.database) -%}
        {{ print("Database " ~ target.database ~ " is there. Next: dbt build --select …") }}
    {%- endif -%}
{%- endmacro %}
