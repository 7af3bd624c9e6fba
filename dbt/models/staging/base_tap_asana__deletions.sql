-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('deletions') %}
select
    s.*,
    s.actor ->> 'gid' as actor_gid
from {{ source('tap_asana', 'deletions') }} as s
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "action", cast(null as
    timestamp) as "occurred_at", cast(null as jsonb) as "actor", cast(null as text) as "parent_gid", cast(null as
    jsonb) as "parent", cast(null as text) as "workspace_gid", cast(null as text) as "source", cast(null as timestamp)
    as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "actor_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('deletions') %}
select
    s.*,
    s.actor.gid as actor_gid
from (
    select *
    from {{ source('tap_asana', 'deletions') }}
    where true
    qualify row_number() over (partition by gid, action, occurred_at, parent_gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `action`, cast(null as
    timestamp) as `occurred_at`, cast(null as struct<`gid` string, `name` string>) as `actor`, cast(null as string) as
    `parent_gid`, cast(null as struct<`gid` string, `name` string, `resource_type` string>) as `parent`, cast(null as
    string) as `workspace_gid`, cast(null as string) as `source`, cast(null as timestamp) as `_sdc_batched_at`,
    cast(null as string) as `actor_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('deletions') %}
select
    s.*,
    (s.actor ->> '$.gid') as actor_gid
from {{ source('tap_asana', 'deletions') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "action", cast(null
    as timestamp) as "occurred_at", cast(null as json) as "actor", cast(null as varchar) as "parent_gid", cast(null as
    json) as "parent", cast(null as varchar) as "workspace_gid", cast(null as varchar) as "source", cast(null as
    timestamp) as "_sdc_batched_at", cast(null as varchar) as "actor_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('deletions') %}
select
    s.*,
    cast(s.actor:gid as varchar) as actor_gid
from {{ source('tap_asana', 'deletions') }} as s
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as action, cast(null as
    timestamp_ntz) as occurred_at, cast(null as variant) as actor, cast(null as varchar) as parent_gid, cast(null as
    variant) as parent, cast(null as varchar) as workspace_gid, cast(null as varchar) as source, cast(null as
    timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as
    actor_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
