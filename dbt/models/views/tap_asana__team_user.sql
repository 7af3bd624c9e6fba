-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    m.team ->> 'gid' as team_gid,
    coalesce(team.name, m.team ->> 'name') as team_name,
    m.user ->> 'gid' as user_gid,
    coalesce(known.user_name, m.user ->> 'name') as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{ ref('stg_tap_asana__team_memberships') }} as m
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = m.team ->> 'gid'
left join {{ ref('tap_asana__person') }} as known on known.user_gid = m.user ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    m.team.gid as team_gid,
    coalesce(team.name, m.team.name) as team_name,
    m.user.gid as user_gid,
    coalesce(known.user_name, m.user.name) as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{ ref('stg_tap_asana__team_memberships') }} as m
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = m.team.gid
left join {{ ref('tap_asana__person') }} as known on known.user_gid = m.user.gid
{% elif target.type == 'duckdb' %}
select
    (m.team ->> '$.gid') as team_gid,
    coalesce(team.name, (m.team ->> '$.name')) as team_name,
    (m.user ->> '$.gid') as user_gid,
    coalesce(known.user_name, (m.user ->> '$.name')) as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{ ref('stg_tap_asana__team_memberships') }} as m
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = (m.team ->> '$.gid')
left join {{ ref('tap_asana__person') }} as known on known.user_gid = (m.user ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    cast(m.team:gid as varchar) as team_gid,
    coalesce(team.name, cast(m.team:name as varchar)) as team_name,
    cast(m.user:gid as varchar) as user_gid,
    coalesce(known.user_name, cast(m.user:name as varchar)) as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{ ref('stg_tap_asana__team_memberships') }} as m
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = cast(m.team:gid as varchar)
left join {{ ref('tap_asana__person') }} as known on known.user_gid = cast(m.user:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
