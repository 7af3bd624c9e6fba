-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
with step as (
    select
        h.task_gid,
        h.project_gid,
        h.event,
        h.happened_at,
        h.old_section_gid,
        h.old_section_name,
        h.new_section_gid,
        h.new_section_name,
        lead(h.happened_at) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_at,
        lead(h.old_section_gid) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_gid,
        lead(h.old_section_name) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_name,
        row_number() over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as place
    from {{ ref('tap_asana__task_history') }} as h
    where h.event in ('section_changed', 'added_to_project', 'removed_from_project') and h.project_gid is not null
),
stay as (
    select
        step.task_gid, step.project_gid, step.new_section_gid as section_gid, step.new_section_name as section_name,
        step.happened_at as entered_at, step.next_at as left_at
    from step
    where step.event = 'section_changed'
    union all
    select
        step.task_gid, step.project_gid,
        case when step.next_at is null then present.section_gid else step.next_section_gid end,
        case when step.next_at is null then present.section_name else step.next_section_name end,
        step.happened_at, step.next_at
    from step
    left join {{ ref('tap_asana__task_section') }} as present
        on present.task_gid = step.task_gid and present.project_gid = step.project_gid
    where step.event = 'added_to_project'
    union all
    select
        step.task_gid, step.project_gid, step.old_section_gid, step.old_section_name, t.created_at, step.happened_at
    from step
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = step.task_gid
    where step.place = 1 and step.event = 'section_changed'
    union all
    select
        present.task_gid, present.project_gid, present.section_gid, present.section_name, t.created_at,
        cast(null as timestamptz)
    from {{ ref('tap_asana__task_section') }} as present
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = present.task_gid
    left join step on step.task_gid = present.task_gid and step.project_gid = present.project_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.project_gid,
    p.name as project_name,
    stay.section_gid,
    stay.section_name,
    stay.entered_at,
    stay.left_at,
    extract(epoch from coalesce(stay.left_at, clock.now_at) - stay.entered_at) / 3600 / 24 as days
from stay
left join {{ ref('tap_asana__current_project') }} as p on p.project_gid = stay.project_gid
cross join {{ ref('tap_asana__clock') }} as clock
where stay.section_gid is not null
    and (p.project_gid is not null or not exists (select 1 from {{ ref('tap_asana__current_project') }}))
{% elif target.type == 'bigquery' %}
with step as (
    select
        h.task_gid,
        h.project_gid,
        h.event,
        h.happened_at,
        h.old_section_gid,
        h.old_section_name,
        h.new_section_gid,
        h.new_section_name,
        lead(h.happened_at) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_at,
        lead(h.old_section_gid) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_gid,
        lead(h.old_section_name) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_name,
        row_number() over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as place
    from {{ ref('tap_asana__task_history') }} as h
    where h.event in ('section_changed', 'added_to_project', 'removed_from_project') and h.project_gid is not null
),
stay as (
    select
        step.task_gid, step.project_gid, step.new_section_gid as section_gid, step.new_section_name as section_name,
        step.happened_at as entered_at, step.next_at as left_at
    from step
    where step.event = 'section_changed'
    union all
    select
        step.task_gid, step.project_gid,
        case when step.next_at is null then present.section_gid else step.next_section_gid end,
        case when step.next_at is null then present.section_name else step.next_section_name end,
        step.happened_at, step.next_at
    from step
    left join {{ ref('tap_asana__task_section') }} as present
        on present.task_gid = step.task_gid and present.project_gid = step.project_gid
    where step.event = 'added_to_project'
    union all
    select
        step.task_gid, step.project_gid, step.old_section_gid, step.old_section_name, t.created_at, step.happened_at
    from step
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = step.task_gid
    where step.place = 1 and step.event = 'section_changed'
    union all
    select
        present.task_gid, present.project_gid, present.section_gid, present.section_name, t.created_at,
        cast(null as timestamp)
    from {{ ref('tap_asana__task_section') }} as present
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = present.task_gid
    left join step on step.task_gid = present.task_gid and step.project_gid = present.project_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.project_gid,
    p.name as project_name,
    stay.section_gid,
    stay.section_name,
    stay.entered_at,
    stay.left_at,
    timestamp_diff(coalesce(stay.left_at, clock.now_at), stay.entered_at, millisecond) / 3600000 / 24 as days
from stay
left join {{ ref('tap_asana__current_project') }} as p on p.project_gid = stay.project_gid
cross join {{ ref('tap_asana__clock') }} as clock
where stay.section_gid is not null
    and (p.project_gid is not null or not exists (select 1 from {{ ref('tap_asana__current_project') }}))
{% elif target.type == 'duckdb' %}
with step as (
    select
        h.task_gid,
        h.project_gid,
        h.event,
        h.happened_at,
        h.old_section_gid,
        h.old_section_name,
        h.new_section_gid,
        h.new_section_name,
        lead(h.happened_at) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_at,
        lead(h.old_section_gid) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_gid,
        lead(h.old_section_name) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_name,
        row_number() over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as place
    from {{ ref('tap_asana__task_history') }} as h
    where h.event in ('section_changed', 'added_to_project', 'removed_from_project') and h.project_gid is not null
),
stay as (
    select
        step.task_gid, step.project_gid, step.new_section_gid as section_gid, step.new_section_name as section_name,
        step.happened_at as entered_at, step.next_at as left_at
    from step
    where step.event = 'section_changed'
    union all
    select
        step.task_gid, step.project_gid,
        case when step.next_at is null then present.section_gid else step.next_section_gid end,
        case when step.next_at is null then present.section_name else step.next_section_name end,
        step.happened_at, step.next_at
    from step
    left join {{ ref('tap_asana__task_section') }} as present
        on present.task_gid = step.task_gid and present.project_gid = step.project_gid
    where step.event = 'added_to_project'
    union all
    select
        step.task_gid, step.project_gid, step.old_section_gid, step.old_section_name, t.created_at, step.happened_at
    from step
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = step.task_gid
    where step.place = 1 and step.event = 'section_changed'
    union all
    select
        present.task_gid, present.project_gid, present.section_gid, present.section_name, t.created_at,
        cast(null as timestamp)
    from {{ ref('tap_asana__task_section') }} as present
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = present.task_gid
    left join step on step.task_gid = present.task_gid and step.project_gid = present.project_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.project_gid,
    p.name as project_name,
    stay.section_gid,
    stay.section_name,
    stay.entered_at,
    stay.left_at,
    date_diff('millisecond', stay.entered_at, coalesce(stay.left_at, clock.now_at)) / 3600000.0 / 24 as days
from stay
left join {{ ref('tap_asana__current_project') }} as p on p.project_gid = stay.project_gid
cross join {{ ref('tap_asana__clock') }} as clock
where stay.section_gid is not null
    and (p.project_gid is not null or not exists (select 1 from {{ ref('tap_asana__current_project') }}))
{% elif target.type == 'snowflake' %}
with step as (
    select
        h.task_gid,
        h.project_gid,
        h.event,
        h.happened_at,
        h.old_section_gid,
        h.old_section_name,
        h.new_section_gid,
        h.new_section_name,
        lead(h.happened_at) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_at,
        lead(h.old_section_gid) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_gid,
        lead(h.old_section_name) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_name,
        row_number() over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as place
    from {{ ref('tap_asana__task_history') }} as h
    where h.event in ('section_changed', 'added_to_project', 'removed_from_project') and h.project_gid is not null
),
stay as (
    select
        step.task_gid, step.project_gid, step.new_section_gid as section_gid, step.new_section_name as section_name,
        step.happened_at as entered_at, step.next_at as left_at
    from step
    where step.event = 'section_changed'
    union all
    select
        step.task_gid, step.project_gid,
        case when step.next_at is null then present.section_gid else step.next_section_gid end,
        case when step.next_at is null then present.section_name else step.next_section_name end,
        step.happened_at, step.next_at
    from step
    left join {{ ref('tap_asana__task_section') }} as present
        on present.task_gid = step.task_gid and present.project_gid = step.project_gid
    where step.event = 'added_to_project'
    union all
    select
        step.task_gid, step.project_gid, step.old_section_gid, step.old_section_name, t.created_at, step.happened_at
    from step
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = step.task_gid
    where step.place = 1 and step.event = 'section_changed'
    union all
    select
        present.task_gid, present.project_gid, present.section_gid, present.section_name, t.created_at,
        cast(null as timestamp_ntz)
    from {{ ref('tap_asana__task_section') }} as present
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = present.task_gid
    left join step on step.task_gid = present.task_gid and step.project_gid = present.project_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.project_gid,
    p.name as project_name,
    stay.section_gid,
    stay.section_name,
    stay.entered_at,
    stay.left_at,
    datediff('millisecond', stay.entered_at, coalesce(stay.left_at, clock.now_at)) / 3600000 / 24 as days
from stay
left join {{ ref('tap_asana__current_project') }} as p on p.project_gid = stay.project_gid
cross join {{ ref('tap_asana__clock') }} as clock
where stay.section_gid is not null
    and (p.project_gid is not null or not exists (select 1 from {{ ref('tap_asana__current_project') }}))
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
