-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('user_task_lists') %}
select
    s.*,
    s.owner ->> 'gid' as owner_gid,
    s.workspace ->> 'gid' as workspace_gid
from {{ source('tap_asana', 'user_task_lists') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as jsonb)
    as "owner", cast(null as jsonb) as "workspace", cast(null as timestamp) as "_sdc_batched_at", cast(null as
    timestamp) as "_sdc_deleted_at", cast(null as text) as "owner_gid", cast(null as text) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('user_task_lists') %}
select
    s.*,
    s.owner.gid as owner_gid,
    s.workspace.gid as workspace_gid
from (
    select *
    from {{ source('tap_asana', 'user_task_lists') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    struct<`gid` string>) as `owner`, cast(null as struct<`gid` string>) as `workspace`, cast(null as timestamp) as
    `_sdc_batched_at`, cast(null as string) as `owner_gid`, cast(null as string) as `workspace_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('user_task_lists') %}
select
    s.*,
    (s.owner ->> '$.gid') as owner_gid,
    (s.workspace ->> '$.gid') as workspace_gid
from {{ source('tap_asana', 'user_task_lists') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as json) as "owner", cast(null as json) as "workspace", cast(null as timestamp) as "_sdc_batched_at", cast(null as
    varchar) as "owner_gid", cast(null as varchar) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('user_task_lists') %}
select
    s.*,
    cast(s.owner:gid as varchar) as owner_gid,
    cast(s.workspace:gid as varchar) as workspace_gid
from {{ source('tap_asana', 'user_task_lists') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    variant) as owner, cast(null as variant) as workspace, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null
    as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as owner_gid, cast(null as varchar) as workspace_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
