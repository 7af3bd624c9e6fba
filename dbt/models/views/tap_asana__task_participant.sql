-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select distinct part.task_gid, part.user_gid, coalesce(p.user_name, part.user_name) as user_name
from (
    select t.task_gid, t.created_by_gid as user_gid, t.created_by_name as user_name from {{ ref('tap_asana__current_task') }} as t
    union all
    select t.task_gid, t.assignee_gid, t.assignee_name from {{ ref('tap_asana__current_task') }} as t
    union all
    select s.task_gid, s.created_by ->> 'gid', s.created_by ->> 'name'
    from {{ ref('stg_tap_asana__stories') }} as s
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = s.task_gid
) as part
left join {{ ref('tap_asana__person') }} as p on p.user_gid = part.user_gid
where part.user_gid is not null
{% elif target.type == 'bigquery' %}
select distinct part.task_gid, part.user_gid, coalesce(p.user_name, part.user_name) as user_name
from (
    select t.task_gid, t.created_by_gid as user_gid, t.created_by_name as user_name from {{ ref('tap_asana__current_task') }} as t
    union all
    select t.task_gid, t.assignee_gid, t.assignee_name from {{ ref('tap_asana__current_task') }} as t
    union all
    select s.task_gid, s.created_by.gid, s.created_by.name
    from {{ ref('stg_tap_asana__stories') }} as s
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = s.task_gid
) as part
left join {{ ref('tap_asana__person') }} as p on p.user_gid = part.user_gid
where part.user_gid is not null
{% elif target.type == 'duckdb' %}
select distinct part.task_gid, part.user_gid, coalesce(p.user_name, part.user_name) as user_name
from (
    select t.task_gid, t.created_by_gid as user_gid, t.created_by_name as user_name from {{ ref('tap_asana__current_task') }} as t
    union all
    select t.task_gid, t.assignee_gid, t.assignee_name from {{ ref('tap_asana__current_task') }} as t
    union all
    select s.task_gid, (s.created_by ->> '$.gid'), (s.created_by ->> '$.name')
    from {{ ref('stg_tap_asana__stories') }} as s
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = s.task_gid
) as part
left join {{ ref('tap_asana__person') }} as p on p.user_gid = part.user_gid
where part.user_gid is not null
{% elif target.type == 'snowflake' %}
select distinct part.task_gid, part.user_gid, coalesce(p.user_name, part.user_name) as user_name
from (
    select t.task_gid, t.created_by_gid as user_gid, t.created_by_name as user_name from {{ ref('tap_asana__current_task') }} as t
    union all
    select t.task_gid, t.assignee_gid, t.assignee_name from {{ ref('tap_asana__current_task') }} as t
    union all
    select s.task_gid, cast(s.created_by:gid as varchar), cast(s.created_by:name as varchar)
    from {{ ref('stg_tap_asana__stories') }} as s
    inner join {{ ref('tap_asana__current_task') }} as t on t.task_gid = s.task_gid
) as part
left join {{ ref('tap_asana__person') }} as p on p.user_gid = part.user_gid
where part.user_gid is not null
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
