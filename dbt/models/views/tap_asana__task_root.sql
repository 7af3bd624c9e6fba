-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
with recursive task as (
    select t.gid as task_gid, t.parent ->> 'gid' as parent_gid
    from {{ ref('stg_tap_asana__tasks') }} as t
),
tree as (
    select task.task_gid, task.task_gid as root_gid, 0 as depth
    from task
    left join task as above on above.task_gid = task.parent_gid
    where above.task_gid is null
    union all
    select task.task_gid, tree.root_gid, tree.depth + 1 as depth
    from task
    inner join tree on tree.task_gid = task.parent_gid
)
select tree.task_gid, tree.root_gid, tree.depth
from tree
{% elif target.type == 'bigquery' %}
with recursive task as (
    select t.gid as task_gid, t.parent.gid as parent_gid
    from {{ ref('stg_tap_asana__tasks') }} as t
),
tree as (
    select task.task_gid, task.task_gid as root_gid, 0 as depth
    from task
    left join task as above on above.task_gid = task.parent_gid
    where above.task_gid is null
    union all
    select task.task_gid, tree.root_gid, tree.depth + 1 as depth
    from task
    inner join tree on tree.task_gid = task.parent_gid
)
select tree.task_gid, tree.root_gid, tree.depth
from tree
{% elif target.type == 'duckdb' %}
with recursive task as (
    select t.gid as task_gid, (t.parent ->> '$.gid') as parent_gid
    from {{ ref('stg_tap_asana__tasks') }} as t
),
tree as (
    select task.task_gid, task.task_gid as root_gid, 0 as depth
    from task
    left join task as above on above.task_gid = task.parent_gid
    where above.task_gid is null
    union all
    select task.task_gid, tree.root_gid, tree.depth + 1 as depth
    from task
    inner join tree on tree.task_gid = task.parent_gid
)
select tree.task_gid, tree.root_gid, tree.depth
from tree
{% elif target.type == 'snowflake' %}
with recursive task as (
    select t.gid as task_gid, cast(t.parent:gid as varchar) as parent_gid
    from {{ ref('stg_tap_asana__tasks') }} as t
),
tree as (
    select task.task_gid, task.task_gid as root_gid, 0 as depth
    from task
    left join task as above on above.task_gid = task.parent_gid
    where above.task_gid is null
    union all
    select task.task_gid, tree.root_gid, tree.depth + 1 as depth
    from task
    inner join tree on tree.task_gid = task.parent_gid
)
select tree.task_gid, tree.root_gid, tree.depth
from tree
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
