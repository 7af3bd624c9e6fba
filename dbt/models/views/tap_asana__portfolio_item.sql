-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    i.portfolio_gid,
    i.gid as item_gid,
    coalesce(project.name, portfolio.name, i.name) as item_name,
    i.resource_type
from {{ ref('stg_tap_asana__portfolio_items') }} as i
left join {{ ref('base_tap_asana__projects') }} as project on project.gid = i.gid
left join {{ ref('base_tap_asana__portfolios') }} as portfolio on portfolio.gid = i.gid
{% elif target.type == 'bigquery' %}
select
    i.portfolio_gid,
    i.gid as item_gid,
    coalesce(project.name, portfolio.name, i.name) as item_name,
    i.resource_type
from {{ ref('stg_tap_asana__portfolio_items') }} as i
left join {{ ref('base_tap_asana__projects') }} as project on project.gid = i.gid
left join {{ ref('base_tap_asana__portfolios') }} as portfolio on portfolio.gid = i.gid
{% elif target.type == 'duckdb' %}
select
    i.portfolio_gid,
    i.gid as item_gid,
    coalesce(project.name, portfolio.name, i.name) as item_name,
    i.resource_type
from {{ ref('stg_tap_asana__portfolio_items') }} as i
left join {{ ref('base_tap_asana__projects') }} as project on project.gid = i.gid
left join {{ ref('base_tap_asana__portfolios') }} as portfolio on portfolio.gid = i.gid
{% elif target.type == 'snowflake' %}
select
    i.portfolio_gid,
    i.gid as item_gid,
    coalesce(project.name, portfolio.name, i.name) as item_name,
    i.resource_type
from {{ ref('stg_tap_asana__portfolio_items') }} as i
left join {{ ref('base_tap_asana__projects') }} as project on project.gid = i.gid
left join {{ ref('base_tap_asana__portfolios') }} as portfolio on portfolio.gid = i.gid
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
