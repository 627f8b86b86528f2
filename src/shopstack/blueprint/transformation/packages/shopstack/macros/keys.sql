{# Keys: the shop's address and the numeric tail of Shopify's id, so that two shops never meet in one row. #}

{% macro gid_tail(gid) -%}
    {#- gid://shopify/MailingAddress/1?model_name=Address has the tail 1. An inventory level is told by its query string alone:
        key it by its item and its location -#}
    {{ dbt.split_part(dbt.split_part(gid, "'?'", 1), "'/'", 5) }}
{%- endmacro %}

{% macro shop_key(gid, shop="_shop") -%}
    {{ shop }} || '|' || {{ gid_tail(gid) }}
{%- endmacro %}
