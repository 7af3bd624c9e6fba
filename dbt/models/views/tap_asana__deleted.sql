-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select latest.gid, latest.resource_type, latest.occurred_at at time zone 'UTC' as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from {{ ref('base_tap_asana__deletions') }} as d
    where d.action in ('deleted', 'undeleted')
) as latest
where latest.place = 1 and latest.action = 'deleted'
{% elif target.type == 'bigquery' %}
select latest.gid, latest.resource_type, latest.occurred_at as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from {{ ref('base_tap_asana__deletions') }} as d
    where d.action in ('deleted', 'undeleted')
) as latest
where latest.place = 1 and latest.action = 'deleted'
{% elif target.type == 'duckdb' %}
select latest.gid, latest.resource_type, latest.occurred_at as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from {{ ref('base_tap_asana__deletions') }} as d
    where d.action in ('deleted', 'undeleted')
) as latest
where latest.place = 1 and latest.action = 'deleted'
{% elif target.type == 'snowflake' %}
select latest.gid, latest.resource_type, latest.occurred_at as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from {{ ref('base_tap_asana__deletions') }} as d
    where d.action in ('deleted', 'undeleted')
) as latest
where latest.place = 1 and latest.action = 'deleted'
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
