-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select t.gid as task_gid, project.item ->> 'gid' as project_gid, project.item ->> 'name' as project_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.projects) as project (item)
{% elif target.type == 'bigquery' %}
select t.gid as task_gid, project.gid as project_gid, project.name as project_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.projects) as project
{% elif target.type == 'duckdb' %}
select t.gid as task_gid, (project.item ->> '$.gid') as project_gid, (project.item ->> '$.name') as project_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.projects as json[])) as project (item)
{% elif target.type == 'snowflake' %}
select t.gid as task_gid, cast(project.value:gid as varchar) as project_gid, cast(project.value:name as varchar) as project_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.projects) as project
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
