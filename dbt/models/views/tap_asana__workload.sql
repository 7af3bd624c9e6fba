-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
with coming as (
    select clock.today + n.later as day
    from {{ ref('tap_asana__clock') }} as clock
    cross join (
        select 0 as later union all select 1 union all select 2 union all select 3 union all select 4
        union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
        union all select 10 union all select 11 union all select 12 union all select 13
    ) as n
),
load as (
    select
        a.assignee ->> 'gid' as user_gid,
        coming.day,
        0 as due_tasks,
        0 as active_tasks,
        case when a.effort ->> 'type' = 'hours' then cast(a.effort ->> 'value' as numeric) end as hours,
        case when a.effort ->> 'type' = 'percent' then cast(a.effort ->> 'value' as numeric) end as percent,
        0 as away
    from {{ ref('stg_tap_asana__allocations') }} as a
    inner join coming on coming.day between cast(a.start_date as date) and coalesce(cast(a.end_date as date), coming.day)
    union all
    select o.assignee_gid, coming.day, case when o.due_on = coming.day then 1 else 0 end, 1, null, null, 0
    from {{ ref('tap_asana__open_task') }} as o
    inner join coming on coming.day between coalesce(o.start_on, o.due_on) and o.due_on
    union all
    select e.user ->> 'gid', coming.day, 0, 0, null, null, 1
    from {{ ref('stg_tap_asana__ooo_entries') }} as e
    inner join coming on coming.day between cast(e.start_date as date) and coalesce(cast(e.end_date as date), coming.day)
)
select
    p.user_gid,
    p.user_name,
    coming.day,
    coalesce(sum(load.due_tasks), 0) as due_tasks,
    coalesce(sum(load.active_tasks), 0) as active_tasks,
    sum(load.hours) as allocated_hours,
    sum(load.percent) as allocated_percent,
    coalesce(max(load.away), 0) = 1 as is_absent
from {{ ref('tap_asana__person') }} as p
cross join coming
left join load on load.user_gid = p.user_gid and load.day = coming.day
where p.is_member
group by p.user_gid, p.user_name, coming.day
{% elif target.type == 'bigquery' %}
with coming as (
    select date_add(clock.today, interval n.later day) as day
    from {{ ref('tap_asana__clock') }} as clock
    cross join (
        select 0 as later union all select 1 union all select 2 union all select 3 union all select 4
        union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
        union all select 10 union all select 11 union all select 12 union all select 13
    ) as n
),
load as (
    select
        a.assignee.gid as user_gid,
        coming.day,
        0 as due_tasks,
        0 as active_tasks,
        case when a.effort.type = 'hours' then a.effort.value end as hours,
        case when a.effort.type = 'percent' then a.effort.value end as percent,
        0 as away
    from {{ ref('stg_tap_asana__allocations') }} as a
    inner join coming on coming.day between cast(a.start_date as date) and coalesce(cast(a.end_date as date), coming.day)
    union all
    select o.assignee_gid, coming.day, case when o.due_on = coming.day then 1 else 0 end, 1, null, null, 0
    from {{ ref('tap_asana__open_task') }} as o
    inner join coming on coming.day between coalesce(o.start_on, o.due_on) and o.due_on
    union all
    select e.user.gid, coming.day, 0, 0, null, null, 1
    from {{ ref('stg_tap_asana__ooo_entries') }} as e
    inner join coming on coming.day between cast(e.start_date as date) and coalesce(cast(e.end_date as date), coming.day)
)
select
    p.user_gid,
    p.user_name,
    coming.day,
    coalesce(sum(load.due_tasks), 0) as due_tasks,
    coalesce(sum(load.active_tasks), 0) as active_tasks,
    sum(load.hours) as allocated_hours,
    sum(load.percent) as allocated_percent,
    coalesce(max(load.away), 0) = 1 as is_absent
