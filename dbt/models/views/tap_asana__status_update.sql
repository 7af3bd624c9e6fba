-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    s.gid as status_update_gid,
    s.parent ->> 'gid' as parent_gid,
    s.parent ->> 'resource_type' as parent_type,
    s.title,
    s.text,
    s.status_type,
    case
        when s.status_type in ('on_track', 'complete', 'achieved') then 'green'
        when s.status_type in ('at_risk', 'partial') then 'yellow'
        when s.status_type in ('off_track', 'missed') then 'red'
        when s.status_type = 'on_hold' then 'blue'
        when s.status_type = 'dropped' then 'gray'
    end as color,
    s.author ->> 'gid' as author_gid,
    coalesce(author.user_name, s.author ->> 'name') as author_name,
    s.created_at at time zone 'UTC' as created_at,
    row_number() over (partition by s.parent ->> 'gid' order by s.created_at desc, s.gid desc) = 1 as is_newest
from {{ ref('stg_tap_asana__status_updates') }} as s
left join {{ ref('tap_asana__person') }} as author on author.user_gid = s.author ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    s.gid as status_update_gid,
    s.parent.gid as parent_gid,
    s.parent.resource_type as parent_type,
    s.title,
    s.text,
    s.status_type,
    case
        when s.status_type in ('on_track', 'complete', 'achieved') then 'green'
        when s.status_type in ('at_risk', 'partial') then 'yellow'
        when s.status_type in ('off_track', 'missed') then 'red'
        when s.status_type = 'on_hold' then 'blue'
        when s.status_type = 'dropped' then 'gray'
    end as color,
    s.author.gid as author_gid,
    coalesce(author.user_name, s.author.name) as author_name,
    s.created_at as created_at,
    row_number() over (partition by s.parent.gid order by s.created_at desc, s.gid desc) = 1 as is_newest
from {{ ref('stg_tap_asana__status_updates') }} as s
left join {{ ref('tap_asana__person') }} as author on author.user_gid = s.author.gid
{% elif target.type == 'duckdb' %}
select
    s.gid as status_update_gid,
    (s.parent ->> '$.gid') as parent_gid,
    (s.parent ->> '$.resource_type') as parent_type,
    s.title,
    s.text,
    s.status_type,
    case
        when s.status_type in ('on_track', 'complete', 'achieved') then 'green'
        when s.status_type in ('at_risk', 'partial') then 'yellow'
        when s.status_type in ('off_track', 'missed') then 'red'
        when s.status_type = 'on_hold' then 'blue'
        when s.status_type = 'dropped' then 'gray'
    end as color,
    (s.author ->> '$.gid') as author_gid,
    coalesce(author.user_name, (s.author ->> '$.name')) as author_name,
    s.created_at as created_at,
    row_number() over (partition by (s.parent ->> '$.gid') order by s.created_at desc, s.gid desc) = 1 as is_newest
from {{ ref('stg_tap_asana__status_updates') }} as s
left join {{ ref('tap_asana__person') }} as author on author.user_gid = (s.author ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    s.gid as status_update_gid,
    cast(s.parent:gid as varchar) as parent_gid,
    cast(s.parent:resource_type as varchar) as parent_type,
    s.title,
    s.text,
    s.status_type,
    case
        when s.status_type in ('on_track', 'complete', 'achieved') then 'green'
        when s.status_type in ('at_risk', 'partial') then 'yellow'
        when s.status_type in ('off_track', 'missed') then 'red'
        when s.status_type = 'on_hold' then 'blue'
        when s.status_type = 'dropped' then 'gray'
    end as color,
    cast(s.author:gid as varchar) as author_gid,
    coalesce(author.user_name, cast(s.author:name as varchar)) as author_name,
    s.created_at as created_at,
    row_number() over (partition by cast(s.parent:gid as varchar) order by s.created_at desc, s.gid desc) = 1 as is_newest
from {{ ref('stg_tap_asana__status_updates') }} as s
left join {{ ref('tap_asana__person') }} as author on author.user_gid = cast(s.author:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
