-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('custom_fields') %}
select
    s.*,
    s.created_by ->> 'gid' as created_by_gid
from {{ source('tap_asana', 'custom_fields') }} as s
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "workspace_gid", cast(null
    as text) as "name", cast(null as text) as "resource_subtype", cast(null as jsonb[]) as "enum_options", cast(null
    as text) as "representation_type", cast(null as text) as "id_prefix", cast(null as jsonb[]) as
    "input_restrictions", cast(null as boolean) as "is_formula_field", cast(null as text) as "description", cast(null
    as numeric) as "precision", cast(null as text) as "format", cast(null as text) as "currency_code", cast(null as
    text) as "custom_label", cast(null as text) as "custom_label_position", cast(null as boolean) as
    "is_global_to_workspace", cast(null as boolean) as "has_notifications_enabled", cast(null as text) as
    "asana_created_field", cast(null as boolean) as "is_value_read_only", cast(null as jsonb) as "created_by",
    cast(null as text) as "privacy_setting", cast(null as text) as "default_access_level", cast(null as timestamp) as
    "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "created_by_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('custom_fields') %}
select
    s.*,
    s.created_by.gid as created_by_gid
from (
    select *
    from {{ source('tap_asana', 'custom_fields') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `workspace_gid`,
    cast(null as string) as `name`, cast(null as string) as `resource_subtype`, cast(null as array<struct<`gid`
    string, `name` string, `enabled` bool, `color` string>>) as `enum_options`, cast(null as string) as
    `representation_type`, cast(null as string) as `id_prefix`, cast(null as array<string>) as `input_restrictions`,
    cast(null as bool) as `is_formula_field`, cast(null as string) as `description`, cast(null as numeric) as
    `precision`, cast(null as string) as `format`, cast(null as string) as `currency_code`, cast(null as string) as
    `custom_label`, cast(null as string) as `custom_label_position`, cast(null as bool) as `is_global_to_workspace`,
    cast(null as bool) as `has_notifications_enabled`, cast(null as string) as `asana_created_field`, cast(null as
    bool) as `is_value_read_only`, cast(null as struct<`gid` string, `name` string>) as `created_by`, cast(null as
    string) as `privacy_setting`, cast(null as string) as `default_access_level`, cast(null as timestamp) as
    `_sdc_batched_at`, cast(null as string) as `created_by_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('custom_fields') %}
select
    s.*,
    (s.created_by ->> '$.gid') as created_by_gid
from {{ source('tap_asana', 'custom_fields') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "workspace_gid",
    cast(null as varchar) as "name", cast(null as varchar) as "resource_subtype", cast(null as json) as
    "enum_options", cast(null as varchar) as "representation_type", cast(null as varchar) as "id_prefix", cast(null as
    json) as "input_restrictions", cast(null as boolean) as "is_formula_field", cast(null as varchar) as
    "description", cast(null as double) as "precision", cast(null as varchar) as "format", cast(null as varchar) as
    "currency_code", cast(null as varchar) as "custom_label", cast(null as varchar) as "custom_label_position",
    cast(null as boolean) as "is_global_to_workspace", cast(null as boolean) as "has_notifications_enabled", cast(null
    as varchar) as "asana_created_field", cast(null as boolean) as "is_value_read_only", cast(null as json) as
    "created_by", cast(null as varchar) as "privacy_setting", cast(null as varchar) as "default_access_level",
    cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as "created_by_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('custom_fields') %}
select
    s.*,
    cast(s.created_by:gid as varchar) as created_by_gid
from {{ source('tap_asana', 'custom_fields') }} as s
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as workspace_gid,
    cast(null as varchar) as name, cast(null as varchar) as resource_subtype, cast(null as variant) as enum_options,
    cast(null as varchar) as representation_type, cast(null as varchar) as id_prefix, cast(null as variant) as
    input_restrictions, cast(null as boolean) as is_formula_field, cast(null as varchar) as description, cast(null as
    double) as precision, cast(null as varchar) as format, cast(null as varchar) as currency_code, cast(null as
    varchar) as custom_label, cast(null as varchar) as custom_label_position, cast(null as boolean) as
    is_global_to_workspace, cast(null as boolean) as has_notifications_enabled, cast(null as varchar) as
    asana_created_field, cast(null as boolean) as is_value_read_only, cast(null as variant) as created_by, cast(null
    as varchar) as privacy_setting, cast(null as varchar) as default_access_level, cast(null as timestamp_ntz) as
    _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as created_by_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
