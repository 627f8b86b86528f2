{# An applied discount has no id that leads to the discount it comes from: it is known by how it was given and by its
   code or title. Codes are one code in capitals and in small letters. #}

{% macro discount_method(type) -%}
    case
        when {{ type }} like 'DiscountCode%' then 'code'
        when {{ type }} like 'Automatic%' or {{ type }} like 'DiscountAutomatic%' then 'automatic'
        when {{ type }} like 'Script%' then 'script'
        else 'manual'
    end
{%- endmacro %}

{% macro discount_key(shop, method, name) -%}
    {{ shop }} || '|' || {{ method }} || '|' || upper(trim({{ name }}))
{%- endmacro %}
