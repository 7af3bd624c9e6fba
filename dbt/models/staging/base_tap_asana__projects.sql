-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('projects') %}
select
    s.*,
    s.current_status_update ->> 'gid' as current_status_update_gid,
    s.completed_by ->> 'gid' as completed_by_gid,
    s.owner ->> 'gid' as owner_gid,
    s.team ->> 'gid' as team_gid,
    s.project_brief ->> 'gid' as project_brief_gid,
    s.created_from_template ->> 'gid' as created_from_template_gid,
    s.workspace ->> 'gid' as workspace_gid
from {{ source('tap_asana', 'projects') }} as s
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as
    boolean) as "archived", cast(null as text) as "color", cast(null as text) as "icon", cast(null as timestamp) as
    "created_at", cast(null as jsonb) as "current_status_update", cast(null as jsonb[]) as "custom_field_settings",
    cast(null as text) as "default_view", cast(null as date) as "due_on", cast(null as text) as "html_notes",
    cast(null as jsonb[]) as "members", cast(null as timestamp) as "modified_at", cast(null as text) as "notes",
    cast(null as text) as "privacy_setting", cast(null as date) as "start_on", cast(null as text) as
    "default_access_level", cast(null as text) as "minimum_access_level_for_customization", cast(null as text) as
    "minimum_access_level_for_sharing", cast(null as jsonb[]) as "custom_fields", cast(null as boolean) as
    "completed", cast(null as timestamp) as "completed_at", cast(null as jsonb) as "completed_by", cast(null as
    jsonb[]) as "followers", cast(null as jsonb) as "owner", cast(null as jsonb) as "team", cast(null as text) as
    "permalink_url", cast(null as jsonb) as "project_brief", cast(null as jsonb) as "created_from_template", cast(null
    as jsonb) as "workspace", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as
    "_sdc_deleted_at", cast(null as text) as "current_status_update_gid", cast(null as text) as "completed_by_gid",
    cast(null as text) as "owner_gid", cast(null as text) as "team_gid", cast(null as text) as "project_brief_gid",
    cast(null as text) as "created_from_template_gid", cast(null as text) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('projects') %}
select
    s.*,
    s.current_status_update.gid as current_status_update_gid,
    s.completed_by.gid as completed_by_gid,
    s.owner.gid as owner_gid,
    s.team.gid as team_gid,
    s.project_brief.gid as project_brief_gid,
    s.created_from_template.gid as created_from_template_gid,
    s.workspace.gid as workspace_gid
