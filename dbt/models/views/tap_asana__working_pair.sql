-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    a.user_gid,
    max(a.user_name) as user_name,
    b.user_gid as other_user_gid,
    max(b.user_name) as other_user_name,
    count(distinct a.task_gid) as shared_tasks
from {{ ref('tap_asana__task_participant') }} as a
inner join {{ ref('tap_asana__task_participant') }} as b on b.task_gid = a.task_gid and a.user_gid < b.user_gid
group by a.user_gid, b.user_gid
{% elif target.type == 'bigquery' %}
select
    a.user_gid,
    max(a.user_name) as user_name,
    b.user_gid as other_user_gid,
    max(b.user_name) as other_user_name,
    count(distinct a.task_gid) as shared_tasks
from {{ ref('tap_asana__task_participant') }} as a
inner join {{ ref('tap_asana__task_participant') }} as b on b.task_gid = a.task_gid and a.user_gid < b.user_gid
group by a.user_gid, b.user_gid
{% elif target.type == 'duckdb' %}
select
    a.user_gid,
    max(a.user_name) as user_name,
    b.user_gid as other_user_gid,
    max(b.user_name) as other_user_name,
    count(distinct a.task_gid) as shared_tasks
from {{ ref('tap_asana__task_participant') }} as a
inner join {{ ref('tap_asana__task_participant') }} as b on b.task_gid = a.task_gid and a.user_gid < b.user_gid
group by a.user_gid, b.user_gid
{% elif target.type == 'snowflake' %}
select
    a.user_gid,
    max(a.user_name) as user_name,
    b.user_gid as other_user_gid,
    max(b.user_name) as other_user_name,
    count(distinct a.task_gid) as shared_tasks
from {{ ref('tap_asana__task_participant') }} as a
inner join {{ ref('tap_asana__task_participant') }} as b on b.task_gid = a.task_gid and a.user_gid < b.user_gid
group by a.user_gid, b.user_gid
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
