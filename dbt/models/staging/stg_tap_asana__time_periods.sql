-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('time_periods') %}
select
    s.*,
    s.parent ->> 'gid' as parent_gid
from {{ source('tap_asana', 'time_periods') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "workspace_gid", cast(null
    as date) as "end_on", cast(null as date) as "start_on", cast(null as text) as "period", cast(null as text) as
    "display_name", cast(null as jsonb) as "parent", cast(null as timestamp) as "_sdc_batched_at", cast(null as
    timestamp) as "_sdc_deleted_at", cast(null as text) as "parent_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('time_periods') %}
select
    s.*,
    s.parent.gid as parent_gid
from (
    select *
    from {{ source('tap_asana', 'time_periods') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `workspace_gid`,
    cast(null as string) as `end_on`, cast(null as string) as `start_on`, cast(null as string) as `period`, cast(null
    as string) as `display_name`, cast(null as struct<`gid` string, `end_on` string, `start_on` string, `period`
    string, `display_name` string>) as `parent`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as
    `parent_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('time_periods') %}
select
    s.*,
    (s.parent ->> '$.gid') as parent_gid
from {{ source('tap_asana', 'time_periods') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "workspace_gid",
    cast(null as date) as "end_on", cast(null as date) as "start_on", cast(null as varchar) as "period", cast(null as
    varchar) as "display_name", cast(null as json) as "parent", cast(null as timestamp) as "_sdc_batched_at",
    cast(null as varchar) as "parent_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('time_periods') %}
select
    s.*,
    cast(s.parent:gid as varchar) as parent_gid
from {{ source('tap_asana', 'time_periods') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as workspace_gid,
    cast(null as date) as end_on, cast(null as date) as start_on, cast(null as varchar) as period, cast(null as
    varchar) as display_name, cast(null as variant) as parent, cast(null as timestamp_ntz) as _sdc_batched_at,
    cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as parent_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
