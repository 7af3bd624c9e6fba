-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('project_templates') %}
select
    s.*,
    s.owner ->> 'gid' as owner_gid,
    s.team ->> 'gid' as team_gid
from {{ source('tap_asana', 'project_templates') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "workspace_gid", cast(null
    as text) as "name", cast(null as text) as "description", cast(null as text) as "html_description", cast(null as
    boolean) as "public", cast(null as jsonb) as "owner", cast(null as jsonb) as "team", cast(null as jsonb[]) as
    "requested_dates", cast(null as text) as "color", cast(null as jsonb[]) as "requested_roles", cast(null as
    timestamp) as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "owner_gid",
    cast(null as text) as "team_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('project_templates') %}
select
    s.*,
    s.owner.gid as owner_gid,
    s.team.gid as team_gid
from (
    select *
    from {{ source('tap_asana', 'project_templates') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `workspace_gid`,
    cast(null as string) as `name`, cast(null as string) as `description`, cast(null as string) as `html_description`,
    cast(null as bool) as `public`, cast(null as struct<`gid` string>) as `owner`, cast(null as struct<`gid` string,
    `name` string>) as `team`, cast(null as array<struct<`gid` string, `name` string, `description` string>>) as
    `requested_dates`, cast(null as string) as `color`, cast(null as array<struct<`gid` string, `name` string>>) as
    `requested_roles`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `owner_gid`, cast(null as
    string) as `team_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('project_templates') %}
select
    s.*,
    (s.owner ->> '$.gid') as owner_gid,
    (s.team ->> '$.gid') as team_gid
from {{ source('tap_asana', 'project_templates') }} as s
where s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "workspace_gid",
    cast(null as varchar) as "name", cast(null as varchar) as "description", cast(null as varchar) as
    "html_description", cast(null as boolean) as "public", cast(null as json) as "owner", cast(null as json) as
    "team", cast(null as json) as "requested_dates", cast(null as varchar) as "color", cast(null as json) as
    "requested_roles", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as "owner_gid", cast(null
    as varchar) as "team_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('project_templates') %}
select
    s.*,
    cast(s.owner:gid as varchar) as owner_gid,
    cast(s.team:gid as varchar) as team_gid
from {{ source('tap_asana', 'project_templates') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as workspace_gid,
    cast(null as varchar) as name, cast(null as varchar) as description, cast(null as varchar) as html_description,
    cast(null as boolean) as public, cast(null as variant) as owner, cast(null as variant) as team, cast(null as
    variant) as requested_dates, cast(null as varchar) as color, cast(null as variant) as requested_roles, cast(null
    as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as
    owner_gid, cast(null as varchar) as team_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
