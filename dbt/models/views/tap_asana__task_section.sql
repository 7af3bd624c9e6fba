-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    t.gid as task_gid,
    place.item -> 'project' ->> 'gid' as project_gid,
    place.item -> 'section' ->> 'gid' as section_gid,
    coalesce(known.name, place.item -> 'section' ->> 'name') as section_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join jsonb_array_elements(nullif(to_jsonb(t.memberships), 'null')) as place (item)
left join {{ ref('base_tap_asana__sections') }} as known on known.gid = place.item -> 'section' ->> 'gid'
where place.item -> 'section' ->> 'gid' is not null
{% elif target.type == 'bigquery' %}
select
    t.gid as task_gid,
    place.project.gid as project_gid,
    place.section.gid as section_gid,
    coalesce(known.name, place.section.name) as section_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.memberships) as place
left join {{ ref('base_tap_asana__sections') }} as known on known.gid = place.section.gid
where place.section.gid is not null
{% elif target.type == 'duckdb' %}
select
    t.gid as task_gid,
    (place.item ->> '$.project.gid') as project_gid,
    (place.item ->> '$.section.gid') as section_gid,
    coalesce(known.name, (place.item ->> '$.section.name')) as section_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.memberships as json[])) as place (item)
left join {{ ref('base_tap_asana__sections') }} as known on known.gid = (place.item ->> '$.section.gid')
where (place.item ->> '$.section.gid') is not null
{% elif target.type == 'snowflake' %}
select
    t.gid as task_gid,
    cast(place.value:project.gid as varchar) as project_gid,
    cast(place.value:section.gid as varchar) as section_gid,
    coalesce(known.name, cast(place.value:section.name as varchar)) as section_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.memberships) as place
left join {{ ref('base_tap_asana__sections') }} as known on known.gid = cast(place.value:section.gid as varchar)
where cast(place.value:section.gid as varchar) is not null
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
