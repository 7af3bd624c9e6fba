-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select t.gid as task_gid, tag.item ->> 'gid' as tag_gid, coalesce(known.name, tag.item ->> 'name') as tag_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join jsonb_array_elements(nullif(to_jsonb(t.tags), 'null')) as tag (item)
left join {{ ref('base_tap_asana__tags') }} as known on known.gid = tag.item ->> 'gid'
{% elif target.type == 'bigquery' %}
select t.gid as task_gid, tag.gid as tag_gid, coalesce(known.name, tag.name) as tag_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.tags) as tag
left join {{ ref('base_tap_asana__tags') }} as known on known.gid = tag.gid
{% elif target.type == 'duckdb' %}
select t.gid as task_gid, (tag.item ->> '$.gid') as tag_gid, coalesce(known.name, (tag.item ->> '$.name')) as tag_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.tags as json[])) as tag (item)
left join {{ ref('base_tap_asana__tags') }} as known on known.gid = (tag.item ->> '$.gid')
{% elif target.type == 'snowflake' %}
select t.gid as task_gid, cast(tag.value:gid as varchar) as tag_gid, coalesce(known.name, cast(tag.value:name as varchar)) as tag_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.tags) as tag
left join {{ ref('base_tap_asana__tags') }} as known on known.gid = cast(tag.value:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
