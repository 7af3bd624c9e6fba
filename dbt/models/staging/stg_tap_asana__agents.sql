-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('agents') %}
select
    s.*,
    s.workspace ->> 'gid' as workspace_gid
from {{ source('tap_asana', 'agents') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "resource_subtype",
    cast(null as text) as "name", cast(null as text) as "description", cast(null as text) as "behavior_guidance",
    cast(null as jsonb) as "workspace", cast(null as jsonb) as "photo", cast(null as timestamp) as "_sdc_batched_at",
    cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('agents') %}
select
    s.*,
    s.workspace.gid as workspace_gid
from (
    select *
    from {{ source('tap_asana', 'agents') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `resource_subtype`,
    cast(null as string) as `name`, cast(null as string) as `description`, cast(null as string) as
    `behavior_guidance`, cast(null as struct<`gid` string>) as `workspace`, cast(null as struct<`image_21x21` string,
    `image_27x27` string, `image_36x36` string, `image_60x60` string, `image_128x128` string, `image_1024x1024`
    string>) as `photo`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `workspace_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('agents') %}
select
    s.*,
    (s.workspace ->> '$.gid') as workspace_gid
from {{ source('tap_asana', 'agents') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "resource_subtype",
    cast(null as varchar) as "name", cast(null as varchar) as "description", cast(null as varchar) as
    "behavior_guidance", cast(null as json) as "workspace", cast(null as json) as "photo", cast(null as timestamp) as
    "_sdc_batched_at", cast(null as varchar) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('agents') %}
select
    s.*,
    cast(s.workspace:gid as varchar) as workspace_gid
from {{ source('tap_asana', 'agents') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as resource_subtype,
    cast(null as varchar) as name, cast(null as varchar) as description, cast(null as varchar) as behavior_guidance,
    cast(null as variant) as workspace, cast(null as variant) as photo, cast(null as timestamp_ntz) as
    _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as workspace_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
