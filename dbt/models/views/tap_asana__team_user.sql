-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    m.team ->> 'gid' as team_gid,
    m.team ->> 'name' as team_name,
    m.user ->> 'gid' as user_gid,
    m.user ->> 'name' as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{ ref('stg_tap_asana__team_memberships') }} as m
{% elif target.type == 'bigquery' %}
select
    m.team.gid as team_gid,
    m.team.name as team_name,
    m.user.gid as user_gid,
    m.user.name as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{ ref('stg_tap_asana__team_memberships') }} as m
{% elif target.type == 'duckdb' %}
select
    (m.team ->> '$.gid') as team_gid,
    (m.team ->> '$.name') as team_name,
    (m.user ->> '$.gid') as user_gid,
    (m.user ->> '$.name') as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{ ref('stg_tap_asana__team_memberships') }} as m
{% elif target.type == 'snowflake' %}
select
    cast(m.team:gid as varchar) as team_gid,
    cast(m.team:name as varchar) as team_name,
    cast(m.user:gid as varchar) as user_gid,
    cast(m.user:name as varchar) as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{ ref('stg_tap_asana__team_memberships') }} as m
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
