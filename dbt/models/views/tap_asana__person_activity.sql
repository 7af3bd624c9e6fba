-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    action.user_gid,
    coalesce(p.user_name, max(action.user_name) over (partition by action.user_gid)) as user_name,
    p.email,
    action.task_gid,
    action.kind,
    action.happened_at,
    cast(date_trunc('week', action.happened_at at time zone 'UTC') as date) as week
from (
    select
        t.created_by_gid as user_gid,
        t.created_by_name as user_name,
        t.task_gid,
        'creation' as kind,
        t.created_at as happened_at
    from {{ ref('tap_asana__current_task') }} as t
    union all
    select
        s.created_by ->> 'gid',
        s.created_by ->> 'name',
        s.task_gid,
        case
            when s.type = 'comment' then 'comment'
            when s.resource_subtype = 'marked_complete' then 'completion'
            else 'change'
        end,
        s.created_at at time zone 'UTC'
    from {{ ref('stg_tap_asana__stories') }} as s
    where s.task_gid is not null
) as action
left join {{ ref('tap_asana__person') }} as p on p.user_gid = action.user_gid
where action.user_gid is not null
{% elif target.type == 'bigquery' %}
select
    action.user_gid,
    coalesce(p.user_name, max(action.user_name) over (partition by action.user_gid)) as user_name,
    p.email,
    action.task_gid,
    action.kind,
    action.happened_at,
    date_trunc(date(action.happened_at), isoweek) as week
from (
    select
        t.created_by_gid as user_gid,
        t.created_by_name as user_name,
        t.task_gid,
        'creation' as kind,
        t.created_at as happened_at
    from {{ ref('tap_asana__current_task') }} as t
    union all
    select
        s.created_by.gid,
        s.created_by.name,
        s.task_gid,
        case
            when s.type = 'comment' then 'comment'
            when s.resource_subtype = 'marked_complete' then 'completion'
            else 'change'
        end,
        s.created_at
    from {{ ref('stg_tap_asana__stories') }} as s
    where s.task_gid is not null
) as action
left join {{ ref('tap_asana__person') }} as p on p.user_gid = action.user_gid
where action.user_gid is not null
{% elif target.type == 'duckdb' %}
select
    action.user_gid,
    coalesce(p.user_name, max(action.user_name) over (partition by action.user_gid)) as user_name,
    p.email,
    action.task_gid,
    action.kind,
    action.happened_at,
    cast(date_trunc('week', action.happened_at) as date) as week
from (
    select
        t.created_by_gid as user_gid,
        t.created_by_name as user_name,
        t.task_gid,
        'creation' as kind,
        t.created_at as happened_at
    from {{ ref('tap_asana__current_task') }} as t
    union all
    select
        (s.created_by ->> '$.gid'),
        (s.created_by ->> '$.name'),
        s.task_gid,
        case
            when s.type = 'comment' then 'comment'
            when s.resource_subtype = 'marked_complete' then 'completion'
            else 'change'
        end,
        s.created_at
    from {{ ref('stg_tap_asana__stories') }} as s
    where s.task_gid is not null
) as action
left join {{ ref('tap_asana__person') }} as p on p.user_gid = action.user_gid
where action.user_gid is not null
{% elif target.type == 'snowflake' %}
select
    action.user_gid,
    coalesce(p.user_name, max(action.user_name) over (partition by action.user_gid)) as user_name,
    p.email,
    action.task_gid,
    action.kind,
    action.happened_at,
    cast(date_trunc('week', action.happened_at) as date) as week
from (
    select
        t.created_by_gid as user_gid,
        t.created_by_name as user_name,
        t.task_gid,
        'creation' as kind,
        t.created_at as happened_at
    from {{ ref('tap_asana__current_task') }} as t
    union all
    select
        cast(s.created_by:gid as varchar),
        cast(s.created_by:name as varchar),
        s.task_gid,
        case
            when s.type = 'comment' then 'comment'
            when s.resource_subtype = 'marked_complete' then 'completion'
            else 'change'
        end,
        s.created_at
    from {{ ref('stg_tap_asana__stories') }} as s
    where s.task_gid is not null
) as action
left join {{ ref('tap_asana__person') }} as p on p.user_gid = action.user_gid
where action.user_gid is not null
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
