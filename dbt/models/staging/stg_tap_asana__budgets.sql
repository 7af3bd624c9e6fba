-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('budgets') %}
select
    s.*,
    s.parent ->> 'gid' as parent_gid
from {{ source('tap_asana', 'budgets') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.parent ->> 'gid', '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "budget_type", cast(null as
    jsonb) as "estimate", cast(null as jsonb) as "actual", cast(null as jsonb) as "total", cast(null as jsonb) as
    "parent", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as
    text) as "parent_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('budgets') %}
select
    s.*,
    s.parent.gid as parent_gid
from (
    select *
    from {{ source('tap_asana', 'budgets') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.parent.gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `budget_type`,
    cast(null as struct<`value` numeric, `units` string, `enabled` bool, `source` string, `billable_status_filter`
    string>) as `estimate`, cast(null as struct<`value` numeric, `units` string, `billable_status_filter` string>) as
    `actual`, cast(null as struct<`value` numeric, `units` string, `enabled` bool>) as `total`, cast(null as
    struct<`gid` string, `name` string>) as `parent`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as
    string) as `parent_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('budgets') %}
select
    s.*,
    (s.parent ->> '$.gid') as parent_gid
from {{ source('tap_asana', 'budgets') }} as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce((s.parent ->> '$.gid'), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "budget_type",
    cast(null as json) as "estimate", cast(null as json) as "actual", cast(null as json) as "total", cast(null as
    json) as "parent", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as "parent_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('budgets') %}
select
    s.*,
    cast(s.parent:gid as varchar) as parent_gid
from {{ source('tap_asana', 'budgets') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(cast(s.parent:gid as varchar), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as budget_type, cast(null
    as variant) as estimate, cast(null as variant) as actual, cast(null as variant) as total, cast(null as variant) as
    parent, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null
    as varchar) as parent_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
