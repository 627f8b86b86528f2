{# A shop that was never read from end to end has parts of its history in the raw tables: no figure is made of parts,
   and none that another shop of the same project shows waits for them. #}
{% macro is_whole_shop(shop="_shop") -%}
    {{ shop }} in (select whole.shop from {{ source('shopstack', 'shops') }} as whole)
{%- endmacro %}
