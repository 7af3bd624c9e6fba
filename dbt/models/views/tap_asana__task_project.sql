-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    t.gid as task_gid,
    project.item ->> 'gid' as project_gid,
    coalesce(known.name, project.item ->> 'name') as project_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join jsonb_array_elements(nullif(to_jsonb(t.projects), 'null')) as project (item)
left join {{ ref('base_tap_asana__projects') }} as known on known.gid = project.item ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    t.gid as task_gid,
    project.gid as project_gid,
    coalesce(known.name, project.name) as project_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.projects) as project
left join {{ ref('base_tap_asana__projects') }} as known on known.gid = project.gid
{% elif target.type == 'duckdb' %}
select
    t.gid as task_gid,
    (project.item ->> '$.gid') as project_gid,
    coalesce(known.name, (project.item ->> '$.name')) as project_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.projects as json[])) as project (item)
left join {{ ref('base_tap_asana__projects') }} as known on known.gid = (project.item ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    t.gid as task_gid,
    cast(project.value:gid as varchar) as project_gid,
    coalesce(known.name, cast(project.value:name as varchar)) as project_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.projects) as project
left join {{ ref('base_tap_asana__projects') }} as known on known.gid = cast(project.value:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
