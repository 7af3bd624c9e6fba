-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    p.gid as portfolio_gid,
    p.name,
    p.archived,
    p.created_at at time zone 'UTC' as created_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    p.owner ->> 'gid' as owner_gid,
    coalesce(owner.user_name, p.owner ->> 'name') as owner_name,
    p.privacy_setting,
    p.workspace ->> 'gid' as workspace_gid,
    p.permalink_url
from {{ ref('stg_tap_asana__portfolios') }} as p
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = p.owner ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    p.gid as portfolio_gid,
    p.name,
    p.archived,
    p.created_at as created_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    p.owner.gid as owner_gid,
    coalesce(owner.user_name, p.owner.name) as owner_name,
    p.privacy_setting,
    p.workspace.gid as workspace_gid,
    p.permalink_url
from {{ ref('stg_tap_asana__portfolios') }} as p
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = p.owner.gid
{% elif target.type == 'duckdb' %}
select
    p.gid as portfolio_gid,
    p.name,
    p.archived,
    p.created_at as created_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    (p.owner ->> '$.gid') as owner_gid,
    coalesce(owner.user_name, (p.owner ->> '$.name')) as owner_name,
    p.privacy_setting,
    (p.workspace ->> '$.gid') as workspace_gid,
    p.permalink_url
from {{ ref('stg_tap_asana__portfolios') }} as p
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = (p.owner ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    p.gid as portfolio_gid,
    p.name,
    p.archived,
    p.created_at as created_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    cast(p.owner:gid as varchar) as owner_gid,
    coalesce(owner.user_name, cast(p.owner:name as varchar)) as owner_name,
    p.privacy_setting,
    cast(p.workspace:gid as varchar) as workspace_gid,
    p.permalink_url
from {{ ref('stg_tap_asana__portfolios') }} as p
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = cast(p.owner:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
