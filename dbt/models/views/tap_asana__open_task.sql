-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    t.task_gid,
    t.name,
    t.assignee_gid,
    t.assignee_name,
    t.created_at,
    t.start_on,
    t.due_on,
    t.due_at,
    coalesce(t.due_at < clock.now_at, t.due_on < clock.today, false) as is_overdue,
    clock.today - t.due_on as days_past_due,
    greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)) as last_change_at,
    extract(epoch from clock.now_at - greatest(t.modified_at, coalesce(told.newest_at, t.modified_at))) / 3600 / 24 as idle_days
from {{ ref('tap_asana__current_task') }} as t
cross join {{ ref('tap_asana__clock') }} as clock
left join (
    select s.task_gid, max(s.created_at at time zone 'UTC') as newest_at
    from {{ ref('stg_tap_asana__stories') }} as s
    group by s.task_gid
) as told on told.task_gid = t.task_gid
where not t.completed
{% elif target.type == 'bigquery' %}
select
    t.task_gid,
    t.name,
    t.assignee_gid,
    t.assignee_name,
    t.created_at,
    t.start_on,
    t.due_on,
    t.due_at,
    coalesce(t.due_at < clock.now_at, t.due_on < clock.today, false) as is_overdue,
    date_diff(clock.today, t.due_on, day) as days_past_due,
    greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)) as last_change_at,
    timestamp_diff(clock.now_at, greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)), millisecond) / 3600000 / 24 as idle_days
from {{ ref('tap_asana__current_task') }} as t
cross join {{ ref('tap_asana__clock') }} as clock
left join (
    select s.task_gid, max(s.created_at) as newest_at
    from {{ ref('stg_tap_asana__stories') }} as s
    group by s.task_gid
) as told on told.task_gid = t.task_gid
where not t.completed
{% elif target.type == 'duckdb' %}
select
    t.task_gid,
    t.name,
    t.assignee_gid,
    t.assignee_name,
    t.created_at,
    t.start_on,
    t.due_on,
    t.due_at,
    coalesce(t.due_at < clock.now_at, t.due_on < clock.today, false) as is_overdue,
    clock.today - t.due_on as days_past_due,
    greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)) as last_change_at,
    date_diff('millisecond', greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)), clock.now_at) / 3600000.0 / 24 as idle_days
from {{ ref('tap_asana__current_task') }} as t
cross join {{ ref('tap_asana__clock') }} as clock
left join (
    select s.task_gid, max(s.created_at) as newest_at
    from {{ ref('stg_tap_asana__stories') }} as s
    group by s.task_gid
) as told on told.task_gid = t.task_gid
where not t.completed
{% elif target.type == 'snowflake' %}
select
    t.task_gid,
    t.name,
    t.assignee_gid,
    t.assignee_name,
    t.created_at,
    t.start_on,
    t.due_on,
    t.due_at,
    coalesce(t.due_at < clock.now_at, t.due_on < clock.today, false) as is_overdue,
    datediff('day', t.due_on, clock.today) as days_past_due,
    greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)) as last_change_at,
    datediff('millisecond', greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)), clock.now_at) / 3600000 / 24 as idle_days
from {{ ref('tap_asana__current_task') }} as t
cross join {{ ref('tap_asana__clock') }} as clock
left join (
    select s.task_gid, max(s.created_at) as newest_at
    from {{ ref('stg_tap_asana__stories') }} as s
    group by s.task_gid
) as told on told.task_gid = t.task_gid
where not t.completed
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
