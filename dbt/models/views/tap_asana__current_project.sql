-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    p.gid as project_gid,
    p.name,
    p.archived,
    p.completed,
    p.completed_at at time zone 'UTC' as completed_at,
    p.created_at at time zone 'UTC' as created_at,
    p.modified_at at time zone 'UTC' as modified_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    p.owner ->> 'gid' as owner_gid,
    owner.user_name as owner_name,
    p.team ->> 'gid' as team_gid,
    coalesce(team.name, p.team ->> 'name') as team_name,
    p.privacy_setting,
    p.workspace ->> 'gid' as workspace_gid,
    p.permalink_url
from {{ ref('stg_tap_asana__projects') }} as p
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = p.owner ->> 'gid'
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = p.team ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    p.gid as project_gid,
    p.name,
    p.archived,
    p.completed,
    p.completed_at as completed_at,
    p.created_at as created_at,
    p.modified_at as modified_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    p.owner.gid as owner_gid,
    owner.user_name as owner_name,
    p.team.gid as team_gid,
    coalesce(team.name, p.team.name) as team_name,
    p.privacy_setting,
    p.workspace.gid as workspace_gid,
    p.permalink_url
from {{ ref('stg_tap_asana__projects') }} as p
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = p.owner.gid
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = p.team.gid
{% elif target.type == 'duckdb' %}
select
    p.gid as project_gid,
    p.name,
    p.archived,
    p.completed,
    p.completed_at as completed_at,
    p.created_at as created_at,
    p.modified_at as modified_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    (p.owner ->> '$.gid') as owner_gid,
    owner.user_name as owner_name,
    (p.team ->> '$.gid') as team_gid,
    coalesce(team.name, (p.team ->> '$.name')) as team_name,
    p.privacy_setting,
    (p.workspace ->> '$.gid') as workspace_gid,
    p.permalink_url
from {{ ref('stg_tap_asana__projects') }} as p
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = (p.owner ->> '$.gid')
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = (p.team ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    p.gid as project_gid,
    p.name,
    p.archived,
    p.completed,
    p.completed_at as completed_at,
    p.created_at as created_at,
    p.modified_at as modified_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    cast(p.owner:gid as varchar) as owner_gid,
    owner.user_name as owner_name,
    cast(p.team:gid as varchar) as team_gid,
    coalesce(team.name, cast(p.team:name as varchar)) as team_name,
    p.privacy_setting,
    cast(p.workspace:gid as varchar) as workspace_gid,
    p.permalink_url
from {{ ref('stg_tap_asana__projects') }} as p
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = cast(p.owner:gid as varchar)
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = cast(p.team:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
