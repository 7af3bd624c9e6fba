{# The columns together identify a row. #}
{% test tap_asana_unique_key(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{# Each gid in the column is in one of the tables `to`, in the column of `fields` at the same place. #}
{% test tap_asana_refers_to(model, column_name, to, fields) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} is not null
{% for table in to %}
    and {{ column_name }} not in (select {{ fields[loop.index0] }} from {{ table }} where {{ fields[loop.index0] }} is not null)
{% endfor %}
{% endtest %}
