-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('roles') %}
select
    s.*,
    s.workspace ->> 'gid' as workspace_gid
from {{ source('tap_asana', 'roles') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as text)
    as "description", cast(null as boolean) as "is_standard_role", cast(null as timestamp) as "creation_time",
    cast(null as timestamp) as "modified_at", cast(null as text) as "base_role_type", cast(null as jsonb) as
    "permissions", cast(null as jsonb) as "workspace", cast(null as timestamp) as "_sdc_batched_at", cast(null as
    timestamp) as "_sdc_deleted_at", cast(null as text) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('roles') %}
select
    s.*,
    s.workspace.gid as workspace_gid
from (
    select *
    from {{ source('tap_asana', 'roles') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    string) as `description`, cast(null as bool) as `is_standard_role`, cast(null as timestamp) as `creation_time`,
    cast(null as timestamp) as `modified_at`, cast(null as string) as `base_role_type`, cast(null as
    struct<`create_app_authorization` bool, `create_pat_authorization` bool, `share_goal_with_domain` bool,
    `share_portfolios_with_org` bool, `assign_roles` bool, `manage_roles` bool, `export_project_data` bool,
    `task_deletion_policy` string, `download_mobile_attachments` bool, `import_data` bool,
    `create_global_custom_fields` bool, `upload_attachments` bool, `create_team` bool, `allowed_guest_invites` string,
    `create_and_edit_ai_automations` bool, `proactive_ai` bool, `standard_ai` bool, `create_and_edit_ai_teammates`
    bool, `share_teams_with_org` bool, `create_goal` bool, `create_project` bool, `create_read_only_link` bool,
    `create_portfolio` bool, `view_public_teams` bool, `view_shared_with_org_projects` bool,
    `view_shared_with_org_tasks` bool, `view_shared_with_org_portfolios` bool>) as `permissions`, cast(null as
    struct<`gid` string, `name` string>) as `workspace`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as
    string) as `workspace_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('roles') %}
select
    s.*,
    (s.workspace ->> '$.gid') as workspace_gid
from {{ source('tap_asana', 'roles') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as varchar) as "description", cast(null as boolean) as "is_standard_role", cast(null as timestamp) as
    "creation_time", cast(null as timestamp) as "modified_at", cast(null as varchar) as "base_role_type", cast(null as
    json) as "permissions", cast(null as json) as "workspace", cast(null as timestamp) as "_sdc_batched_at", cast(null
    as varchar) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('roles') %}
select
    s.*,
    cast(s.workspace:gid as varchar) as workspace_gid
from {{ source('tap_asana', 'roles') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    varchar) as description, cast(null as boolean) as is_standard_role, cast(null as timestamp_ntz) as creation_time,
    cast(null as timestamp_ntz) as modified_at, cast(null as varchar) as base_role_type, cast(null as variant) as
    permissions, cast(null as variant) as workspace, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as
    timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as workspace_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
