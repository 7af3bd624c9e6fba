-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select t.gid as task_gid, dependency.item ->> 'gid' as depends_on_task_gid
from {{ ref('stg_tap_asana__tasks') }} as t
cross join jsonb_array_elements(nullif(to_jsonb(t.dependencies), 'null')) as dependency (item)
{% elif target.type == 'bigquery' %}
select t.gid as task_gid, dependency.gid as depends_on_task_gid
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.dependencies) as dependency
{% elif target.type == 'duckdb' %}
select t.gid as task_gid, (dependency.item ->> '$.gid') as depends_on_task_gid
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.dependencies as json[])) as dependency (item)
{% elif target.type == 'snowflake' %}
select t.gid as task_gid, cast(dependency.value:gid as varchar) as depends_on_task_gid
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.dependencies) as dependency
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
