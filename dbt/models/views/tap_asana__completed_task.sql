-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    t.task_gid,
    t.name,
    team.team_gid,
    team.team_name,
    t.assignee_gid,
    t.assignee_name,
    t.completed_by_gid,
    t.created_at,
    t.completed_at,
    cast(date_trunc('week', t.completed_at at time zone 'UTC') as date) as completed_week,
    extract(epoch from t.completed_at - t.created_at) / 3600 / 24 as cycle_days
from {{ ref('tap_asana__current_task') }} as t
left join {{ ref('tap_asana__task_team') }} as team on team.task_gid = t.task_gid
where t.completed
{% elif target.type == 'bigquery' %}
select
    t.task_gid,
    t.name,
    team.team_gid,
    team.team_name,
    t.assignee_gid,
    t.assignee_name,
    t.completed_by_gid,
    t.created_at,
    t.completed_at,
    date_trunc(date(t.completed_at), isoweek) as completed_week,
    timestamp_diff(t.completed_at, t.created_at, millisecond) / 3600000 / 24 as cycle_days
from {{ ref('tap_asana__current_task') }} as t
left join {{ ref('tap_asana__task_team') }} as team on team.task_gid = t.task_gid
where t.completed
{% elif target.type == 'duckdb' %}
select
    t.task_gid,
    t.name,
    team.team_gid,
    team.team_name,
    t.assignee_gid,
    t.assignee_name,
    t.completed_by_gid,
    t.created_at,
    t.completed_at,
    cast(date_trunc('week', t.completed_at) as date) as completed_week,
    date_diff('millisecond', t.created_at, t.completed_at) / 3600000.0 / 24 as cycle_days
from {{ ref('tap_asana__current_task') }} as t
left join {{ ref('tap_asana__task_team') }} as team on team.task_gid = t.task_gid
where t.completed
{% elif target.type == 'snowflake' %}
select
    t.task_gid,
    t.name,
    team.team_gid,
    team.team_name,
    t.assignee_gid,
    t.assignee_name,
    t.completed_by_gid,
    t.created_at,
    t.completed_at,
    cast(date_trunc('week', t.completed_at) as date) as completed_week,
    datediff('millisecond', t.created_at, t.completed_at) / 3600000 / 24 as cycle_days
from {{ ref('tap_asana__current_task') }} as t
left join {{ ref('tap_asana__task_team') }} as team on team.task_gid = t.task_gid
where t.completed
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
