-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    m.workspace ->> 'gid' as workspace_gid,
    m.workspace ->> 'name' as workspace_name,
    m.user ->> 'gid' as user_gid,
    coalesce(known.user_name, m.user ->> 'name') as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    m.created_at at time zone 'UTC' as created_at
from {{ ref('stg_tap_asana__workspace_memberships') }} as m
left join {{ ref('tap_asana__person') }} as known on known.user_gid = m.user ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    m.workspace.gid as workspace_gid,
    m.workspace.name as workspace_name,
    m.user.gid as user_gid,
    coalesce(known.user_name, m.user.name) as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    m.created_at as created_at
from {{ ref('stg_tap_asana__workspace_memberships') }} as m
left join {{ ref('tap_asana__person') }} as known on known.user_gid = m.user.gid
{% elif target.type == 'duckdb' %}
select
    (m.workspace ->> '$.gid') as workspace_gid,
    (m.workspace ->> '$.name') as workspace_name,
    (m.user ->> '$.gid') as user_gid,
    coalesce(known.user_name, (m.user ->> '$.name')) as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    m.created_at as created_at
from {{ ref('stg_tap_asana__workspace_memberships') }} as m
left join {{ ref('tap_asana__person') }} as known on known.user_gid = (m.user ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    cast(m.workspace:gid as varchar) as workspace_gid,
    cast(m.workspace:name as varchar) as workspace_name,
    cast(m.user:gid as varchar) as user_gid,
    coalesce(known.user_name, cast(m.user:name as varchar)) as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    m.created_at as created_at
from {{ ref('stg_tap_asana__workspace_memberships') }} as m
left join {{ ref('tap_asana__person') }} as known on known.user_gid = cast(m.user:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
