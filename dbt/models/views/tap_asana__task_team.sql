-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select distinct place.task_gid, p.team_gid, p.team_name
from (
    select own.task_gid, own.project_gid
    from {{ ref('tap_asana__task_project') }} as own
    union all
    select r.task_gid, above.project_gid
    from {{ ref('tap_asana__task_root') }} as r
    inner join {{ ref('tap_asana__task_project') }} as above on above.task_gid = r.root_gid
    where r.depth > 0 and r.task_gid not in (select own.task_gid from {{ ref('tap_asana__task_project') }} as own)
) as place
inner join {{ ref('tap_asana__current_project') }} as p on p.project_gid = place.project_gid
where p.team_gid is not null
{% elif target.type == 'bigquery' %}
select distinct place.task_gid, p.team_gid, p.team_name
from (
    select own.task_gid, own.project_gid
    from {{ ref('tap_asana__task_project') }} as own
    union all
    select r.task_gid, above.project_gid
    from {{ ref('tap_asana__task_root') }} as r
    inner join {{ ref('tap_asana__task_project') }} as above on above.task_gid = r.root_gid
    where r.depth > 0 and r.task_gid not in (select own.task_gid from {{ ref('tap_asana__task_project') }} as own)
) as place
inner join {{ ref('tap_asana__current_project') }} as p on p.project_gid = place.project_gid
where p.team_gid is not null
{% elif target.type == 'duckdb' %}
select distinct place.task_gid, p.team_gid, p.team_name
from (
    select own.task_gid, own.project_gid
    from {{ ref('tap_asana__task_project') }} as own
    union all
    select r.task_gid, above.project_gid
    from {{ ref('tap_asana__task_root') }} as r
    inner join {{ ref('tap_asana__task_project') }} as above on above.task_gid = r.root_gid
    where r.depth > 0 and r.task_gid not in (select own.task_gid from {{ ref('tap_asana__task_project') }} as own)
) as place
inner join {{ ref('tap_asana__current_project') }} as p on p.project_gid = place.project_gid
where p.team_gid is not null
{% elif target.type == 'snowflake' %}
select distinct place.task_gid, p.team_gid, p.team_name
from (
    select own.task_gid, own.project_gid
    from {{ ref('tap_asana__task_project') }} as own
    union all
    select r.task_gid, above.project_gid
    from {{ ref('tap_asana__task_root') }} as r
    inner join {{ ref('tap_asana__task_project') }} as above on above.task_gid = r.root_gid
    where r.depth > 0 and r.task_gid not in (select own.task_gid from {{ ref('tap_asana__task_project') }} as own)
) as place
inner join {{ ref('tap_asana__current_project') }} as p on p.project_gid = place.project_gid
where p.team_gid is not null
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
