{# The tables that the merchant fills in: his project has them, this package reads them (decision 0023). Where the package
   is looked at by itself, without a project, there are none. #}
{% macro merchants_seed(name) -%}
    {%- if project_name == "shopstack" -%} {{ target.schema }}.{{ name }}
    {%- else -%} {{ ref(name) }}
    {%- endif -%}
{%- endmacro %}

{# What a shop may be called there: its address, the one that it is read under, or the first part of it. Nothing at all is the
   shop that was read last; `shopstack` itself writes the address wherever nothing stands. #}
{% macro names_of_shops() -%}
    select
        shop,
        shop as name
    from {{ source("shopstack", "shops") }}
    union
    select
        shop,
        address as name
    from {{ source("shopstack", "shops") }}
    union
    select
        shop,
        {{ dbt.split_part("shop", "'.'", 1) }} as name
    from {{ source("shopstack", "shops") }}
    union
    select
        max(shop) as shop,
        '' as name
    from {{ source("shopstack", "shops") }}
    where read_at = (select max(last_read.read_at) from {{ source("shopstack", "shops") }} as last_read)
{%- endmacro %}

{# A cell as text, without blanks around it; empty is null. #}
{% macro cell(column) -%}
    nullif(trim(cast({{ column }} as {{ dbt.type_string() }})), '')
{%- endmacro %}
