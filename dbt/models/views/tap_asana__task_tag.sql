-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select t.gid as task_gid, tag.item ->> 'gid' as tag_gid, tag.item ->> 'name' as tag_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.tags) as tag (item)
{% elif target.type == 'bigquery' %}
select t.gid as task_gid, tag.gid as tag_gid, tag.name as tag_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.tags) as tag
{% elif target.type == 'duckdb' %}
select t.gid as task_gid, (tag.item ->> '$.gid') as tag_gid, (tag.item ->> '$.name') as tag_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.tags as json[])) as tag (item)
{% elif target.type == 'snowflake' %}
select t.gid as task_gid, cast(tag.value:gid as varchar) as tag_gid, cast(tag.value:name as varchar) as tag_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.tags) as tag
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
