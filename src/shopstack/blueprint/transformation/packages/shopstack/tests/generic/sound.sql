{# Everything that must be true of a model's rows, in one test: dbt's own cost is per test, not per row.
   What fails is a row (problem, row_key), so that an error can name it.

   key         a column or a list of them: unique together, and never null
   named_by    what names a row where there is no key, a column or a list of them
   never_null  columns
   unique      further lists of columns, each unique together
   accepted    for a column, its values; null passes
   belongs_to  for a column, the model that has a column of the same name with each of its values, or a list of the
               model and the column's name there; null passes. Of models that are built after this one: in a second
               `sound`, so that the rest is tested before them.
   holds       for a name, a statement about the row; one that cannot be decided is not true #}
{% test sound(model, key=none, named_by=none, never_null=[], unique=[], accepted={}, belongs_to={}, holds={}) %}
{%- set keys = [] if key is none else [key] if key is string else key -%}
{%- set shown = [named_by] if named_by is string else named_by or keys or (unique[0] if unique else []) -%}
{%- set wrong = [] -%}
{%- for column in keys + never_null -%}
    {%- do wrong.append((column ~ " is null", column ~ " is null")) -%}
{%- endfor -%}
{%- for column, values in accepted.items() -%}
    {%- do wrong.append((column ~ " not in ('" ~ values | join("', '") ~ "')", column ~ " is none of those listed")) -%}
{%- endfor -%}
{%- for name, statement in holds.items() -%}
    {%- do wrong.append(("not coalesce(" ~ statement ~ ", false)", "not true: " ~ name)) -%}
{%- endfor -%}
{%- set checks = [] -%}
{%- if wrong -%}
    {%- set judged -%}
select
    problem,
    row_key
from (
    select
        {{ shopstack.named_row(shown) }} as row_key,
        case
            {%- for condition, problem in wrong %}
            when {{ condition }} then '{{ problem }}'
            {%- endfor %}
        end as problem
    from {{ model }}
) as judged
where problem is not null
    {%- endset -%}
    {%- do checks.append(judged) -%}
{%- endif -%}
{%- for columns in ([keys] if keys else []) + unique -%}
    {%- set copies -%}
select
    '{{ columns | join(", ") }}: more than one row' as problem,
    {{ shopstack.named_row(columns) }} as row_key
from {{ model }}
group by {{ columns | join(", ") }}
having count(*) > 1
    {%- endset -%}
    {%- do checks.append(copies) -%}
{%- endfor -%}
{%- for column, where_to in belongs_to.items() -%}
    {%- set parent = where_to if where_to is mapping else where_to[0] -%}
    {%- set orphans -%}
select
    '{{ column }} is not in {{ parent.identifier }}' as problem,
    {{ shopstack.named_row([column]) }} as row_key
from {{ model }} as child
where
    {{ column }} is not null
    and not exists (
        select 1 from {{ parent }} as parent
        where parent.{{ column if where_to is mapping else where_to[1] }} = child.{{ column }}
    )
    {%- endset -%}
    {%- do checks.append(orphans) -%}
{%- endfor -%}
{{ checks | join("\nunion all\n") }}
{% endtest %}
