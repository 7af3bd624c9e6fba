-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('team_memberships') %}
select
    s.*,
    s.user ->> 'gid' as user_gid,
    s.team ->> 'gid' as team_gid
from {{ source('tap_asana', 'team_memberships') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.team ->> 'gid', '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as jsonb) as "user", cast(null as jsonb)
    as "team", cast(null as boolean) as "is_guest", cast(null as boolean) as "is_limited_access", cast(null as
    boolean) as "is_admin", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as
    "_sdc_deleted_at", cast(null as text) as "user_gid", cast(null as text) as "team_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('team_memberships') %}
select
    s.*,
    s.user.gid as user_gid,
    s.team.gid as team_gid
from (
    select *
    from {{ source('tap_asana', 'team_memberships') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.team.gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as struct<`gid` string, `name`
    string>) as `user`, cast(null as struct<`gid` string, `name` string>) as `team`, cast(null as bool) as `is_guest`,
    cast(null as bool) as `is_limited_access`, cast(null as bool) as `is_admin`, cast(null as timestamp) as
    `_sdc_batched_at`, cast(null as string) as `user_gid`, cast(null as string) as `team_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('team_memberships') %}
select
    s.*,
    (s.user ->> '$.gid') as user_gid,
    (s.team ->> '$.gid') as team_gid
from {{ source('tap_asana', 'team_memberships') }} as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce((s.team ->> '$.gid'), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as json) as "user", cast(null as
    json) as "team", cast(null as boolean) as "is_guest", cast(null as boolean) as "is_limited_access", cast(null as
    boolean) as "is_admin", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as "user_gid",
    cast(null as varchar) as "team_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('team_memberships') %}
select
    s.*,
    cast(s.user:gid as varchar) as user_gid,
    cast(s.team:gid as varchar) as team_gid
from {{ source('tap_asana', 'team_memberships') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(cast(s.team:gid as varchar), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as variant) as user, cast(null as
    variant) as team, cast(null as boolean) as is_guest, cast(null as boolean) as is_limited_access, cast(null as
    boolean) as is_admin, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as
    _sdc_deleted_at, cast(null as varchar) as user_gid, cast(null as varchar) as team_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
