-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    turn.task_gid,
    t.name,
    turn.story_gid,
    case when turn.previous_event = 'marked_complete' then turn.previous_at end as completed_at,
    turn.happened_at as reopened_at,
    turn.actor_gid as reopened_by_gid,
    turn.actor_name as reopened_by_name,
    t.completed as is_completed_again
from (
    select
        h.task_gid,
        h.story_gid,
        h.event,
        h.happened_at,
        h.actor_gid,
        h.actor_name,
        lag(h.event) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_event,
        lag(h.happened_at) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_at
    from {{ ref('tap_asana__task_history') }} as h
    where h.event in ('marked_complete', 'marked_incomplete')
) as turn
inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = turn.task_gid
where turn.event = 'marked_incomplete'
{% elif target.type == 'bigquery' %}
select
    turn.task_gid,
    t.name,
    turn.story_gid,
    case when turn.previous_event = 'marked_complete' then turn.previous_at end as completed_at,
    turn.happened_at as reopened_at,
    turn.actor_gid as reopened_by_gid,
    turn.actor_name as reopened_by_name,
    t.completed as is_completed_again
from (
    select
        h.task_gid,
        h.story_gid,
        h.event,
        h.happened_at,
        h.actor_gid,
        h.actor_name,
        lag(h.event) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_event,
        lag(h.happened_at) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_at
    from {{ ref('tap_asana__task_history') }} as h
    where h.event in ('marked_complete', 'marked_incomplete')
) as turn
inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = turn.task_gid
where turn.event = 'marked_incomplete'
{% elif target.type == 'duckdb' %}
select
    turn.task_gid,
    t.name,
    turn.story_gid,
    case when turn.previous_event = 'marked_complete' then turn.previous_at end as completed_at,
    turn.happened_at as reopened_at,
    turn.actor_gid as reopened_by_gid,
    turn.actor_name as reopened_by_name,
    t.completed as is_completed_again
from (
    select
        h.task_gid,
        h.story_gid,
        h.event,
        h.happened_at,
        h.actor_gid,
        h.actor_name,
        lag(h.event) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_event,
        lag(h.happened_at) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_at
    from {{ ref('tap_asana__task_history') }} as h
    where h.event in ('marked_complete', 'marked_incomplete')
) as turn
inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = turn.task_gid
where turn.event = 'marked_incomplete'
{% elif target.type == 'snowflake' %}
select
    turn.task_gid,
    t.name,
    turn.story_gid,
    case when turn.previous_event = 'marked_complete' then turn.previous_at end as completed_at,
    turn.happened_at as reopened_at,
    turn.actor_gid as reopened_by_gid,
    turn.actor_name as reopened_by_name,
    t.completed as is_completed_again
from (
    select
        h.task_gid,
        h.story_gid,
        h.event,
        h.happened_at,
        h.actor_gid,
        h.actor_name,
        lag(h.event) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_event,
        lag(h.happened_at) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_at
    from {{ ref('tap_asana__task_history') }} as h
    where h.event in ('marked_complete', 'marked_incomplete')
) as turn
inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = turn.task_gid
where turn.event = 'marked_incomplete'
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
