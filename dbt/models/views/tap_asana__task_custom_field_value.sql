-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    coalesce(known.name, field.item ->> 'name') as custom_field_name,
    field.item ->> 'representation_type' as representation_type,
    field.item ->> 'display_value' as display_value,
    field.item ->> 'text_value' as text_value,
    cast(field.item ->> 'number_value' as numeric) as number_value,
    cast(field.item -> 'date_value' ->> 'date' as date) as date_value,
    cast(field.item -> 'date_value' ->> 'date_time' as timestamptz) as date_time_value,
    field.item -> 'enum_value' ->> 'gid' as enum_option_gid,
    coalesce(chosen.enum_option_name, field.item -> 'enum_value' ->> 'name') as enum_option_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join jsonb_array_elements(nullif(to_jsonb(t.custom_fields), 'null')) as field (item)
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = field.item ->> 'gid'
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = field.item -> 'enum_value' ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    t.gid as task_gid,
    field.gid as custom_field_gid,
    coalesce(known.name, field.name) as custom_field_name,
    field.representation_type as representation_type,
    field.display_value as display_value,
    field.text_value as text_value,
    field.number_value as number_value,
    cast(field.date_value.date as date) as date_value,
    field.date_value.date_time as date_time_value,
    field.enum_value.gid as enum_option_gid,
    coalesce(chosen.enum_option_name, field.enum_value.name) as enum_option_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.custom_fields) as field
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = field.gid
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = field.enum_value.gid
{% elif target.type == 'duckdb' %}
select
    t.gid as task_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    coalesce(known.name, (field.item ->> '$.name')) as custom_field_name,
    (field.item ->> '$.representation_type') as representation_type,
    (field.item ->> '$.display_value') as display_value,
    (field.item ->> '$.text_value') as text_value,
    cast((field.item ->> '$.number_value') as double) as number_value,
    cast((field.item ->> '$.date_value.date') as date) as date_value,
    cast((field.item ->> '$.date_value.date_time') as timestamp) as date_time_value,
    (field.item ->> '$.enum_value.gid') as enum_option_gid,
    coalesce(chosen.enum_option_name, (field.item ->> '$.enum_value.name')) as enum_option_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.custom_fields as json[])) as field (item)
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = (field.item ->> '$.gid')
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = (field.item ->> '$.enum_value.gid')
{% elif target.type == 'snowflake' %}
select
    t.gid as task_gid,
    cast(field.value:gid as varchar) as custom_field_gid,
    coalesce(known.name, cast(field.value:name as varchar)) as custom_field_name,
    cast(field.value:representation_type as varchar) as representation_type,
    cast(field.value:display_value as varchar) as display_value,
    cast(field.value:text_value as varchar) as text_value,
    cast(field.value:number_value as double) as number_value,
    cast(cast(field.value:date_value.date as varchar) as date) as date_value,
    cast(field.value:date_value.date_time as timestamp_ntz) as date_time_value,
    cast(field.value:enum_value.gid as varchar) as enum_option_gid,
    coalesce(chosen.enum_option_name, cast(field.value:enum_value.name as varchar)) as enum_option_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.custom_fields) as field
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = cast(field.value:gid as varchar)
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = cast(field.value:enum_value.gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
