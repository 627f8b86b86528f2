{# What one tax (or discount) has of a sale's amount. `part` is what Shopify says it has of the line, `whole` the sum of
   the parts of that line, `parts` how many of them are not zero. Null where it cannot be told to the cent: an amount is
   given to the only part there is, or split as Shopify split exactly this amount, and never spread by a rule of ours. #}
{% macro attributed(amount, part, whole, parts) -%}
    case
        when {{ amount }} = 0 then 0
        when {{ parts }} = 1 and {{ part }} = 0 then 0
        when {{ parts }} = 1 then {{ amount }}
        when {{ amount }} = {{ whole }} then {{ part }}
        when {{ amount }} = -{{ whole }} then -{{ part }}
    end
{%- endmacro %}

{# Whether `attributed` tells each part of an amount that is not 0: it does for all parts of a line, or for none. #}
{% macro is_attributed(amount, whole, parts) -%}
    ({{ parts }} = 1 or {{ amount }} = {{ whole }} or {{ amount }} = -{{ whole }})
{%- endmacro %}
