{# Rows for which a statement about the row is not true; a statement that cannot be decided is not true. #}
{% test holds(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
