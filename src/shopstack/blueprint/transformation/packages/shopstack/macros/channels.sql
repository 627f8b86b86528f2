{# Where an order came in, by the name that Shopify gives its source. #}
{% macro channel_key(shop, source_name) -%}
    {{ shop }} || '|' || coalesce({{ source_name }}, 'unknown')
{%- endmacro %}

{# What is kept of the first and of the last visit before an order, each as first_visit_… and last_visit_…. #}
{% macro visit_columns() -%}
    {%- set found = [] -%}
    {%- for visit in ("first_visit", "last_visit") -%}
        {%- for part in (
            "source",
            "source_type",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "utm_term",
            "utm_content",
            "landing_page",
        ) -%}
            {%- do found.append(visit ~ "_" ~ part) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
