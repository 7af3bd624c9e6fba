-- Tables for analysts: one row for each link, value and event that Asana nests in its objects.

-- Each gid that was deleted in Asana and not restored.
{{view deleted}}
select latest.gid, latest.resource_type, {{instant latest.occurred_at}} as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from {{table deletions}} as d
    where d.action in ('deleted', 'undeleted')
) as latest
where latest.place = 1 and latest.action = 'deleted';

-- Each existing task, with the gids and names of its references.
{{view current_task}}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    {{instant t.completed_at}} as completed_at,
    {{t.completed_by.gid}} as completed_by_gid,
    {{instant t.created_at}} as created_at,
    {{instant t.modified_at}} as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    {{instant t.due_at}} as due_at,
    {{t.assignee.gid}} as assignee_gid,
    {{t.assignee.name}} as assignee_name,
    {{t.parent.gid}} as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    {{t.workspace.gid}} as workspace_gid,
    t.permalink_url
from {{table tasks}} as t
where {{kept t.gid}};

-- Each project of a task.
{{view task_project}}
select t.gid as task_gid, {{project.gid}} as project_gid, {{project.name}} as project_name
from {{table tasks}} as t
{{each t.projects as project}}
where {{kept t.gid}};

-- Each section of a task, at most one for each of its projects.
{{view task_section}}
select
    t.gid as task_gid,
    {{place.project.gid}} as project_gid,
    {{place.section.gid}} as section_gid,
    {{place.section.name}} as section_name
from {{table tasks}} as t
{{each t.memberships as place}}
where {{place.section.gid}} is not null and {{kept t.gid}};

-- Each follower of a task.
{{view task_follower}}
select t.gid as task_gid, {{follower.gid}} as user_gid, {{follower.name}} as user_name
from {{table tasks}} as t
{{each t.followers as follower}}
where {{kept t.gid}};

-- Each tag of a task.
{{view task_tag}}
select t.gid as task_gid, {{tag.gid}} as tag_gid, {{tag.name}} as tag_name
from {{table tasks}} as t
{{each t.tags as tag}}
where {{kept t.gid}};

-- Each dependency between two tasks.
{{view task_dependency}}
select t.gid as task_gid, {{dependency.gid}} as depends_on_task_gid
from {{table tasks}} as t
{{each t.dependencies as dependency}}
where {{kept t.gid}};

-- Each custom field of a task with its typed value; without a value, all value columns are null.
{{view task_custom_field_value}}
select
    t.gid as task_gid,
    {{field.gid}} as custom_field_gid,
    {{field.name}} as custom_field_name,
    {{field.representation_type}} as representation_type,
    {{field.display_value}} as display_value,
    {{field.text_value}} as text_value,
    {{number field.number_value}} as number_value,
    cast({{field.date_value.date}} as date) as date_value,
    {{instant field.date_value.date_time}} as date_time_value,
    {{field.enum_value.gid}} as enum_option_gid,
    {{field.enum_value.name}} as enum_option_name
from {{table tasks}} as t
{{each t.custom_fields as field}}
where {{kept t.gid}};

-- Each option selected in a multi-select custom field of a task.
{{view task_custom_field_option}}
select
    t.gid as task_gid,
    {{field.gid}} as custom_field_gid,
    {{field.name}} as custom_field_name,
    {{choice.gid}} as enum_option_gid,
    {{choice.name}} as enum_option_name
from {{table tasks}} as t
{{each t.custom_fields as field}}
{{each field.multi_enum_values as choice}}
where {{kept t.gid}};

-- Each person selected in a people custom field of a task.
{{view task_custom_field_person}}
select
    t.gid as task_gid,
    {{field.gid}} as custom_field_gid,
    {{field.name}} as custom_field_name,
    {{person.gid}} as user_gid,
    {{person.name}} as user_name
from {{table tasks}} as t
{{each t.custom_fields as field}}
{{each field.people_value as person}}
where {{kept t.gid}};

-- Each custom field of a project with its typed value; without a value, all value columns are null.
{{view project_custom_field_value}}
select
    p.gid as project_gid,
    {{field.gid}} as custom_field_gid,
    {{field.name}} as custom_field_name,
    {{field.representation_type}} as representation_type,
    {{field.display_value}} as display_value,
    {{field.text_value}} as text_value,
    {{number field.number_value}} as number_value,
    cast({{field.date_value.date}} as date) as date_value,
    {{instant field.date_value.date_time}} as date_time_value,
    {{field.enum_value.gid}} as enum_option_gid,
    {{field.enum_value.name}} as enum_option_name
from {{table projects}} as p
{{each p.custom_fields as field}}
where {{kept p.gid}};

-- Each option selected in a multi-select custom field of a project.
{{view project_custom_field_option}}
select
    p.gid as project_gid,
    {{field.gid}} as custom_field_gid,
    {{field.name}} as custom_field_name,
    {{choice.gid}} as enum_option_gid,
    {{choice.name}} as enum_option_name
from {{table projects}} as p
{{each p.custom_fields as field}}
{{each field.multi_enum_values as choice}}
where {{kept p.gid}};

-- Each comment on a task.
{{view task_comment}}
select
    s.gid as story_gid,
    s.task_gid,
    {{instant s.created_at}} as created_at,
    {{s.created_by.gid}} as created_by_gid,
    {{s.created_by.name}} as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from {{table stories}} as s
where s.type = 'comment' and s.task_gid is not null and {{kept s.gid}} and {{kept s.task_gid}};

-- Each assignment, move, completion, reopening and due date change of a task, with the previous values.
{{view task_history}}
select
    s.gid as story_gid,
    s.task_gid,
    {{instant s.created_at}} as happened_at,
    {{s.created_by.gid}} as actor_gid,
    {{s.created_by.name}} as actor_name,
    s.resource_subtype as event,
    {{s.assignee.gid}} as assignee_gid,
    {{s.assignee.name}} as assignee_name,
    {{s.project.gid}} as project_gid,
    {{s.project.name}} as project_name,
    {{s.old_section.gid}} as old_section_gid,
    {{s.old_section.name}} as old_section_name,
    {{s.new_section.gid}} as new_section_gid,
    {{s.new_section.name}} as new_section_name,
    cast({{s.old_dates.due_on}} as date) as old_due_on,
    cast({{s.new_dates.due_on}} as date) as new_due_on,
    {{instant s.old_dates.due_at}} as old_due_at,
    {{instant s.new_dates.due_at}} as new_due_at
from {{table stories}} as s
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null and {{kept s.gid}} and {{kept s.task_gid}};

-- Each member of a team.
{{view team_user}}
select
    {{m.team.gid}} as team_gid,
    {{m.team.name}} as team_name,
    {{m.user.gid}} as user_gid,
    {{m.user.name}} as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{table team_memberships}} as m
where {{kept m.gid}};

-- Each member of a workspace.
{{view workspace_user}}
select
    {{m.workspace.gid}} as workspace_gid,
    {{m.workspace.name}} as workspace_name,
    {{m.user.gid}} as user_gid,
    {{m.user.name}} as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    {{instant m.created_at}} as created_at
from {{table workspace_memberships}} as m
where {{kept m.gid}};
