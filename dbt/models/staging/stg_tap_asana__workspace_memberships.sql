-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('workspace_memberships') %}
select
    s.*,
    s.user ->> 'gid' as user_gid,
    s.workspace ->> 'gid' as workspace_gid,
    s.user_task_list ->> 'gid' as user_task_list_gid
from {{ source('tap_asana', 'workspace_memberships') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as jsonb) as "user", cast(null as jsonb)
    as "workspace", cast(null as jsonb) as "user_task_list", cast(null as boolean) as "is_active", cast(null as
    boolean) as "is_admin", cast(null as boolean) as "is_guest", cast(null as boolean) as "is_view_only", cast(null as
    timestamp) as "created_at", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as
    "_sdc_deleted_at", cast(null as text) as "user_gid", cast(null as text) as "workspace_gid", cast(null as text) as
    "user_task_list_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('workspace_memberships') %}
select
    s.*,
    s.user.gid as user_gid,
    s.workspace.gid as workspace_gid,
    s.user_task_list.gid as user_task_list_gid
from (
    select *
    from {{ source('tap_asana', 'workspace_memberships') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as struct<`gid` string, `name`
    string>) as `user`, cast(null as struct<`gid` string, `name` string>) as `workspace`, cast(null as struct<`gid`
    string, `name` string>) as `user_task_list`, cast(null as bool) as `is_active`, cast(null as bool) as `is_admin`,
    cast(null as bool) as `is_guest`, cast(null as bool) as `is_view_only`, cast(null as timestamp) as `created_at`,
    cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `user_gid`, cast(null as string) as
    `workspace_gid`, cast(null as string) as `user_task_list_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('workspace_memberships') %}
select
    s.*,
    (s.user ->> '$.gid') as user_gid,
    (s.workspace ->> '$.gid') as workspace_gid,
    (s.user_task_list ->> '$.gid') as user_task_list_gid
from {{ source('tap_asana', 'workspace_memberships') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as json) as "user", cast(null as
    json) as "workspace", cast(null as json) as "user_task_list", cast(null as boolean) as "is_active", cast(null as
    boolean) as "is_admin", cast(null as boolean) as "is_guest", cast(null as boolean) as "is_view_only", cast(null as
    timestamp) as "created_at", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as "user_gid",
    cast(null as varchar) as "workspace_gid", cast(null as varchar) as "user_task_list_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('workspace_memberships') %}
select
    s.*,
    cast(s.user:gid as varchar) as user_gid,
    cast(s.workspace:gid as varchar) as workspace_gid,
    cast(s.user_task_list:gid as varchar) as user_task_list_gid
from {{ source('tap_asana', 'workspace_memberships') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as variant) as user, cast(null as
    variant) as workspace, cast(null as variant) as user_task_list, cast(null as boolean) as is_active, cast(null as
    boolean) as is_admin, cast(null as boolean) as is_guest, cast(null as boolean) as is_view_only, cast(null as
    timestamp_ntz) as created_at, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as
    _sdc_deleted_at, cast(null as varchar) as user_gid, cast(null as varchar) as workspace_gid, cast(null as varchar)
    as user_task_list_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
