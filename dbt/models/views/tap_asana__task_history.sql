-- Written by python -m scripts.dbt_package from sql/templates/views.sql.
{% if target.type == 'postgres' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at at time zone 'UTC' as happened_at,
    s.created_by ->> 'gid' as actor_gid,
    coalesce(actor.user_name, s.created_by ->> 'name') as actor_name,
    s.resource_subtype as event,
    s.assignee ->> 'gid' as assignee_gid,
    coalesce(assignee.user_name, s.assignee ->> 'name') as assignee_name,
    coalesce(s.project ->> 'gid', entered.project ->> 'gid', departed.project ->> 'gid') as project_gid,
    coalesce(project.name, s.project ->> 'name') as project_name,
    s.old_section ->> 'gid' as old_section_gid,
    coalesce(departed.name, s.old_section ->> 'name') as old_section_name,
    s.new_section ->> 'gid' as new_section_gid,
    coalesce(entered.name, s.new_section ->> 'name') as new_section_name,
    cast(s.old_dates ->> 'due_on' as date) as old_due_on,
    cast(s.new_dates ->> 'due_on' as date) as new_due_on,
    cast(s.old_dates ->> 'due_at' as timestamptz) as old_due_at,
    cast(s.new_dates ->> 'due_at' as timestamptz) as new_due_at
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as actor on actor.user_gid = s.created_by ->> 'gid'
left join {{ ref('tap_asana__person') }} as assignee on assignee.user_gid = s.assignee ->> 'gid'
left join {{ ref('base_tap_asana__sections') }} as entered on entered.gid = s.new_section ->> 'gid'
left join {{ ref('base_tap_asana__sections') }} as departed on departed.gid = s.old_section ->> 'gid'
left join {{ ref('base_tap_asana__projects') }} as project
    on project.gid = coalesce(s.project ->> 'gid', entered.project ->> 'gid', departed.project ->> 'gid')
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null
{% elif target.type == 'bigquery' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    s.created_by.gid as actor_gid,
    coalesce(actor.user_name, s.created_by.name) as actor_name,
    s.resource_subtype as event,
    s.assignee.gid as assignee_gid,
    coalesce(assignee.user_name, s.assignee.name) as assignee_name,
    coalesce(s.project.gid, entered.project.gid, departed.project.gid) as project_gid,
    coalesce(project.name, s.project.name) as project_name,
    s.old_section.gid as old_section_gid,
    coalesce(departed.name, s.old_section.name) as old_section_name,
    s.new_section.gid as new_section_gid,
    coalesce(entered.name, s.new_section.name) as new_section_name,
    cast(s.old_dates.due_on as date) as old_due_on,
    cast(s.new_dates.due_on as date) as new_due_on,
    s.old_dates.due_at as old_due_at,
    s.new_dates.due_at as new_due_at
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as actor on actor.user_gid = s.created_by.gid
left join {{ ref('tap_asana__person') }} as assignee on assignee.user_gid = s.assignee.gid
left join {{ ref('base_tap_asana__sections') }} as entered on entered.gid = s.new_section.gid
left join {{ ref('base_tap_asana__sections') }} as departed on departed.gid = s.old_section.gid
left join {{ ref('base_tap_asana__projects') }} as project
    on project.gid = coalesce(s.project.gid, entered.project.gid, departed.project.gid)
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null
{% elif target.type == 'duckdb' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    (s.created_by ->> '$.gid') as actor_gid,
    coalesce(actor.user_name, (s.created_by ->> '$.name')) as actor_name,
    s.resource_subtype as event,
    (s.assignee ->> '$.gid') as assignee_gid,
    coalesce(assignee.user_name, (s.assignee ->> '$.name')) as assignee_name,
    coalesce((s.project ->> '$.gid'), (entered.project ->> '$.gid'), (departed.project ->> '$.gid')) as project_gid,
    coalesce(project.name, (s.project ->> '$.name')) as project_name,
    (s.old_section ->> '$.gid') as old_section_gid,
    coalesce(departed.name, (s.old_section ->> '$.name')) as old_section_name,
    (s.new_section ->> '$.gid') as new_section_gid,
    coalesce(entered.name, (s.new_section ->> '$.name')) as new_section_name,
    cast((s.old_dates ->> '$.due_on') as date) as old_due_on,
    cast((s.new_dates ->> '$.due_on') as date) as new_due_on,
    cast((s.old_dates ->> '$.due_at') as timestamp) as old_due_at,
    cast((s.new_dates ->> '$.due_at') as timestamp) as new_due_at
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as actor on actor.user_gid = (s.created_by ->> '$.gid')
left join {{ ref('tap_asana__person') }} as assignee on assignee.user_gid = (s.assignee ->> '$.gid')
left join {{ ref('base_tap_asana__sections') }} as entered on entered.gid = (s.new_section ->> '$.gid')
left join {{ ref('base_tap_asana__sections') }} as departed on departed.gid = (s.old_section ->> '$.gid')
left join {{ ref('base_tap_asana__projects') }} as project
    on project.gid = coalesce((s.project ->> '$.gid'), (entered.project ->> '$.gid'), (departed.project ->> '$.gid'))
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null
{% elif target.type == 'snowflake' %}
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    cast(s.created_by:gid as varchar) as actor_gid,
    coalesce(actor.user_name, cast(s.created_by:name as varchar)) as actor_name,
    s.resource_subtype as event,
    cast(s.assignee:gid as varchar) as assignee_gid,
    coalesce(assignee.user_name, cast(s.assignee:name as varchar)) as assignee_name,
    coalesce(cast(s.project:gid as varchar), cast(entered.project:gid as varchar), cast(departed.project:gid as varchar)) as project_gid,
    coalesce(project.name, cast(s.project:name as varchar)) as project_name,
    cast(s.old_section:gid as varchar) as old_section_gid,
    coalesce(departed.name, cast(s.old_section:name as varchar)) as old_section_name,
    cast(s.new_section:gid as varchar) as new_section_gid,
    coalesce(entered.name, cast(s.new_section:name as varchar)) as new_section_name,
    cast(cast(s.old_dates:due_on as varchar) as date) as old_due_on,
    cast(cast(s.new_dates:due_on as varchar) as date) as new_due_on,
    cast(s.old_dates:due_at as timestamp_ntz) as old_due_at,
    cast(s.new_dates:due_at as timestamp_ntz) as new_due_at
from {{ ref('stg_tap_asana__stories') }} as s
left join {{ ref('tap_asana__person') }} as actor on actor.user_gid = cast(s.created_by:gid as varchar)
left join {{ ref('tap_asana__person') }} as assignee on assignee.user_gid = cast(s.assignee:gid as varchar)
left join {{ ref('base_tap_asana__sections') }} as entered on entered.gid = cast(s.new_section:gid as varchar)
left join {{ ref('base_tap_asana__sections') }} as departed on departed.gid = cast(s.old_section:gid as varchar)
left join {{ ref('base_tap_asana__projects') }} as project
    on project.gid = coalesce(cast(s.project:gid as varchar), cast(entered.project:gid as varchar), cast(departed.project:gid as varchar))
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
