-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    g.gid as goal_gid,
    g.name,
    g.owner ->> 'gid' as owner_gid,
    coalesce(owner.user_name, g.owner ->> 'name') as owner_name,
    g.team ->> 'gid' as team_gid,
    coalesce(team.name, g.team ->> 'name') as team_name,
    g.time_period ->> 'display_name' as time_period,
    cast(g.start_on as date) as start_on,
    cast(g.due_on as date) as due_on,
    g.status,
    g.metric ->> 'unit' as unit,
    g.metric ->> 'currency_code' as currency_code,
    cast(g.metric ->> 'initial_number_value' as numeric) as initial_value,
    cast(g.metric ->> 'current_number_value' as numeric) as current_value,
    cast(g.metric ->> 'target_number_value' as numeric) as target_value,
    100 * (cast(g.metric ->> 'current_number_value' as numeric) - cast(g.metric ->> 'initial_number_value' as numeric))
    / nullif(cast(g.metric ->> 'target_number_value' as numeric) - cast(g.metric ->> 'initial_number_value' as numeric), 0) as progress_percent,
    g.workspace ->> 'gid' as workspace_gid
from {{ ref('stg_tap_asana__goals') }} as g
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = g.owner ->> 'gid'
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = g.team ->> 'gid'
{% elif target.type == 'bigquery' %}
select
    g.gid as goal_gid,
    g.name,
    g.owner.gid as owner_gid,
    coalesce(owner.user_name, g.owner.name) as owner_name,
    g.team.gid as team_gid,
    coalesce(team.name, g.team.name) as team_name,
    g.time_period.display_name as time_period,
    cast(g.start_on as date) as start_on,
    cast(g.due_on as date) as due_on,
    g.status,
    g.metric.unit as unit,
    g.metric.currency_code as currency_code,
    g.metric.initial_number_value as initial_value,
    g.metric.current_number_value as current_value,
    g.metric.target_number_value as target_value,
    100 * (g.metric.current_number_value - g.metric.initial_number_value)
    / nullif(g.metric.target_number_value - g.metric.initial_number_value, 0) as progress_percent,
    g.workspace.gid as workspace_gid
from {{ ref('stg_tap_asana__goals') }} as g
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = g.owner.gid
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = g.team.gid
{% elif target.type == 'duckdb' %}
select
    g.gid as goal_gid,
    g.name,
    (g.owner ->> '$.gid') as owner_gid,
    coalesce(owner.user_name, (g.owner ->> '$.name')) as owner_name,
    (g.team ->> '$.gid') as team_gid,
    coalesce(team.name, (g.team ->> '$.name')) as team_name,
    (g.time_period ->> '$.display_name') as time_period,
    cast(g.start_on as date) as start_on,
    cast(g.due_on as date) as due_on,
    g.status,
    (g.metric ->> '$.unit') as unit,
    (g.metric ->> '$.currency_code') as currency_code,
    cast((g.metric ->> '$.initial_number_value') as double) as initial_value,
    cast((g.metric ->> '$.current_number_value') as double) as current_value,
    cast((g.metric ->> '$.target_number_value') as double) as target_value,
    100 * (cast((g.metric ->> '$.current_number_value') as double) - cast((g.metric ->> '$.initial_number_value') as double))
    / nullif(cast((g.metric ->> '$.target_number_value') as double) - cast((g.metric ->> '$.initial_number_value') as double), 0) as progress_percent,
    (g.workspace ->> '$.gid') as workspace_gid
from {{ ref('stg_tap_asana__goals') }} as g
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = (g.owner ->> '$.gid')
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = (g.team ->> '$.gid')
{% elif target.type == 'snowflake' %}
select
    g.gid as goal_gid,
    g.name,
    cast(g.owner:gid as varchar) as owner_gid,
    coalesce(owner.user_name, cast(g.owner:name as varchar)) as owner_name,
    cast(g.team:gid as varchar) as team_gid,
    coalesce(team.name, cast(g.team:name as varchar)) as team_name,
    cast(g.time_period:display_name as varchar) as time_period,
    cast(g.start_on as date) as start_on,
    cast(g.due_on as date) as due_on,
    g.status,
    cast(g.metric:unit as varchar) as unit,
    cast(g.metric:currency_code as varchar) as currency_code,
    cast(g.metric:initial_number_value as double) as initial_value,
    cast(g.metric:current_number_value as double) as current_value,
    cast(g.metric:target_number_value as double) as target_value,
    100 * (cast(g.metric:current_number_value as double) - cast(g.metric:initial_number_value as double))
    / nullif(cast(g.metric:target_number_value as double) - cast(g.metric:initial_number_value as double), 0) as progress_percent,
    cast(g.workspace:gid as varchar) as workspace_gid
from {{ ref('stg_tap_asana__goals') }} as g
left join {{ ref('tap_asana__person') }} as owner on owner.user_gid = cast(g.owner:gid as varchar)
left join {{ ref('base_tap_asana__teams') }} as team on team.gid = cast(g.team:gid as varchar)
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
