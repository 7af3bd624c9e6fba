-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('portfolios') %}
select
    s.*,
    s.created_by ->> 'gid' as created_by_gid,
    s.current_status_update ->> 'gid' as current_status_update_gid,
    s.owner ->> 'gid' as owner_gid,
    s.workspace ->> 'gid' as workspace_gid
from {{ source('tap_asana', 'portfolios') }} as s
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as
    boolean) as "archived", cast(null as text) as "color", cast(null as date) as "start_on", cast(null as date) as
    "due_on", cast(null as text) as "default_access_level", cast(null as timestamp) as "created_at", cast(null as
    jsonb) as "created_by", cast(null as jsonb[]) as "custom_field_settings", cast(null as jsonb) as
    "current_status_update", cast(null as jsonb[]) as "custom_fields", cast(null as jsonb[]) as "members", cast(null
    as jsonb) as "owner", cast(null as jsonb) as "workspace", cast(null as text) as "permalink_url", cast(null as
    boolean) as "public", cast(null as text) as "privacy_setting", cast(null as jsonb[]) as "project_templates",
    cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as
    "created_by_gid", cast(null as text) as "current_status_update_gid", cast(null as text) as "owner_gid", cast(null
    as text) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('portfolios') %}
select
    s.*,
    s.created_by.gid as created_by_gid,
    s.current_status_update.gid as current_status_update_gid,
    s.owner.gid as owner_gid,
    s.workspace.gid as workspace_gid
from (
    select *
    from {{ source('tap_asana', 'portfolios') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    bool) as `archived`, cast(null as string) as `color`, cast(null as string) as `start_on`, cast(null as string) as
    `due_on`, cast(null as string) as `default_access_level`, cast(null as timestamp) as `created_at`, cast(null as
    struct<`gid` string, `name` string>) as `created_by`, cast(null as array<struct<`gid` string, `is_important` bool,
    `custom_field` struct<`gid` string, `name` string>>>) as `custom_field_settings`, cast(null as struct<`gid`
    string, `title` string, `resource_subtype` string>) as `current_status_update`, cast(null as array<struct<`gid`
    string, `name` string, `representation_type` string, `enabled` bool, `display_value` string, `text_value` string,
    `number_value` numeric, `date_value` struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid`
    string, `name` string>, `multi_enum_values` array<struct<`gid` string, `name` string>>>>) as `custom_fields`,
    cast(null as array<struct<`gid` string, `name` string>>) as `members`, cast(null as struct<`gid` string, `name`
    string>) as `owner`, cast(null as struct<`gid` string, `name` string>) as `workspace`, cast(null as string) as
    `permalink_url`, cast(null as bool) as `public`, cast(null as string) as `privacy_setting`, cast(null as
    array<struct<`gid` string, `name` string>>) as `project_templates`, cast(null as timestamp) as `_sdc_batched_at`,
    cast(null as string) as `created_by_gid`, cast(null as string) as `current_status_update_gid`, cast(null as
    string) as `owner_gid`, cast(null as string) as `workspace_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('portfolios') %}
select
    s.*,
    (s.created_by ->> '$.gid') as created_by_gid,
    (s.current_status_update ->> '$.gid') as current_status_update_gid,
    (s.owner ->> '$.gid') as owner_gid,
    (s.workspace ->> '$.gid') as workspace_gid
from {{ source('tap_asana', 'portfolios') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as boolean) as "archived", cast(null as varchar) as "color", cast(null as date) as "start_on", cast(null as date)
    as "due_on", cast(null as varchar) as "default_access_level", cast(null as timestamp) as "created_at", cast(null
    as json) as "created_by", cast(null as json) as "custom_field_settings", cast(null as json) as
    "current_status_update", cast(null as json) as "custom_fields", cast(null as json) as "members", cast(null as
    json) as "owner", cast(null as json) as "workspace", cast(null as varchar) as "permalink_url", cast(null as
    boolean) as "public", cast(null as varchar) as "privacy_setting", cast(null as json) as "project_templates",
    cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as "created_by_gid", cast(null as varchar) as
    "current_status_update_gid", cast(null as varchar) as "owner_gid", cast(null as varchar) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('portfolios') %}
select
    s.*,
    cast(s.created_by:gid as varchar) as created_by_gid,
    cast(s.current_status_update:gid as varchar) as current_status_update_gid,
    cast(s.owner:gid as varchar) as owner_gid,
    cast(s.workspace:gid as varchar) as workspace_gid
from {{ source('tap_asana', 'portfolios') }} as s
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    boolean) as archived, cast(null as varchar) as color, cast(null as date) as start_on, cast(null as date) as
    due_on, cast(null as varchar) as default_access_level, cast(null as timestamp_ntz) as created_at, cast(null as
    variant) as created_by, cast(null as variant) as custom_field_settings, cast(null as variant) as
    current_status_update, cast(null as variant) as custom_fields, cast(null as variant) as members, cast(null as
    variant) as owner, cast(null as variant) as workspace, cast(null as varchar) as permalink_url, cast(null as
    boolean) as public, cast(null as varchar) as privacy_setting, cast(null as variant) as project_templates,
    cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as
    varchar) as created_by_gid, cast(null as varchar) as current_status_update_gid, cast(null as varchar) as
    owner_gid, cast(null as varchar) as workspace_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
