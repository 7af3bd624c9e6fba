-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('tags') %}
select
    s.*,
    s.workspace ->> 'gid' as workspace_gid
from {{ source('tap_asana', 'tags') }} as s
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as text)
    as "color", cast(null as text) as "notes", cast(null as timestamp) as "created_at", cast(null as jsonb[]) as
    "followers", cast(null as jsonb) as "workspace", cast(null as text) as "permalink_url", cast(null as timestamp) as
    "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('tags') %}
select
    s.*,
    s.workspace.gid as workspace_gid
from (
    select *
    from {{ source('tap_asana', 'tags') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    string) as `color`, cast(null as string) as `notes`, cast(null as timestamp) as `created_at`, cast(null as
    array<struct<`gid` string, `name` string>>) as `followers`, cast(null as struct<`gid` string, `name` string>) as
    `workspace`, cast(null as string) as `permalink_url`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as
    string) as `workspace_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('tags') %}
select
    s.*,
    (s.workspace ->> '$.gid') as workspace_gid
from {{ source('tap_asana', 'tags') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as varchar) as "color", cast(null as varchar) as "notes", cast(null as timestamp) as "created_at", cast(null as
    json) as "followers", cast(null as json) as "workspace", cast(null as varchar) as "permalink_url", cast(null as
    timestamp) as "_sdc_batched_at", cast(null as varchar) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('tags') %}
select
    s.*,
    cast(s.workspace:gid as varchar) as workspace_gid
from {{ source('tap_asana', 'tags') }} as s
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    varchar) as color, cast(null as varchar) as notes, cast(null as timestamp_ntz) as created_at, cast(null as
    variant) as followers, cast(null as variant) as workspace, cast(null as varchar) as permalink_url, cast(null as
    timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as
    workspace_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
