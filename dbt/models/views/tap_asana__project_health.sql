-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    p.project_gid,
    p.name,
    p.team_gid,
    p.team_name,
    p.owner_gid,
    p.owner_name,
    p.archived,
    latest.status_type,
    latest.color,
    latest.title,
    latest.created_at as reported_at,
    coalesce(work.open_tasks, 0) as open_tasks,
    coalesce(work.overdue_tasks, 0) as overdue_tasks,
    coalesce(work.completed_tasks, 0) as completed_tasks
from {{ ref('tap_asana__current_project') }} as p
left join {{ ref('tap_asana__status_update') }} as latest on latest.parent_gid = p.project_gid and latest.is_newest
left join (
    select
        place.project_gid,
        sum(case when t.completed then 0 else 1 end) as open_tasks,
        sum(case when o.is_overdue then 1 else 0 end) as overdue_tasks,
        sum(case when t.completed then 1 else 0 end) as completed_tasks
    from {{ ref('tap_asana__task_project') }} as place
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = place.task_gid
    left join {{ ref('tap_asana__open_task') }} as o on o.task_gid = place.task_gid
    group by place.project_gid
) as work on work.project_gid = p.project_gid
{% elif target.type == 'bigquery' %}
select
    p.project_gid,
    p.name,
    p.team_gid,
    p.team_name,
    p.owner_gid,
    p.owner_name,
    p.archived,
    latest.status_type,
    latest.color,
    latest.title,
    latest.created_at as reported_at,
    coalesce(work.open_tasks, 0) as open_tasks,
    coalesce(work.overdue_tasks, 0) as overdue_tasks,
    coalesce(work.completed_tasks, 0) as completed_tasks
from {{ ref('tap_asana__current_project') }} as p
left join {{ ref('tap_asana__status_update') }} as latest on latest.parent_gid = p.project_gid and latest.is_newest
left join (
    select
        place.project_gid,
        sum(case when t.completed then 0 else 1 end) as open_tasks,
        sum(case when o.is_overdue then 1 else 0 end) as overdue_tasks,
        sum(case when t.completed then 1 else 0 end) as completed_tasks
    from {{ ref('tap_asana__task_project') }} as place
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = place.task_gid
    left join {{ ref('tap_asana__open_task') }} as o on o.task_gid = place.task_gid
    group by place.project_gid
) as work on work.project_gid = p.project_gid
{% elif target.type == 'duckdb' %}
select
    p.project_gid,
    p.name,
    p.team_gid,
    p.team_name,
    p.owner_gid,
    p.owner_name,
    p.archived,
    latest.status_type,
    latest.color,
    latest.title,
    latest.created_at as reported_at,
    coalesce(work.open_tasks, 0) as open_tasks,
    coalesce(work.overdue_tasks, 0) as overdue_tasks,
    coalesce(work.completed_tasks, 0) as completed_tasks
from {{ ref('tap_asana__current_project') }} as p
left join {{ ref('tap_asana__status_update') }} as latest on latest.parent_gid = p.project_gid and latest.is_newest
left join (
    select
        place.project_gid,
        sum(case when t.completed then 0 else 1 end) as open_tasks,
        sum(case when o.is_overdue then 1 else 0 end) as overdue_tasks,
        sum(case when t.completed then 1 else 0 end) as completed_tasks
    from {{ ref('tap_asana__task_project') }} as place
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = place.task_gid
    left join {{ ref('tap_asana__open_task') }} as o on o.task_gid = place.task_gid
    group by place.project_gid
) as work on work.project_gid = p.project_gid
{% elif target.type == 'snowflake' %}
select
    p.project_gid,
    p.name,
    p.team_gid,
    p.team_name,
    p.owner_gid,
    p.owner_name,
    p.archived,
    latest.status_type,
    latest.color,
    latest.title,
    latest.created_at as reported_at,
    coalesce(work.open_tasks, 0) as open_tasks,
    coalesce(work.overdue_tasks, 0) as overdue_tasks,
    coalesce(work.completed_tasks, 0) as completed_tasks
from {{ ref('tap_asana__current_project') }} as p
left join {{ ref('tap_asana__status_update') }} as latest on latest.parent_gid = p.project_gid and latest.is_newest
left join (
    select
        place.project_gid,
        sum(case when t.completed then 0 else 1 end) as open_tasks,
        sum(case when o.is_overdue then 1 else 0 end) as overdue_tasks,
        sum(case when t.completed then 1 else 0 end) as completed_tasks
    from {{ ref('tap_asana__task_project') }} as place
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = place.task_gid
    left join {{ ref('tap_asana__open_task') }} as o on o.task_gid = place.task_gid
    group by place.project_gid
) as work on work.project_gid = p.project_gid
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
