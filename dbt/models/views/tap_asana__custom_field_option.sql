-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    f.gid as custom_field_gid,
    f.name as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    choice.item ->> 'name' as enum_option_name,
    choice.item ->> 'color' as color
from {{ ref('stg_tap_asana__custom_fields') }} as f
cross join jsonb_array_elements(nullif(to_jsonb(f.enum_options), 'null')) as choice (item)
{% elif target.type == 'bigquery' %}
select
    f.gid as custom_field_gid,
    f.name as custom_field_name,
    choice.gid as enum_option_gid,
    choice.name as enum_option_name,
    choice.color as color
from {{ ref('stg_tap_asana__custom_fields') }} as f
cross join unnest(f.enum_options) as choice
{% elif target.type == 'duckdb' %}
select
    f.gid as custom_field_gid,
    f.name as custom_field_name,
    (choice.item ->> '$.gid') as enum_option_gid,
    (choice.item ->> '$.name') as enum_option_name,
    (choice.item ->> '$.color') as color
from {{ ref('stg_tap_asana__custom_fields') }} as f
cross join unnest(cast(f.enum_options as json[])) as choice (item)
{% elif target.type == 'snowflake' %}
select
    f.gid as custom_field_gid,
    f.name as custom_field_name,
    cast(choice.value:gid as varchar) as enum_option_gid,
    cast(choice.value:name as varchar) as enum_option_name,
    cast(choice.value:color as varchar) as color
from {{ ref('stg_tap_asana__custom_fields') }} as f
cross join lateral flatten(input => f.enum_options) as choice
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
