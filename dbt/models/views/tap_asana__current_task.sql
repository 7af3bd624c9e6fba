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
    t.created_at at time zone 'UTC' as created_at,
    t.modified_at at time zone 'UTC' as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at at time zone 'UTC' as due_at,
    t.assignee ->> 'gid' as assignee_gid,
    t.assignee ->> 'name' as assignee_name,
    t.parent ->> 'gid' as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    t.workspace ->> 'gid' as workspace_gid,
    t.permalink_url
from {{ ref('stg_tap_asana__tasks') }} as t
{% elif target.type == 'bigquery' %}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at as completed_at,
    t.completed_by.gid as completed_by_gid,
    t.created_at as created_at,
    t.modified_at as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at as due_at,
    t.assignee.gid as assignee_gid,
    t.assignee.name as assignee_name,
    t.parent.gid as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    t.workspace.gid as workspace_gid,
    t.permalink_url
from {{ ref('stg_tap_asana__tasks') }} as t
{% elif target.type == 'duckdb' %}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at as completed_at,
    (t.completed_by ->> '$.gid') as completed_by_gid,
    t.created_at as created_at,
    t.modified_at as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at as due_at,
    (t.assignee ->> '$.gid') as assignee_gid,
    (t.assignee ->> '$.name') as assignee_name,
    (t.parent ->> '$.gid') as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    (t.workspace ->> '$.gid') as workspace_gid,
    t.permalink_url
from {{ ref('stg_tap_asana__tasks') }} as t
{% elif target.type == 'snowflake' %}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at as completed_at,
    cast(t.completed_by:gid as varchar) as completed_by_gid,
    t.created_at as created_at,
    t.modified_at as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at as due_at,
    cast(t.assignee:gid as varchar) as assignee_gid,
    cast(t.assignee:name as varchar) as assignee_name,
    cast(t.parent:gid as varchar) as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    cast(t.workspace:gid as varchar) as workspace_gid,
    t.permalink_url
from {{ ref('stg_tap_asana__tasks') }} as t
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
