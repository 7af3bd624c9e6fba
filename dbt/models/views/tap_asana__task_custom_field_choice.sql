-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select v.task_gid, v.custom_field_gid, v.custom_field_name, v.enum_option_gid, v.enum_option_name
from {{ ref('tap_asana__task_custom_field_value') }} as v
where v.enum_option_gid is not null
union all
select o.task_gid, o.custom_field_gid, o.custom_field_name, o.enum_option_gid, o.enum_option_name
from {{ ref('tap_asana__task_custom_field_option') }} as o
{% elif target.type == 'bigquery' %}
select v.task_gid, v.custom_field_gid, v.custom_field_name, v.enum_option_gid, v.enum_option_name
from {{ ref('tap_asana__task_custom_field_value') }} as v
where v.enum_option_gid is not null
union all
select o.task_gid, o.custom_field_gid, o.custom_field_name, o.enum_option_gid, o.enum_option_name
from {{ ref('tap_asana__task_custom_field_option') }} as o
{% elif target.type == 'duckdb' %}
select v.task_gid, v.custom_field_gid, v.custom_field_name, v.enum_option_gid, v.enum_option_name
from {{ ref('tap_asana__task_custom_field_value') }} as v
where v.enum_option_gid is not null
union all
select o.task_gid, o.custom_field_gid, o.custom_field_name, o.enum_option_gid, o.enum_option_name
from {{ ref('tap_asana__task_custom_field_option') }} as o
{% elif target.type == 'snowflake' %}
select v.task_gid, v.custom_field_gid, v.custom_field_name, v.enum_option_gid, v.enum_option_name
from {{ ref('tap_asana__task_custom_field_value') }} as v
where v.enum_option_gid is not null
union all
select o.task_gid, o.custom_field_gid, o.custom_field_name, o.enum_option_gid, o.enum_option_name
from {{ ref('tap_asana__task_custom_field_option') }} as o
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
