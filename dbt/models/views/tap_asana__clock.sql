-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select present.now_at, cast(present.now_at at time zone 'UTC' as date) as today
from (select current_timestamp as now_at) as present
{% elif target.type == 'bigquery' %}
select present.now_at, date(present.now_at) as today
from (select current_timestamp() as now_at) as present
{% elif target.type == 'duckdb' %}
select present.now_at, cast(present.now_at as date) as today
from (select current_timestamp at time zone 'UTC' as now_at) as present
{% elif target.type == 'snowflake' %}
select present.now_at, cast(present.now_at as date) as today
from (select sysdate() as now_at) as present
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