from {{ ref('tap_asana__person') }} as p
cross join coming
left join load on load.user_gid = p.user_gid and load.day = coming.day
where p.is_member
group by p.user_gid, p.user_name, coming.day
{% elif target.type == 'duckdb' %}
with coming as (
    select clock.today + n.later as day
    from {{ ref('tap_asana__clock') }} as clock
    cross join (
        select 0 as later union all select 1 union all select 2 union all select 3 union all select 4
        union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
        union all select 10 union all select 11 union all select 12 union all select 13
    ) as n
),
load as (
    select
        (a.assignee ->> '$.gid') as user_gid,
        coming.day,
        0 as due_tasks,
        0 as active_tasks,
        case when (a.effort ->> '$.type') = 'hours' then cast((a.effort ->> '$.value') as double) end as hours,
        case when (a.effort ->> '$.type') = 'percent' then cast((a.effort ->> '$.value') as double) end as percent,
        0 as away
    from {{ ref('stg_tap_asana__allocations') }} as a
    inner join coming on coming.day between cast(a.start_date as date) and coalesce(cast(a.end_date as date), coming.day)
    union all
    select o.assignee_gid, coming.day, case when o.due_on = coming.day then 1 else 0 end, 1, null, null, 0
    from {{ ref('tap_asana__open_task') }} as o
    inner join coming on coming.day between coalesce(o.start_on, o.due_on) and o.due_on
    union all
    select (e.user ->> '$.gid'), coming.day, 0, 0, null, null, 1
    from {{ ref('stg_tap_asana__ooo_entries') }} as e
    inner join coming on coming.day between cast(e.start_date as date) and coalesce(cast(e.end_date as date), coming.day)
)
select
    p.user_gid,
    p.user_name,
    coming.day,
    coalesce(sum(load.due_tasks), 0) as due_tasks,
    coalesce(sum(load.active_tasks), 0) as active_tasks,
    sum(load.hours) as allocated_hours,
    sum(load.percent) as allocated_percent,
    coalesce(max(load.away), 0) = 1 as is_absent
from {{ ref('tap_asana__person') }} as p
cross join coming
left join load on load.user_gid = p.user_gid and load.day = coming.day
where p.is_member
group by p.user_gid, p.user_name, coming.day
{% elif target.type == 'snowflake' %}
with coming as (
    select dateadd('day', n.later, clock.today) as day
    from {{ ref('tap_asana__clock') }} as clock
    cross join (
        select 0 as later union all select 1 union all select 2 union all select 3 union all select 4
        union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
        union all select 10 union all select 11 union all select 12 union all select 13
    ) as n
),
load as (
    select
        cast(a.assignee:gid as varchar) as user_gid,
        coming.day,
        0 as due_tasks,
        0 as active_tasks,
        case when cast(a.effort:type as varchar) = 'hours' then cast(a.effort:value as double) end as hours,
        case when cast(a.effort:type as varchar) = 'percent' then cast(a.effort:value as double) end as percent,
        0 as away
    from {{ ref('stg_tap_asana__allocations') }} as a
    inner join coming on coming.day between cast(a.start_date as date) and coalesce(cast(a.end_date as date), coming.day)
    union all
    select o.assignee_gid, coming.day, case when o.due_on = coming.day then 1 else 0 end, 1, null, null, 0
    from {{ ref('tap_asana__open_task') }} as o
    inner join coming on coming.day between coalesce(o.start_on, o.due_on) and o.due_on
    union all
    select cast(e.user:gid as varchar), coming.day, 0, 0, null, null, 1
    from {{ ref('stg_tap_asana__ooo_entries') }} as e
    inner join coming on coming.day between cast(e.start_date as date) and coalesce(cast(e.end_date as date), coming.day)
)
select
    p.user_gid,
    p.user_name,
    coming.day,
    coalesce(sum(load.due_tasks), 0) as due_tasks,
    coalesce(sum(load.active_tasks), 0) as active_tasks,
    sum(load.hours) as allocated_hours,
    sum(load.percent) as allocated_percent,
    coalesce(max(load.away), 0) = 1 as is_absent
from {{ ref('tap_asana__person') }} as p
cross join coming
left join load on load.user_gid = p.user_gid and load.day = coming.day
where p.is_member
group by p.user_gid, p.user_name, coming.day
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
