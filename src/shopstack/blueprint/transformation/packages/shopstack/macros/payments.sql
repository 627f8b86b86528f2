{# Money that really moved: settled sales and captures come in, settled refunds go out. An authorisation moves nothing,
   so that a payment that was authorised and captured counts once. #}
{% macro settled_amount(kind, status, amount) -%}
    case
        when {{ status }} = 'SUCCESS' and {{ kind }} in ('SALE', 'CAPTURE') then {{ amount }}
        when {{ status }} = 'SUCCESS' and {{ kind }} = 'REFUND' then -{{ amount }}
        else 0
    end
{%- endmacro %}

{# What is paid by a gift card was money when the card was sold. #}
{% macro is_gift_card(gateway) -%}
    (coalesce({{ gateway }}, '') = 'gift_card')
{%- endmacro %}
