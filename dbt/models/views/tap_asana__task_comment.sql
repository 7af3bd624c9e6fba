-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at at time zone 'UTC' as created_at,
    s.created_by ->> 'gid' as created_by_gid,
    coalesce(author.user_name, s.created_by ->> 'name') as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as author on author.user_gid = s.created_by ->> 'gid'
where s.type = 'comment' and s.task_gid is not null
{% elif target.type == 'bigquery' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as created_at,
    s.created_by.gid as created_by_gid,
    coalesce(author.user_name, s.created_by.name) as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as author on author.user_gid = s.created_by.gid
where s.type = 'comment' and s.task_gid is not null
{% elif target.type == 'duckdb' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as created_at,
    (s.created_by ->> '$.gid') as created_by_gid,
    coalesce(author.user_name, (s.created_by ->> '$.name')) as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as author on author.user_gid = (s.created_by ->> '$.gid')
where s.type = 'comment' and s.task_gid is not null
{% elif target.type == 'snowflake' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as created_at,
    cast(s.created_by:gid as varchar) as created_by_gid,
    coalesce(author.user_name, cast(s.created_by:name as varchar)) as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as author on author.user_gid = cast(s.created_by:gid as varchar)
where s.type = 'comment' and s.task_gid is not null
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
