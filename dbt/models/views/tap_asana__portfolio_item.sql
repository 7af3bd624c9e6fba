-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select i.portfolio_gid, i.gid as item_gid, i.name as item_name, i.resource_type
from {{ ref('stg_tap_asana__portfolio_items') }} as i
{% elif target.type == 'bigquery' %}
select i.portfolio_gid, i.gid as item_gid, i.name as item_name, i.resource_type
from {{ ref('stg_tap_asana__portfolio_items') }} as i
{% elif target.type == 'duckdb' %}
select i.portfolio_gid, i.gid as item_gid, i.name as item_name, i.resource_type
from {{ ref('stg_tap_asana__portfolio_items') }} as i
{% elif target.type == 'snowflake' %}
select i.portfolio_gid, i.gid as item_gid, i.name as item_name, i.resource_type
from {{ ref('stg_tap_asana__portfolio_items') }} as i
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