from (
    select *
    from {{ source('tap_asana', 'projects') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    bool) as `archived`, cast(null as string) as `color`, cast(null as string) as `icon`, cast(null as timestamp) as
    `created_at`, cast(null as struct<`gid` string, `title` string, `resource_subtype` string>) as
    `current_status_update`, cast(null as array<struct<`gid` string, `is_important` bool, `custom_field` struct<`gid`
    string, `name` string>>>) as `custom_field_settings`, cast(null as string) as `default_view`, cast(null as string)
    as `due_on`, cast(null as string) as `html_notes`, cast(null as array<struct<`gid` string, `name` string>>) as
    `members`, cast(null as timestamp) as `modified_at`, cast(null as string) as `notes`, cast(null as string) as
    `privacy_setting`, cast(null as string) as `start_on`, cast(null as string) as `default_access_level`, cast(null
    as string) as `minimum_access_level_for_customization`, cast(null as string) as
    `minimum_access_level_for_sharing`, cast(null as array<struct<`gid` string, `name` string, `representation_type`
    string, `enabled` bool, `display_value` string, `text_value` string, `number_value` numeric, `date_value`
    struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid` string, `name` string>,
    `multi_enum_values` array<struct<`gid` string, `name` string>>>>) as `custom_fields`, cast(null as bool) as
    `completed`, cast(null as timestamp) as `completed_at`, cast(null as struct<`gid` string, `name` string>) as
    `completed_by`, cast(null as array<struct<`gid` string, `name` string>>) as `followers`, cast(null as struct<`gid`
    string>) as `owner`, cast(null as struct<`gid` string, `name` string>) as `team`, cast(null as string) as
    `permalink_url`, cast(null as struct<`gid` string>) as `project_brief`, cast(null as struct<`gid` string, `name`
    string>) as `created_from_template`, cast(null as struct<`gid` string, `name` string>) as `workspace`, cast(null
    as timestamp) as `_sdc_batched_at`, cast(null as string) as `current_status_update_gid`, cast(null as string) as
    `completed_by_gid`, cast(null as string) as `owner_gid`, cast(null as string) as `team_gid`, cast(null as string)
    as `project_brief_gid`, cast(null as string) as `created_from_template_gid`, cast(null as string) as
    `workspace_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('projects') %}
select
    s.*,
    (s.current_status_update ->> '$.gid') as current_status_update_gid,
    (s.completed_by ->> '$.gid') as completed_by_gid,
    (s.owner ->> '$.gid') as owner_gid,
    (s.team ->> '$.gid') as team_gid,
    (s.project_brief ->> '$.gid') as project_brief_gid,
    (s.created_from_template ->> '$.gid') as created_from_template_gid,
    (s.workspace ->> '$.gid') as workspace_gid
from {{ source('tap_asana', 'projects') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as boolean) as "archived", cast(null as varchar) as "color", cast(null as varchar) as "icon", cast(null as
    timestamp) as "created_at", cast(null as json) as "current_status_update", cast(null as json) as
    "custom_field_settings", cast(null as varchar) as "default_view", cast(null as date) as "due_on", cast(null as
    varchar) as "html_notes", cast(null as json) as "members", cast(null as timestamp) as "modified_at", cast(null as
    varchar) as "notes", cast(null as varchar) as "privacy_setting", cast(null as date) as "start_on", cast(null as
    varchar) as "default_access_level", cast(null as varchar) as "minimum_access_level_for_customization", cast(null
    as varchar) as "minimum_access_level_for_sharing", cast(null as json) as "custom_fields", cast(null as boolean) as
    "completed", cast(null as timestamp) as "completed_at", cast(null as json) as "completed_by", cast(null as json)
    as "followers", cast(null as json) as "owner", cast(null as json) as "team", cast(null as varchar) as
    "permalink_url", cast(null as json) as "project_brief", cast(null as json) as "created_from_template", cast(null
    as json) as "workspace", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as
    "current_status_update_gid", cast(null as varchar) as "completed_by_gid", cast(null as varchar) as "owner_gid",
    cast(null as varchar) as "team_gid", cast(null as varchar) as "project_brief_gid", cast(null as varchar) as
    "created_from_template_gid", cast(null as varchar) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('projects') %}
select
    s.*,
    cast(s.current_status_update:gid as varchar) as current_status_update_gid,
    cast(s.completed_by:gid as varchar) as completed_by_gid,
    cast(s.owner:gid as varchar) as owner_gid,
    cast(s.team:gid as varchar) as team_gid,
    cast(s.project_brief:gid as varchar) as project_brief_gid,
    cast(s.created_from_template:gid as varchar) as created_from_template_gid,
    cast(s.workspace:gid as varchar) as workspace_gid
from {{ source('tap_asana', 'projects') }} as s
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    boolean) as archived, cast(null as varchar) as color, cast(null as varchar) as icon, cast(null as timestamp_ntz)
    as created_at, cast(null as variant) as current_status_update, cast(null as variant) as custom_field_settings,
    cast(null as varchar) as default_view, cast(null as date) as due_on, cast(null as varchar) as html_notes,
    cast(null as variant) as members, cast(null as timestamp_ntz) as modified_at, cast(null as varchar) as notes,
    cast(null as varchar) as privacy_setting, cast(null as date) as start_on, cast(null as varchar) as
    default_access_level, cast(null as varchar) as minimum_access_level_for_customization, cast(null as varchar) as
    minimum_access_level_for_sharing, cast(null as variant) as custom_fields, cast(null as boolean) as completed,
    cast(null as timestamp_ntz) as completed_at, cast(null as variant) as completed_by, cast(null as variant) as
    followers, cast(null as variant) as owner, cast(null as variant) as team, cast(null as varchar) as permalink_url,
    cast(null as variant) as project_brief, cast(null as variant) as created_from_template, cast(null as variant) as
    workspace, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at,
    cast(null as varchar) as current_status_update_gid, cast(null as varchar) as completed_by_gid, cast(null as
    varchar) as owner_gid, cast(null as varchar) as team_gid, cast(null as varchar) as project_brief_gid, cast(null as
    varchar) as created_from_template_gid, cast(null as varchar) as workspace_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
