-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    p.gid as project_gid,
    field.item ->> 'gid' as custom_field_gid,
    coalesce(known.name, field.item ->> 'name') as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    coalesce(chosen.enum_option_name, choice.item ->> 'name') as enum_option_name
from {{ ref('stg_tap_asana__projects') }} as p
cross join jsonb_array_elements(nullif(to_jsonb(p.custom_fields), 'null')) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'multi_enum_values', 'null')) as choice (item)
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = field.item ->> 'gid'
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = choice.item ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    p.gid as project_gid,
    field.gid as custom_field_gid,
    coalesce(known.name, field.name) as custom_field_name,
    choice.gid as enum_option_gid,
    coalesce(chosen.enum_option_name, choice.name) as enum_option_name
from {{ ref('stg_tap_asana__projects') }} as p
cross join unnest(p.custom_fields) as field
cross join unnest(field.multi_enum_values) as choice
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = field.gid
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = choice.gid
{% elif target.type == 'duckdb' %}
select
    p.gid as project_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    coalesce(known.name, (field.item ->> '$.name')) as custom_field_name,
    (choice.item ->> '$.gid') as enum_option_gid,
    coalesce(chosen.enum_option_name, (choice.item ->> '$.name')) as enum_option_name
from {{ ref('stg_tap_asana__projects') }} as p
cross join unnest(cast(p.custom_fields as json[])) as field (item)
cross join unnest(cast(field.item -> '$.multi_enum_values' as json[])) as choice (item)
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = (field.item ->> '$.gid')
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = (choice.item ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    p.gid as project_gid,
    cast(field.value:gid as varchar) as custom_field_gid,
    coalesce(known.name, cast(field.value:name as varchar)) as custom_field_name,
    cast(choice.value:gid as varchar) as enum_option_gid,
    coalesce(chosen.enum_option_name, cast(choice.value:name as varchar)) as enum_option_name
from {{ ref('stg_tap_asana__projects') }} as p
cross join lateral flatten(input => p.custom_fields) as field
cross join lateral flatten(input => field.value:multi_enum_values) as choice
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = cast(field.value:gid as varchar)
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = cast(choice.value:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
