-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('goals') %}
select
    s.*,
    s.team ->> 'gid' as team_gid,
    s.workspace ->> 'gid' as workspace_gid,
    s.time_period ->> 'gid' as time_period_gid,
    s.owner ->> 'gid' as owner_gid,
    s.current_status_update ->> 'gid' as current_status_update_gid
from {{ source('tap_asana', 'goals') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as text)
    as "html_notes", cast(null as text) as "notes", cast(null as date) as "due_on", cast(null as date) as "start_on",
    cast(null as boolean) as "is_workspace_level", cast(null as boolean) as "liked", cast(null as jsonb[]) as "likes",
    cast(null as numeric) as "num_likes", cast(null as jsonb) as "team", cast(null as jsonb) as "workspace", cast(null
    as jsonb[]) as "followers", cast(null as jsonb) as "time_period", cast(null as jsonb) as "metric", cast(null as
    jsonb) as "owner", cast(null as jsonb) as "current_status_update", cast(null as text) as "status", cast(null as
    text) as "privacy_setting", cast(null as text) as "default_access_level", cast(null as jsonb[]) as
    "custom_fields", cast(null as jsonb[]) as "custom_field_settings", cast(null as timestamp) as "_sdc_batched_at",
    cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "team_gid", cast(null as text) as
    "workspace_gid", cast(null as text) as "time_period_gid", cast(null as text) as "owner_gid", cast(null as text) as
    "current_status_update_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('goals') %}
select
    s.*,
    s.team.gid as team_gid,
    s.workspace.gid as workspace_gid,
    s.time_period.gid as time_period_gid,
    s.owner.gid as owner_gid,
    s.current_status_update.gid as current_status_update_gid
from (
    select *
    from {{ source('tap_asana', 'goals') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    string) as `html_notes`, cast(null as string) as `notes`, cast(null as string) as `due_on`, cast(null as string)
    as `start_on`, cast(null as bool) as `is_workspace_level`, cast(null as bool) as `liked`, cast(null as
    array<struct<`gid` string, `user` struct<`gid` string, `name` string>>>) as `likes`, cast(null as numeric) as
    `num_likes`, cast(null as struct<`gid` string, `name` string>) as `team`, cast(null as struct<`gid` string, `name`
    string>) as `workspace`, cast(null as array<struct<`gid` string, `name` string>>) as `followers`, cast(null as
    struct<`gid` string, `end_on` string, `start_on` string, `period` string, `display_name` string>) as
    `time_period`, cast(null as struct<`gid` string, `resource_subtype` string, `precision` numeric, `unit` string,
    `currency_code` string, `initial_number_value` numeric, `target_number_value` numeric, `current_number_value`
    numeric, `current_display_value` string, `progress_source` string, `is_custom_weight` bool, `can_manage` bool>) as
    `metric`, cast(null as struct<`gid` string, `name` string>) as `owner`, cast(null as struct<`gid` string, `title`
    string, `resource_subtype` string>) as `current_status_update`, cast(null as string) as `status`, cast(null as
    string) as `privacy_setting`, cast(null as string) as `default_access_level`, cast(null as array<struct<`gid`
    string, `name` string, `representation_type` string, `enabled` bool, `display_value` string, `text_value` string,
    `number_value` numeric, `date_value` struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid`
    string, `name` string>, `multi_enum_values` array<struct<`gid` string, `name` string>>>>) as `custom_fields`,
    cast(null as array<struct<`gid` string, `is_important` bool, `custom_field` struct<`gid` string, `name` string>>>)
    as `custom_field_settings`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `team_gid`,
    cast(null as string) as `workspace_gid`, cast(null as string) as `time_period_gid`, cast(null as string) as
    `owner_gid`, cast(null as string) as `current_status_update_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('goals') %}
select
    s.*,
    (s.team ->> '$.gid') as team_gid,
    (s.workspace ->> '$.gid') as workspace_gid,
    (s.time_period ->> '$.gid') as time_period_gid,
    (s.owner ->> '$.gid') as owner_gid,
    (s.current_status_update ->> '$.gid') as current_status_update_gid
from {{ source('tap_asana', 'goals') }} as s
where s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as varchar) as "html_notes", cast(null as varchar) as "notes", cast(null as date) as "due_on", cast(null as date)
    as "start_on", cast(null as boolean) as "is_workspace_level", cast(null as boolean) as "liked", cast(null as json)
    as "likes", cast(null as double) as "num_likes", cast(null as json) as "team", cast(null as json) as "workspace",
    cast(null as json) as "followers", cast(null as json) as "time_period", cast(null as json) as "metric", cast(null
    as json) as "owner", cast(null as json) as "current_status_update", cast(null as varchar) as "status", cast(null
    as varchar) as "privacy_setting", cast(null as varchar) as "default_access_level", cast(null as json) as
    "custom_fields", cast(null as json) as "custom_field_settings", cast(null as timestamp) as "_sdc_batched_at",
    cast(null as varchar) as "team_gid", cast(null as varchar) as "workspace_gid", cast(null as varchar) as
    "time_period_gid", cast(null as varchar) as "owner_gid", cast(null as varchar) as "current_status_update_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('goals') %}
select
    s.*,
    cast(s.team:gid as varchar) as team_gid,
    cast(s.workspace:gid as varchar) as workspace_gid,
    cast(s.time_period:gid as varchar) as time_period_gid,
    cast(s.owner:gid as varchar) as owner_gid,
    cast(s.current_status_update:gid as varchar) as current_status_update_gid
from {{ source('tap_asana', 'goals') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    varchar) as html_notes, cast(null as varchar) as notes, cast(null as date) as due_on, cast(null as date) as
    start_on, cast(null as boolean) as is_workspace_level, cast(null as boolean) as liked, cast(null as variant) as
    likes, cast(null as double) as num_likes, cast(null as variant) as team, cast(null as variant) as workspace,
    cast(null as variant) as followers, cast(null as variant) as time_period, cast(null as variant) as metric,
    cast(null as variant) as owner, cast(null as variant) as current_status_update, cast(null as varchar) as status,
    cast(null as varchar) as privacy_setting, cast(null as varchar) as default_access_level, cast(null as variant) as
    custom_fields, cast(null as variant) as custom_field_settings, cast(null as timestamp_ntz) as _sdc_batched_at,
    cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as team_gid, cast(null as varchar) as
    workspace_gid, cast(null as varchar) as time_period_gid, cast(null as varchar) as owner_gid, cast(null as varchar)
    as current_status_update_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
