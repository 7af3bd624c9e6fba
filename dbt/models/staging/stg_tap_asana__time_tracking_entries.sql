-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('time_tracking_entries') %}
select
    s.*,
    s.attributable_to ->> 'gid' as attributable_to_gid,
    s.created_by ->> 'gid' as created_by_gid
from {{ source('tap_asana', 'time_tracking_entries') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.task_gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "workspace_gid", cast(null
    as text) as "task_gid", cast(null as numeric) as "duration_minutes", cast(null as date) as "entered_on", cast(null
    as jsonb) as "attributable_to", cast(null as jsonb) as "created_by", cast(null as jsonb[]) as "categories",
    cast(null as jsonb) as "task", cast(null as timestamp) as "created_at", cast(null as text) as "approval_status",
    cast(null as text) as "billable_status", cast(null as text) as "description", cast(null as timestamp) as
    "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "attributable_to_gid",
    cast(null as text) as "created_by_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('time_tracking_entries') %}
select
    s.*,
    s.attributable_to.gid as attributable_to_gid,
    s.created_by.gid as created_by_gid
from (
    select *
    from {{ source('tap_asana', 'time_tracking_entries') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.task_gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `workspace_gid`,
    cast(null as string) as `task_gid`, cast(null as numeric) as `duration_minutes`, cast(null as string) as
    `entered_on`, cast(null as struct<`gid` string, `name` string>) as `attributable_to`, cast(null as struct<`gid`
    string, `name` string>) as `created_by`, cast(null as array<struct<`gid` string, `name` string, `color` string>>)
    as `categories`, cast(null as struct<`gid` string, `name` string, `resource_subtype` string>) as `task`, cast(null
    as timestamp) as `created_at`, cast(null as string) as `approval_status`, cast(null as string) as
    `billable_status`, cast(null as string) as `description`, cast(null as timestamp) as `_sdc_batched_at`, cast(null
    as string) as `attributable_to_gid`, cast(null as string) as `created_by_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('time_tracking_entries') %}
select
    s.*,
    (s.attributable_to ->> '$.gid') as attributable_to_gid,
    (s.created_by ->> '$.gid') as created_by_gid
from {{ source('tap_asana', 'time_tracking_entries') }} as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.task_gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "workspace_gid",
    cast(null as varchar) as "task_gid", cast(null as double) as "duration_minutes", cast(null as date) as
    "entered_on", cast(null as json) as "attributable_to", cast(null as json) as "created_by", cast(null as json) as
    "categories", cast(null as json) as "task", cast(null as timestamp) as "created_at", cast(null as varchar) as
    "approval_status", cast(null as varchar) as "billable_status", cast(null as varchar) as "description", cast(null
    as timestamp) as "_sdc_batched_at", cast(null as varchar) as "attributable_to_gid", cast(null as varchar) as
    "created_by_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('time_tracking_entries') %}
select
    s.*,
    cast(s.attributable_to:gid as varchar) as attributable_to_gid,
    cast(s.created_by:gid as varchar) as created_by_gid
from {{ source('tap_asana', 'time_tracking_entries') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.task_gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as workspace_gid,
    cast(null as varchar) as task_gid, cast(null as double) as duration_minutes, cast(null as date) as entered_on,
    cast(null as variant) as attributable_to, cast(null as variant) as created_by, cast(null as variant) as
    categories, cast(null as variant) as task, cast(null as timestamp_ntz) as created_at, cast(null as varchar) as
    approval_status, cast(null as varchar) as billable_status, cast(null as varchar) as description, cast(null as
    timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as
    attributable_to_gid, cast(null as varchar) as created_by_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
