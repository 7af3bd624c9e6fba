-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    known.user_gid,
    coalesce(max(known.present_name), max(known.former_name)) as user_name,
    max(known.email) as email,
    coalesce(max(known.is_active), 1) = 1 as is_member
from (
    select u.gid as user_gid, u.name as present_name, null as former_name, u.email, null as is_active
    from {{ ref('stg_tap_asana__users') }} as u
    union all
    select m.user ->> 'gid', null, m.user ->> 'name', null, case when m.is_active then 1 else 0 end
    from {{ ref('stg_tap_asana__workspace_memberships') }} as m
) as known
group by known.user_gid
{% elif target.type == 'bigquery' %}
select
    known.user_gid,
    coalesce(max(known.present_name), max(known.former_name)) as user_name,
    max(known.email) as email,
    coalesce(max(known.is_active), 1) = 1 as is_member
from (
    select u.gid as user_gid, u.name as present_name, null as former_name, u.email, null as is_active
    from {{ ref('stg_tap_asana__users') }} as u
    union all
    select m.user.gid, null, m.user.name, null, case when m.is_active then 1 else 0 end
    from {{ ref('stg_tap_asana__workspace_memberships') }} as m
) as known
group by known.user_gid
{% elif target.type == 'duckdb' %}
select
    known.user_gid,
    coalesce(max(known.present_name), max(known.former_name)) as user_name,
    max(known.email) as email,
    coalesce(max(known.is_active), 1) = 1 as is_member
from (
    select u.gid as user_gid, u.name as present_name, null as former_name, u.email, null as is_active
    from {{ ref('stg_tap_asana__users') }} as u
    union all
    select (m.user ->> '$.gid'), null, (m.user ->> '$.name'), null, case when m.is_active then 1 else 0 end
    from {{ ref('stg_tap_asana__workspace_memberships') }} as m
) as known
group by known.user_gid
{% elif target.type == 'snowflake' %}
select
    known.user_gid,
    coalesce(max(known.present_name), max(known.former_name)) as user_name,
    max(known.email) as email,
    coalesce(max(known.is_active), 1) = 1 as is_member
from (
    select u.gid as user_gid, u.name as present_name, null as former_name, u.email, null as is_active
    from {{ ref('stg_tap_asana__users') }} as u
    union all
    select cast(m.user:gid as varchar), null, cast(m.user:name as varchar), null, case when m.is_active then 1 else 0 end
    from {{ ref('stg_tap_asana__workspace_memberships') }} as m
) as known
group by known.user_gid
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
