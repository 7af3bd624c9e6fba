-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('goal_relationships') %}
select
    s.*,
    s.supporting_resource ->> 'gid' as supporting_resource_gid,
    s.supported_goal ->> 'gid' as supported_goal_gid
from {{ source('tap_asana', 'goal_relationships') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.supported_goal ->> 'gid', '') not in (select gid from {{ deleted }})
    and coalesce(s.supporting_resource ->> 'gid', '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "resource_subtype",
    cast(null as jsonb) as "supporting_resource", cast(null as numeric) as "contribution_weight", cast(null as jsonb)
    as "supported_goal", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at",
    cast(null as text) as "supporting_resource_gid", cast(null as text) as "supported_goal_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('goal_relationships') %}
select
    s.*,
    s.supporting_resource.gid as supporting_resource_gid,
    s.supported_goal.gid as supported_goal_gid
from (
    select *
    from {{ source('tap_asana', 'goal_relationships') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.supported_goal.gid, '') not in (select gid from {{ deleted }})
    and coalesce(s.supporting_resource.gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `resource_subtype`,
    cast(null as struct<`gid` string, `name` string, `resource_type` string>) as `supporting_resource`, cast(null as
    numeric) as `contribution_weight`, cast(null as struct<`gid` string, `name` string>) as `supported_goal`,
    cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `supporting_resource_gid`, cast(null as
    string) as `supported_goal_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('goal_relationships') %}
select
    s.*,
    (s.supporting_resource ->> '$.gid') as supporting_resource_gid,
    (s.supported_goal ->> '$.gid') as supported_goal_gid
from {{ source('tap_asana', 'goal_relationships') }} as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce((s.supported_goal ->> '$.gid'), '') not in (select gid from {{ deleted }})
    and coalesce((s.supporting_resource ->> '$.gid'), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "resource_subtype",
    cast(null as json) as "supporting_resource", cast(null as double) as "contribution_weight", cast(null as json) as
    "supported_goal", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as
    "supporting_resource_gid", cast(null as varchar) as "supported_goal_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('goal_relationships') %}
select
    s.*,
    cast(s.supporting_resource:gid as varchar) as supporting_resource_gid,
    cast(s.supported_goal:gid as varchar) as supported_goal_gid
from {{ source('tap_asana', 'goal_relationships') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(cast(s.supported_goal:gid as varchar), '') not in (select gid from {{ deleted }})
    and coalesce(cast(s.supporting_resource:gid as varchar), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as resource_subtype,
    cast(null as variant) as supporting_resource, cast(null as double) as contribution_weight, cast(null as variant)
    as supported_goal, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at,
    cast(null as varchar) as supporting_resource_gid, cast(null as varchar) as supported_goal_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
