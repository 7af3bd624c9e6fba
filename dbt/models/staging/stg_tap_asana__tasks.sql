-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('tasks') %}
select
    s.*,
    s.created_by ->> 'gid' as created_by_gid,
    s.assigned_by ->> 'gid' as assigned_by_gid,
    s.completed_by ->> 'gid' as completed_by_gid,
    s.assignee ->> 'gid' as assignee_gid,
    s.custom_type ->> 'gid' as custom_type_gid,
    s.custom_type_status_option ->> 'gid' as custom_type_status_option_gid,
    s.parent ->> 'gid' as parent_gid,
    s.workspace ->> 'gid' as workspace_gid
from {{ source('tap_asana', 'tasks') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as text)
    as "resource_subtype", cast(null as jsonb) as "created_by", cast(null as text) as "approval_status", cast(null as
    jsonb) as "assigned_by", cast(null as boolean) as "completed", cast(null as timestamp) as "completed_at",
    cast(null as jsonb) as "completed_by", cast(null as timestamp) as "created_at", cast(null as jsonb[]) as
    "dependencies", cast(null as jsonb[]) as "dependents", cast(null as timestamp) as "due_at", cast(null as date) as
    "due_on", cast(null as jsonb) as "external", cast(null as text) as "html_notes", cast(null as boolean) as
    "is_rendered_as_separator", cast(null as boolean) as "liked", cast(null as jsonb[]) as "likes", cast(null as
    jsonb[]) as "memberships", cast(null as timestamp) as "modified_at", cast(null as text) as "notes", cast(null as
    numeric) as "num_likes", cast(null as numeric) as "num_subtasks", cast(null as timestamp) as "start_at", cast(null
    as date) as "start_on", cast(null as numeric) as "actual_time_minutes", cast(null as jsonb) as "assignee",
    cast(null as jsonb) as "assignee_section", cast(null as jsonb[]) as "custom_fields", cast(null as jsonb) as
    "custom_type", cast(null as jsonb) as "custom_type_status_option", cast(null as jsonb[]) as "followers", cast(null
    as jsonb) as "parent", cast(null as jsonb[]) as "projects", cast(null as jsonb[]) as "tags", cast(null as jsonb)
    as "workspace", cast(null as text) as "permalink_url", cast(null as timestamp) as "_sdc_batched_at", cast(null as
    timestamp) as "_sdc_deleted_at", cast(null as text) as "created_by_gid", cast(null as text) as "assigned_by_gid",
    cast(null as text) as "completed_by_gid", cast(null as text) as "assignee_gid", cast(null as text) as
    "custom_type_gid", cast(null as text) as "custom_type_status_option_gid", cast(null as text) as "parent_gid",
    cast(null as text) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('tasks') %}
select
    s.*,
    s.created_by.gid as created_by_gid,
    s.assigned_by.gid as assigned_by_gid,
    s.completed_by.gid as completed_by_gid,
    s.assignee.gid as assignee_gid,
    s.custom_type.gid as custom_type_gid,
    s.custom_type_status_option.gid as custom_type_status_option_gid,
    s.parent.gid as parent_gid,
    s.workspace.gid as workspace_gid
