-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at at time zone 'UTC' as completed_at,
    t.completed_by ->> 'gid' as completed_by_gid,
    t.created_by ->> 'gid' as created_by_gid,
    author.user_name as created_by_name,
    t.created_at at time zone 'UTC' as created_at,
    t.modified_at at time zone 'UTC' as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at at time zone 'UTC' as due_at,
    t.assignee ->> 'gid' as assignee_gid,
    coalesce(assignee.user_name, t.assignee ->> 'name') as assignee_name,
    t.parent ->> 'gid' as parent_gid,
    coalesce(root.root_gid, t.gid) as root_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    t.workspace ->> 'gid' as workspace_gid,
    t.permalink_url
from {{ ref('stg_tap_asana__tasks') }} as t
left join {{ ref('tap_asana__task_root') }} as root on root.task_gid = t.gid
left join {{ ref('tap_asana__person') }} as author on author.user_gid = t.created_by ->> 'gid'
left join {{ ref('tap_asana__person') }} as assignee on assignee.user_gid = t.assignee ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at as completed_at,
    t.completed_by.gid as completed_by_gid,
    t.created_by.gid as created_by_gid,
    author.user_name as created_by_name,
    t.created_at as created_at,
    t.modified_at as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at as due_at,
    t.assignee.gid as assignee_gid,
    coalesce(assignee.user_name, t.assignee.name) as assignee_name,
    t.parent.gid as parent_gid,
    coalesce(root.root_gid, t.gid) as root_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    t.workspace.gid as workspace_gid,
    t.permalink_url
from {{ ref('stg_tap_asana__tasks') }} as t
left join {{ ref('tap_asana__task_root') }} as root on root.task_gid = t.gid
left join {{ ref('tap_asana__person') }} as author on author.user_gid = t.created_by.gid
left join {{ ref('tap_asana__person') }} as assignee on assignee.user_gid = t.assignee.gid
{% elif target.type == 'duckdb' %}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at as completed_at,
    (t.completed_by ->> '$.gid') as completed_by_gid,
    (t.created_by ->> '$.gid') as created_by_gid,
    author.user_name as created_by_name,
    t.created_at as created_at,
    t.modified_at as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at as due_at,
    (t.assignee ->> '$.gid') as assignee_gid,
    coalesce(assignee.user_name, (t.assignee ->> '$.name')) as assignee_name,
    (t.parent ->> '$.gid') as parent_gid,
    coalesce(root.root_gid, t.gid) as root_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    (t.workspace ->> '$.gid') as workspace_gid,
    t.permalink_url
from {{ ref('stg_tap_asana__tasks') }} as t
left join {{ ref('tap_asana__task_root') }} as root on root.task_gid = t.gid
left join {{ ref('tap_asana__person') }} as author on author.user_gid = (t.created_by ->> '$.gid')
left join {{ ref('tap_asana__person') }} as assignee on assignee.user_gid = (t.assignee ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at as completed_at,
    cast(t.completed_by:gid as varchar) as completed_by_gid,
    cast(t.created_by:gid as varchar) as created_by_gid,
    author.user_name as created_by_name,
    t.created_at as created_at,
    t.modified_at as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at as due_at,
    cast(t.assignee:gid as varchar) as assignee_gid,
    coalesce(assignee.user_name, cast(t.assignee:name as varchar)) as assignee_name,
    cast(t.parent:gid as varchar) as parent_gid,
    coalesce(root.root_gid, t.gid) as root_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    cast(t.workspace:gid as varchar) as workspace_gid,
    t.permalink_url
from {{ ref('stg_tap_asana__tasks') }} as t
left join {{ ref('tap_asana__task_root') }} as root on root.task_gid = t.gid
left join {{ ref('tap_asana__person') }} as author on author.user_gid = cast(t.created_by:gid as varchar)
left join {{ ref('tap_asana__person') }} as assignee on assignee.user_gid = cast(t.assignee:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
