{# Values of a key that more than one row has, or that a row lacks: unique and not null in one pass. #}
{% test primary_key(model, column_name) %}

select
    {{ column_name }},
    count(*) as copies
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null

{% endtest %}
