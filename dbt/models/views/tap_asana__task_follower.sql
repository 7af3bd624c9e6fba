-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select t.gid as task_gid, follower.item ->> 'gid' as user_gid, coalesce(known.user_name, follower.item ->> 'name') as user_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join jsonb_array_elements(nullif(to_jsonb(t.followers), 'null')) as follower (item)
left join {{ ref('tap_asana__person') }} as known on known.user_gid = follower.item ->> 'gid'
{% elif target.type == 'bigquery' %}
select t.gid as task_gid, follower.gid as user_gid, coalesce(known.user_name, follower.name) as user_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.followers) as follower
left join {{ ref('tap_asana__person') }} as known on known.user_gid = follower.gid
{% elif target.type == 'duckdb' %}
select t.gid as task_gid, (follower.item ->> '$.gid') as user_gid, coalesce(known.user_name, (follower.item ->> '$.name')) as user_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.followers as json[])) as follower (item)
left join {{ ref('tap_asana__person') }} as known on known.user_gid = (follower.item ->> '$.gid')
{% elif target.type == 'snowflake' %}
select t.gid as task_gid, cast(follower.value:gid as varchar) as user_gid, coalesce(known.user_name, cast(follower.value:name as varchar)) as user_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.followers) as follower
left join {{ ref('tap_asana__person') }} as known on known.user_gid = cast(follower.value:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
