-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('sections') %}
select
    s.*,
    s.project ->> 'gid' as project_gid
from {{ source('tap_asana', 'sections') }} as s
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as
    timestamp) as "created_at", cast(null as jsonb) as "project", cast(null as timestamp) as "_sdc_batched_at",
    cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "project_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('sections') %}
select
    s.*,
    s.project.gid as project_gid
from (
    select *
    from {{ source('tap_asana', 'sections') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    timestamp) as `created_at`, cast(null as struct<`gid` string, `name` string>) as `project`, cast(null as
    timestamp) as `_sdc_batched_at`, cast(null as string) as `project_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('sections') %}
select
    s.*,
    (s.project ->> '$.gid') as project_gid
from {{ source('tap_asana', 'sections') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as timestamp) as "created_at", cast(null as json) as "project", cast(null as timestamp) as "_sdc_batched_at",
    cast(null as varchar) as "project_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('sections') %}
select
    s.*,
    cast(s.project:gid as varchar) as project_gid
from {{ source('tap_asana', 'sections') }} as s
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    timestamp_ntz) as created_at, cast(null as variant) as project, cast(null as timestamp_ntz) as _sdc_batched_at,
    cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as project_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
