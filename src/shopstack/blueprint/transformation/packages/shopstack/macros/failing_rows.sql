{# Says which rows a failed test objects to, the first of them: a test that fails without naming a row sends its reader
   searching. The engine reads these lines too (`transformation/results.py`). #}
{% macro name_failing_rows(results) -%}
    {%- if execute and flags.WHICH in ("build", "test") -%}
        {%- for result in results if result.node.resource_type == "test" and result.status in ("fail", "warn") -%}
            {%- set failing = run_query(
                "select * from (\n" ~ result.node.compiled_code ~ "\n) as failing limit 5"
            ) -%}
            {%- set named = [] -%}
            {%- for row in failing.rows -%}
                {%- if "problem" in failing.column_names and "row_key" in failing.column_names -%}
                    {%- do named.append(row["problem"] ~ " (" ~ row["row_key"] ~ ")") -%}
                {%- else -%}
                    {%- set values = [] -%}
                    {%- for name in failing.column_names -%}
                        {%- do values.append(name ~ " " ~ row[name]) -%}
                    {%- endfor -%}
                    {%- do named.append(values | join(", ")) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do log("failing rows of " ~ result.node.name ~ ": " ~ tojson(named), info=true) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# What names a row in words: the values of these columns. #}
{% macro named_row(columns) -%}
    {%- for column in columns -%}
    coalesce(cast({{ column }} as {{ dbt.type_string() }}), 'null'){{ " || ', ' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
