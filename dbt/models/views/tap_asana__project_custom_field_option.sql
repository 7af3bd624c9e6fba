-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    p.gid as project_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    choice.item ->> 'name' as enum_option_name
from {{ ref('stg_tap_asana__projects') }} as p
cross join unnest(p.custom_fields) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'multi_enum_values', 'null')) as choice (item)
{% elif target.type == 'bigquery' %}
select
    p.gid as project_gid,
    field.gid as custom_field_gid,
    field.name as custom_field_name,
    choice.gid as enum_option_gid,
    choice.name as enum_option_name
from {{ ref('stg_tap_asana__projects') }} as p
cross join unnest(p.custom_fields) as field
cross join unnest(field.multi_enum_values) as choice
{% elif target.type == 'duckdb' %}
select
    p.gid as project_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    (field.item ->> '$.name') as custom_field_name,
    (choice.item ->> '$.gid') as enum_option_gid,
    (choice.item ->> '$.name') as enum_option_name
from {{ ref('stg_tap_asana__projects') }} as p
cross join unnest(cast(p.custom_fields as json[])) as field (item)
cross join unnest(cast(field.item -> '$.multi_enum_values' as json[])) as choice (item)
{% elif target.type == 'snowflake' %}
select
    p.gid as project_gid,
    cast(field.value:gid as varchar) as custom_field_gid,
    cast(field.value:name as varchar) as custom_field_name,
    cast(choice.value:gid as varchar) as enum_option_gid,
    cast(choice.value:name as varchar) as enum_option_name
from {{ ref('stg_tap_asana__projects') }} as p
cross join lateral flatten(input => p.custom_fields) as field
cross join lateral flatten(input => field.value:multi_enum_values) as choice
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