from (
    select *
    from {{ source('tap_asana', 'tasks') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    string) as `resource_subtype`, cast(null as struct<`gid` string>) as `created_by`, cast(null as string) as
    `approval_status`, cast(null as struct<`gid` string, `name` string>) as `assigned_by`, cast(null as bool) as
    `completed`, cast(null as timestamp) as `completed_at`, cast(null as struct<`gid` string, `name` string>) as
    `completed_by`, cast(null as timestamp) as `created_at`, cast(null as array<struct<`gid` string>>) as
    `dependencies`, cast(null as array<struct<`gid` string>>) as `dependents`, cast(null as timestamp) as `due_at`,
    cast(null as string) as `due_on`, cast(null as struct<`gid` string, `data` string>) as `external`, cast(null as
    string) as `html_notes`, cast(null as bool) as `is_rendered_as_separator`, cast(null as bool) as `liked`,
    cast(null as array<struct<`gid` string, `user` struct<`gid` string, `name` string>>>) as `likes`, cast(null as
    array<struct<`project` struct<`gid` string, `name` string>, `section` struct<`gid` string, `name` string>>>) as
    `memberships`, cast(null as timestamp) as `modified_at`, cast(null as string) as `notes`, cast(null as numeric) as
    `num_likes`, cast(null as numeric) as `num_subtasks`, cast(null as timestamp) as `start_at`, cast(null as string)
    as `start_on`, cast(null as numeric) as `actual_time_minutes`, cast(null as struct<`gid` string, `name` string>)
    as `assignee`, cast(null as struct<`gid` string, `name` string>) as `assignee_section`, cast(null as
    array<struct<`gid` string, `name` string, `representation_type` string, `enabled` bool, `display_value` string,
    `text_value` string, `number_value` numeric, `date_value` struct<`date` string, `date_time` timestamp>,
    `enum_value` struct<`gid` string, `name` string>, `multi_enum_values` array<struct<`gid` string, `name` string>>,
    `resource_subtype` string, `html_text_value` string, `people_value` array<struct<`gid` string, `name` string>>,
    `reference_value` array<struct<`gid` string, `name` string, `resource_type` string>>>>) as `custom_fields`,
    cast(null as struct<`gid` string, `name` string>) as `custom_type`, cast(null as struct<`gid` string, `name`
    string>) as `custom_type_status_option`, cast(null as array<struct<`gid` string, `name` string>>) as `followers`,
    cast(null as struct<`gid` string, `name` string, `resource_subtype` string>) as `parent`, cast(null as
    array<struct<`gid` string, `name` string>>) as `projects`, cast(null as array<struct<`gid` string, `name`
    string>>) as `tags`, cast(null as struct<`gid` string, `name` string>) as `workspace`, cast(null as string) as
    `permalink_url`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `created_by_gid`, cast(null
    as string) as `assigned_by_gid`, cast(null as string) as `completed_by_gid`, cast(null as string) as
    `assignee_gid`, cast(null as string) as `custom_type_gid`, cast(null as string) as
    `custom_type_status_option_gid`, cast(null as string) as `parent_gid`, cast(null as string) as `workspace_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('tasks') %}
select
    s.*,
    (s.created_by ->> '$.gid') as created_by_gid,
    (s.assigned_by ->> '$.gid') as assigned_by_gid,
    (s.completed_by ->> '$.gid') as completed_by_gid,
    (s.assignee ->> '$.gid') as assignee_gid,
    (s.custom_type ->> '$.gid') as custom_type_gid,
    (s.custom_type_status_option ->> '$.gid') as custom_type_status_option_gid,
    (s.parent ->> '$.gid') as parent_gid,
    (s.workspace ->> '$.gid') as workspace_gid
from {{ source('tap_asana', 'tasks') }} as s
where s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as varchar) as "resource_subtype", cast(null as json) as "created_by", cast(null as varchar) as "approval_status",
    cast(null as json) as "assigned_by", cast(null as boolean) as "completed", cast(null as timestamp) as
    "completed_at", cast(null as json) as "completed_by", cast(null as timestamp) as "created_at", cast(null as json)
    as "dependencies", cast(null as json) as "dependents", cast(null as timestamp) as "due_at", cast(null as date) as
    "due_on", cast(null as json) as "external", cast(null as varchar) as "html_notes", cast(null as boolean) as
    "is_rendered_as_separator", cast(null as boolean) as "liked", cast(null as json) as "likes", cast(null as json) as
    "memberships", cast(null as timestamp) as "modified_at", cast(null as varchar) as "notes", cast(null as double) as
    "num_likes", cast(null as double) as "num_subtasks", cast(null as timestamp) as "start_at", cast(null as date) as
    "start_on", cast(null as double) as "actual_time_minutes", cast(null as json) as "assignee", cast(null as json) as
    "assignee_section", cast(null as json) as "custom_fields", cast(null as json) as "custom_type", cast(null as json)
    as "custom_type_status_option", cast(null as json) as "followers", cast(null as json) as "parent", cast(null as
    json) as "projects", cast(null as json) as "tags", cast(null as json) as "workspace", cast(null as varchar) as
    "permalink_url", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as "created_by_gid",
    cast(null as varchar) as "assigned_by_gid", cast(null as varchar) as "completed_by_gid", cast(null as varchar) as
    "assignee_gid", cast(null as varchar) as "custom_type_gid", cast(null as varchar) as
    "custom_type_status_option_gid", cast(null as varchar) as "parent_gid", cast(null as varchar) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('tasks') %}
select
    s.*,
    cast(s.created_by:gid as varchar) as created_by_gid,
    cast(s.assigned_by:gid as varchar) as assigned_by_gid,
    cast(s.completed_by:gid as varchar) as completed_by_gid,
    cast(s.assignee:gid as varchar) as assignee_gid,
    cast(s.custom_type:gid as varchar) as custom_type_gid,
    cast(s.custom_type_status_option:gid as varchar) as custom_type_status_option_gid,
    cast(s.parent:gid as varchar) as parent_gid,
    cast(s.workspace:gid as varchar) as workspace_gid
from {{ source('tap_asana', 'tasks') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    varchar) as resource_subtype, cast(null as variant) as created_by, cast(null as varchar) as approval_status,
    cast(null as variant) as assigned_by, cast(null as boolean) as completed, cast(null as timestamp_ntz) as
    completed_at, cast(null as variant) as completed_by, cast(null as timestamp_ntz) as created_at, cast(null as
    variant) as dependencies, cast(null as variant) as dependents, cast(null as timestamp_ntz) as due_at, cast(null as
    date) as due_on, cast(null as variant) as external, cast(null as varchar) as html_notes, cast(null as boolean) as
    is_rendered_as_separator, cast(null as boolean) as liked, cast(null as variant) as likes, cast(null as variant) as
    memberships, cast(null as timestamp_ntz) as modified_at, cast(null as varchar) as notes, cast(null as double) as
    num_likes, cast(null as double) as num_subtasks, cast(null as timestamp_ntz) as start_at, cast(null as date) as
    start_on, cast(null as double) as actual_time_minutes, cast(null as variant) as assignee, cast(null as variant) as
    assignee_section, cast(null as variant) as custom_fields, cast(null as variant) as custom_type, cast(null as
    variant) as custom_type_status_option, cast(null as variant) as followers, cast(null as variant) as parent,
    cast(null as variant) as projects, cast(null as variant) as tags, cast(null as variant) as workspace, cast(null as
    varchar) as permalink_url, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as
    _sdc_deleted_at, cast(null as varchar) as created_by_gid, cast(null as varchar) as assigned_by_gid, cast(null as
    varchar) as completed_by_gid, cast(null as varchar) as assignee_gid, cast(null as varchar) as custom_type_gid,
    cast(null as varchar) as custom_type_status_option_gid, cast(null as varchar) as parent_gid, cast(null as varchar)
    as workspace_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
