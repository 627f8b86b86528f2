{# Rows that miss any of these columns: one pass over the table instead of one a column. #}
{% test never_null(model, columns) %}

select *
from {{ model }}
where {% for column in columns %}{{ column }} is null{{ " or " if not loop.last }}{% endfor %}

{% endtest %}
