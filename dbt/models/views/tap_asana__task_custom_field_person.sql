-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    coalesce(known.name, field.item ->> 'name') as custom_field_name,
    person.item ->> 'gid' as user_gid,
    coalesce(present.user_name, person.item ->> 'name') as user_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join jsonb_array_elements(nullif(to_jsonb(t.custom_fields), 'null')) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'people_value', 'null')) as person (item)
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = field.item ->> 'gid'
left join {{ ref('tap_asana__person') }} as present on present.user_gid = person.item ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    t.gid as task_gid,
    field.gid as custom_field_gid,
    coalesce(known.name, field.name) as custom_field_name,
    person.gid as user_gid,
    coalesce(present.user_name, person.name) as user_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(t.custom_fields) as field
cross join unnest(field.people_value) as person
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = field.gid
left join {{ ref('tap_asana__person') }} as present on present.user_gid = person.gid
{% elif target.type == 'duckdb' %}
select
    t.gid as task_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    coalesce(known.name, (field.item ->> '$.name')) as custom_field_name,
    (person.item ->> '$.gid') as user_gid,
    coalesce(present.user_name, (person.item ->> '$.name')) as user_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join unnest(cast(t.custom_fields as json[])) as field (item)
cross join unnest(cast(field.item -> '$.people_value' as json[])) as person (item)
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = (field.item ->> '$.gid')
left join {{ ref('tap_asana__person') }} as present on present.user_gid = (person.item ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    t.gid as task_gid,
    cast(field.value:gid as varchar) as custom_field_gid,
    coalesce(known.name, cast(field.value:name as varchar)) as custom_field_name,
    cast(person.value:gid as varchar) as user_gid,
    coalesce(present.user_name, cast(person.value:name as varchar)) as user_name
from {{ ref('stg_tap_asana__tasks') }} as t
cross join lateral flatten(input => t.custom_fields) as field
cross join lateral flatten(input => field.value:people_value) as person
left join {{ ref('base_tap_asana__custom_fields') }} as known on known.gid = cast(field.value:gid as varchar)
left join {{ ref('tap_asana__person') }} as present on present.user_gid = cast(person.value:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
