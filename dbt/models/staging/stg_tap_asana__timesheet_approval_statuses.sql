-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('timesheet_approval_statuses') %}
select
    s.*,
    s.user ->> 'gid' as user_gid,
    s.workspace ->> 'gid' as workspace_gid
from {{ source('tap_asana', 'timesheet_approval_statuses') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as timestamp) as "created_at", cast(null
    as jsonb) as "user", cast(null as jsonb) as "workspace", cast(null as date) as "start_date", cast(null as date) as
    "end_date", cast(null as text) as "approval_status", cast(null as timestamp) as "_sdc_batched_at", cast(null as
    timestamp) as "_sdc_deleted_at", cast(null as text) as "user_gid", cast(null as text) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('timesheet_approval_statuses') %}
select
    s.*,
    s.user.gid as user_gid,
    s.workspace.gid as workspace_gid
from (
    select *
    from {{ source('tap_asana', 'timesheet_approval_statuses') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as timestamp) as `created_at`,
    cast(null as struct<`gid` string, `name` string>) as `user`, cast(null as struct<`gid` string, `name` string>) as
    `workspace`, cast(null as string) as `start_date`, cast(null as string) as `end_date`, cast(null as string) as
    `approval_status`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `user_gid`, cast(null as
    string) as `workspace_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('timesheet_approval_statuses') %}
select
    s.*,
    (s.user ->> '$.gid') as user_gid,
    (s.workspace ->> '$.gid') as workspace_gid
from {{ source('tap_asana', 'timesheet_approval_statuses') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as timestamp) as "created_at",
    cast(null as json) as "user", cast(null as json) as "workspace", cast(null as date) as "start_date", cast(null as
    date) as "end_date", cast(null as varchar) as "approval_status", cast(null as timestamp) as "_sdc_batched_at",
    cast(null as varchar) as "user_gid", cast(null as varchar) as "workspace_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('timesheet_approval_statuses') %}
select
    s.*,
    cast(s.user:gid as varchar) as user_gid,
    cast(s.workspace:gid as varchar) as workspace_gid
from {{ source('tap_asana', 'timesheet_approval_statuses') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as timestamp_ntz) as created_at,
    cast(null as variant) as user, cast(null as variant) as workspace, cast(null as date) as start_date, cast(null as
    date) as end_date, cast(null as varchar) as approval_status, cast(null as timestamp_ntz) as _sdc_batched_at,
    cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as user_gid, cast(null as varchar) as
    workspace_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
