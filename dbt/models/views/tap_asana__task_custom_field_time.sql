-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
with step as (
    select
        c.task_gid,
        c.custom_field_gid,
        c.custom_field_name,
        c.happened_at,
        c.old_value,
        c.new_value,
        c.old_number,
        c.new_number,
        lead(c.happened_at) over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as next_at,
        row_number() over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as place
    from {{ ref('tap_asana__task_custom_field_change') }} as c
),
stay as (
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.new_value as field_value,
        step.new_number as number_value, step.happened_at as entered_at, step.next_at as left_at
    from step
    left join {{ ref('tap_asana__task_custom_field_value') }} as present
        on present.task_gid = step.task_gid and present.custom_field_gid = step.custom_field_gid
    where step.next_at is not null or present.task_gid is not null
    union all
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.old_value, step.old_number,
        t.created_at, step.happened_at
    from step
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = step.task_gid
    where step.place = 1
    union all
    select
        v.task_gid, v.custom_field_gid, v.custom_field_name,
        case
            when v.number_value is null
                then coalesce(v.enum_option_name, cast(v.date_value as text), v.display_value)
        end,
        v.number_value, t.created_at, cast(null as timestamptz)
    from {{ ref('tap_asana__task_custom_field_value') }} as v
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = v.task_gid
    left join step on step.task_gid = v.task_gid and step.custom_field_gid = v.custom_field_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.custom_field_gid,
    stay.custom_field_name,
    stay.field_value,
    stay.number_value,
    stay.entered_at,
    stay.left_at,
    extract(epoch from coalesce(stay.left_at, clock.now_at) - stay.entered_at) / 3600 / 24 as days
from stay
cross join {{ ref('tap_asana__clock') }} as clock
{% elif target.type == 'bigquery' %}
with step as (
    select
        c.task_gid,
        c.custom_field_gid,
        c.custom_field_name,
        c.happened_at,
        c.old_value,
        c.new_value,
        c.old_number,
        c.new_number,
        lead(c.happened_at) over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as next_at,
        row_number() over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as place
    from {{ ref('tap_asana__task_custom_field_change') }} as c
),
stay as (
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.new_value as field_value,
        step.new_number as number_value, step.happened_at as entered_at, step.next_at as left_at
    from step
    left join {{ ref('tap_asana__task_custom_field_value') }} as present
        on present.task_gid = step.task_gid and present.custom_field_gid = step.custom_field_gid
    where step.next_at is not null or present.task_gid is not null
    union all
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.old_value, step.old_number,
        t.created_at, step.happened_at
    from step
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = step.task_gid
    where step.place = 1
    union all
    select
        v.task_gid, v.custom_field_gid, v.custom_field_name,
        case
            when v.number_value is null
                then coalesce(v.enum_option_name, cast(v.date_value as string), v.display_value)
        end,
        v.number_value, t.created_at, cast(null as timestamp)
    from {{ ref('tap_asana__task_custom_field_value') }} as v
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = v.task_gid
    left join step on step.task_gid = v.task_gid and step.custom_field_gid = v.custom_field_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.custom_field_gid,
    stay.custom_field_name,
    stay.field_value,
    stay.number_value,
    stay.entered_at,
    stay.left_at,
    timestamp_diff(coalesce(stay.left_at, clock.now_at), stay.entered_at, millisecond) / 3600000 / 24 as days
from stay
cross join {{ ref('tap_asana__clock') }} as clock
{% elif target.type == 'duckdb' %}
with step as (
    select
        c.task_gid,
        c.custom_field_gid,
        c.custom_field_name,
        c.happened_at,
        c.old_value,
        c.new_value,
        c.old_number,
        c.new_number,
        lead(c.happened_at) over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as next_at,
        row_number() over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as place
    from {{ ref('tap_asana__task_custom_field_change') }} as c
),
stay as (
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.new_value as field_value,
        step.new_number as number_value, step.happened_at as entered_at, step.next_at as left_at
    from step
    left join {{ ref('tap_asana__task_custom_field_value') }} as present
        on present.task_gid = step.task_gid and present.custom_field_gid = step.custom_field_gid
    where step.next_at is not null or present.task_gid is not null
    union all
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.old_value, step.old_number,
        t.created_at, step.happened_at
    from step
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = step.task_gid
    where step.place = 1
    union all
    select
        v.task_gid, v.custom_field_gid, v.custom_field_name,
        case
            when v.number_value is null
                then coalesce(v.enum_option_name, cast(v.date_value as varchar), v.display_value)
        end,
        v.number_value, t.created_at, cast(null as timestamp)
    from {{ ref('tap_asana__task_custom_field_value') }} as v
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = v.task_gid
    left join step on step.task_gid = v.task_gid and step.custom_field_gid = v.custom_field_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.custom_field_gid,
    stay.custom_field_name,
    stay.field_value,
    stay.number_value,
    stay.entered_at,
    stay.left_at,
    date_diff('millisecond', stay.entered_at, coalesce(stay.left_at, clock.now_at)) / 3600000.0 / 24 as days
from stay
cross join {{ ref('tap_asana__clock') }} as clock
{% elif target.type == 'snowflake' %}
with step as (
    select
        c.task_gid,
        c.custom_field_gid,
        c.custom_field_name,
        c.happened_at,
        c.old_value,
        c.new_value,
        c.old_number,
        c.new_number,
        lead(c.happened_at) over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as next_at,
        row_number() over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as place
    from {{ ref('tap_asana__task_custom_field_change') }} as c
),
stay as (
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.new_value as field_value,
        step.new_number as number_value, step.happened_at as entered_at, step.next_at as left_at
    from step
    left join {{ ref('tap_asana__task_custom_field_value') }} as present
        on present.task_gid = step.task_gid and present.custom_field_gid = step.custom_field_gid
    where step.next_at is not null or present.task_gid is not null
    union all
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.old_value, step.old_number,
        t.created_at, step.happened_at
    from step
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = step.task_gid
    where step.place = 1
    union all
    select
        v.task_gid, v.custom_field_gid, v.custom_field_name,
        case
            when v.number_value is null
                then coalesce(v.enum_option_name, cast(v.date_value as varchar), v.display_value)
        end,
        v.number_value, t.created_at, cast(null as timestamp_ntz)
    from {{ ref('tap_asana__task_custom_field_value') }} as v
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = v.task_gid
    left join step on step.task_gid = v.task_gid and step.custom_field_gid = v.custom_field_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.custom_field_gid,
    stay.custom_field_name,
    stay.field_value,
    stay.number_value,
    stay.entered_at,
    stay.left_at,
    datediff('millisecond', stay.entered_at, coalesce(stay.left_at, clock.now_at)) / 3600000 / 24 as days
from stay
cross join {{ ref('tap_asana__clock') }} as clock
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
