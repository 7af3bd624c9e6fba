-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('task_templates') %}
select
    s.*,
    s.project ->> 'gid' as project_gid,
    s.created_by ->> 'gid' as created_by_gid
from {{ source('tap_asana', 'task_templates') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.project ->> 'gid', '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as jsonb)
    as "project", cast(null as jsonb) as "template", cast(null as jsonb) as "created_by", cast(null as timestamp) as
    "created_at", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at",
    cast(null as text) as "project_gid", cast(null as text) as "created_by_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('task_templates') %}
select
    s.*,
    s.project.gid as project_gid,
    s.created_by.gid as created_by_gid
from (
    select *
    from {{ source('tap_asana', 'task_templates') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.project.gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    struct<`gid` string>) as `project`, cast(null as struct<`name` string, `task_resource_subtype` string,
    `description` string, `html_description` string, `memberships` array<struct<`gid` string, `name` string>>,
    `relative_start_on` numeric, `relative_due_on` numeric, `due_time` string, `dependencies` array<struct<`name`
    string, `task_resource_subtype` string>>, `dependents` array<struct<`name` string, `task_resource_subtype`
    string>>, `followers` array<struct<`gid` string, `name` string>>, `attachments` array<struct<`gid` string, `name`
    string, `resource_subtype` string>>, `subtasks` array<struct<`name` string, `task_resource_subtype` string>>,
    `custom_fields` array<struct<`gid` string, `name` string, `representation_type` string, `enabled` bool,
    `display_value` string, `text_value` string, `number_value` numeric, `date_value` struct<`date` string,
    `date_time` timestamp>, `enum_value` struct<`gid` string, `name` string>, `multi_enum_values` array<struct<`gid`
    string, `name` string>>>>>) as `template`, cast(null as struct<`gid` string>) as `created_by`, cast(null as
    timestamp) as `created_at`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `project_gid`,
    cast(null as string) as `created_by_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('task_templates') %}
select
    s.*,
    (s.project ->> '$.gid') as project_gid,
    (s.created_by ->> '$.gid') as created_by_gid
from {{ source('tap_asana', 'task_templates') }} as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce((s.project ->> '$.gid'), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as json) as "project", cast(null as json) as "template", cast(null as json) as "created_by", cast(null as
    timestamp) as "created_at", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as "project_gid",
    cast(null as varchar) as "created_by_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('task_templates') %}
select
    s.*,
    cast(s.project:gid as varchar) as project_gid,
    cast(s.created_by:gid as varchar) as created_by_gid
from {{ source('tap_asana', 'task_templates') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(cast(s.project:gid as varchar), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    variant) as project, cast(null as variant) as template, cast(null as variant) as created_by, cast(null as
    timestamp_ntz) as created_at, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as
    _sdc_deleted_at, cast(null as varchar) as project_gid, cast(null as varchar) as created_by_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
