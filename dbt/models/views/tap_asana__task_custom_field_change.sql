-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at at time zone 'UTC' as happened_at,
    s.created_by ->> 'gid' as actor_gid,
    coalesce(actor.user_name, s.created_by ->> 'name') as actor_name,
    s.custom_field ->> 'gid' as custom_field_gid,
    coalesce(field.name, s.custom_field ->> 'name') as custom_field_name,
    coalesce(
        before.enum_option_name, s.old_enum_value ->> 'name', s.old_text_value,
        s.old_date_value ->> 'due_on',
        substr(cast(s.old_date_value ->> 'due_at' as text), 1, 10), (select string_agg(named.item ->> 'name', ', ' order by named.place) from jsonb_array_elements(nullif(to_jsonb(s.old_multi_enum_values), 'null')) with ordinality as named (item, place)),
        (select string_agg(named.item ->> 'name', ', ' order by named.place) from jsonb_array_elements(nullif(to_jsonb(s.old_people_value), 'null')) with ordinality as named (item, place))
    ) as old_value,
    coalesce(
        chosen.enum_option_name, s.new_enum_value ->> 'name', s.new_text_value,
        s.new_date_value ->> 'due_on',
        substr(cast(s.new_date_value ->> 'due_at' as text), 1, 10), (select string_agg(named.item ->> 'name', ', ' order by named.place) from jsonb_array_elements(nullif(to_jsonb(s.new_multi_enum_values), 'null')) with ordinality as named (item, place)),
        (select string_agg(named.item ->> 'name', ', ' order by named.place) from jsonb_array_elements(nullif(to_jsonb(s.new_people_value), 'null')) with ordinality as named (item, place))
    ) as new_value,
    s.old_number_value as old_number,
    s.new_number_value as new_number
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as actor on actor.user_gid = s.created_by ->> 'gid'
left join {{ ref('base_tap_asana__custom_fields') }} as field on field.gid = s.custom_field ->> 'gid'
left join {{ ref('tap_asana__custom_field_option') }} as before on before.enum_option_gid = s.old_enum_value ->> 'gid'
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = s.new_enum_value ->> 'gid'
where s.resource_subtype like '%_custom_field_changed' and s.task_gid is not null
{% elif target.type == 'bigquery' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    s.created_by.gid as actor_gid,
    coalesce(actor.user_name, s.created_by.name) as actor_name,
    s.custom_field.gid as custom_field_gid,
    coalesce(field.name, s.custom_field.name) as custom_field_name,
    coalesce(
        before.enum_option_name, s.old_enum_value.name, s.old_text_value,
        s.old_date_value.due_on,
        substr(cast(s.old_date_value.due_at as string), 1, 10), (select string_agg(named.name, ', ' order by place) from unnest(s.old_multi_enum_values) as named with offset as place),
        (select string_agg(named.name, ', ' order by place) from unnest(s.old_people_value) as named with offset as place)
    ) as old_value,
    coalesce(
        chosen.enum_option_name, s.new_enum_value.name, s.new_text_value,
        s.new_date_value.due_on,
        substr(cast(s.new_date_value.due_at as string), 1, 10), (select string_agg(named.name, ', ' order by place) from unnest(s.new_multi_enum_values) as named with offset as place),
        (select string_agg(named.name, ', ' order by place) from unnest(s.new_people_value) as named with offset as place)
    ) as new_value,
    s.old_number_value as old_number,
    s.new_number_value as new_number
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as actor on actor.user_gid = s.created_by.gid
left join {{ ref('base_tap_asana__custom_fields') }} as field on field.gid = s.custom_field.gid
left join {{ ref('tap_asana__custom_field_option') }} as before on before.enum_option_gid = s.old_enum_value.gid
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = s.new_enum_value.gid
where s.resource_subtype like '%_custom_field_changed' and s.task_gid is not null
{% elif target.type == 'duckdb' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    (s.created_by ->> '$.gid') as actor_gid,
    coalesce(actor.user_name, (s.created_by ->> '$.name')) as actor_name,
    (s.custom_field ->> '$.gid') as custom_field_gid,
    coalesce(field.name, (s.custom_field ->> '$.name')) as custom_field_name,
    coalesce(
        before.enum_option_name, (s.old_enum_value ->> '$.name'), s.old_text_value,
        (s.old_date_value ->> '$.due_on'),
        substr(cast((s.old_date_value ->> '$.due_at') as varchar), 1, 10), nullif(array_to_string(json_extract_string(to_json(s.old_multi_enum_values), '$[*].name'), ', '), ''),
        nullif(array_to_string(json_extract_string(to_json(s.old_people_value), '$[*].name'), ', '), '')
    ) as old_value,
    coalesce(
        chosen.enum_option_name, (s.new_enum_value ->> '$.name'), s.new_text_value,
        (s.new_date_value ->> '$.due_on'),
        substr(cast((s.new_date_value ->> '$.due_at') as varchar), 1, 10), nullif(array_to_string(json_extract_string(to_json(s.new_multi_enum_values), '$[*].name'), ', '), ''),
        nullif(array_to_string(json_extract_string(to_json(s.new_people_value), '$[*].name'), ', '), '')
    ) as new_value,
    s.old_number_value as old_number,
    s.new_number_value as new_number
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as actor on actor.user_gid = (s.created_by ->> '$.gid')
left join {{ ref('base_tap_asana__custom_fields') }} as field on field.gid = (s.custom_field ->> '$.gid')
left join {{ ref('tap_asana__custom_field_option') }} as before on before.enum_option_gid = (s.old_enum_value ->> '$.gid')
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = (s.new_enum_value ->> '$.gid')
where s.resource_subtype like '%_custom_field_changed' and s.task_gid is not null
{% elif target.type == 'snowflake' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    cast(s.created_by:gid as varchar) as actor_gid,
    coalesce(actor.user_name, cast(s.created_by:name as varchar)) as actor_name,
    cast(s.custom_field:gid as varchar) as custom_field_gid,
    coalesce(field.name, cast(s.custom_field:name as varchar)) as custom_field_name,
    coalesce(
        before.enum_option_name, cast(s.old_enum_value:name as varchar), s.old_text_value,
        cast(s.old_date_value:due_on as varchar),
        substr(cast(cast(s.old_date_value:due_at as varchar) as varchar), 1, 10), nullif(array_to_string(transform(cast(s.old_multi_enum_values as array), named -> cast(named:name as varchar)), ', '), ''),
        nullif(array_to_string(transform(cast(s.old_people_value as array), named -> cast(named:name as varchar)), ', '), '')
    ) as old_value,
    coalesce(
        chosen.enum_option_name, cast(s.new_enum_value:name as varchar), s.new_text_value,
        cast(s.new_date_value:due_on as varchar),
        substr(cast(cast(s.new_date_value:due_at as varchar) as varchar), 1, 10), nullif(array_to_string(transform(cast(s.new_multi_enum_values as array), named -> cast(named:name as varchar)), ', '), ''),
        nullif(array_to_string(transform(cast(s.new_people_value as array), named -> cast(named:name as varchar)), ', '), '')
    ) as new_value,
    s.old_number_value as old_number,
    s.new_number_value as new_number
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as actor on actor.user_gid = cast(s.created_by:gid as varchar)
left join {{ ref('base_tap_asana__custom_fields') }} as field on field.gid = cast(s.custom_field:gid as varchar)
left join {{ ref('tap_asana__custom_field_option') }} as before on before.enum_option_gid = cast(s.old_enum_value:gid as varchar)
left join {{ ref('tap_asana__custom_field_option') }} as chosen on chosen.enum_option_gid = cast(s.new_enum_value:gid as varchar)
where s.resource_subtype like '%_custom_field_changed' and s.task_gid is not null
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
