-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('users') %}
select
    s.*
from {{ source('tap_asana', 'users') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as text)
    as "email", cast(null as jsonb) as "photo", cast(null as jsonb[]) as "workspaces", cast(null as jsonb[]) as
    "custom_fields", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('users') %}
select
    s.*
from (
    select *
    from {{ source('tap_asana', 'users') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    string) as `email`, cast(null as struct<`image_21x21` string, `image_27x27` string, `image_36x36` string,
    `image_60x60` string, `image_128x128` string, `image_1024x1024` string>) as `photo`, cast(null as
    array<struct<`gid` string, `name` string>>) as `workspaces`, cast(null as array<struct<`gid` string, `name`
    string, `representation_type` string, `enabled` bool, `display_value` string, `text_value` string, `number_value`
    numeric, `date_value` struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid` string, `name`
    string>, `multi_enum_values` array<struct<`gid` string, `name` string>>>>) as `custom_fields`, cast(null as
    timestamp) as `_sdc_batched_at`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('users') %}
select
    s.*
from {{ source('tap_asana', 'users') }} as s
where s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as varchar) as "email", cast(null as json) as "photo", cast(null as json) as "workspaces", cast(null as json) as
    "custom_fields", cast(null as timestamp) as "_sdc_batched_at"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('users') %}
select
    s.*
from {{ source('tap_asana', 'users') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    varchar) as email, cast(null as variant) as photo, cast(null as variant) as workspaces, cast(null as variant) as
    custom_fields, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
