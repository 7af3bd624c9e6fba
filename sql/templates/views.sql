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

-- Each person: users, and members of a workspace who are not users any more; a user without a known membership is a member.
{{view person}}
select
    known.user_gid,
    coalesce(max(known.present_name), max(known.former_name)) as user_name,
    max(known.email) as email,
    coalesce(max(known.is_active), 1) = 1 as is_member
from (
    select u.gid as user_gid, u.name as present_name, null as former_name, u.email, null as is_active
    from {{table users}} as u
    where {{kept u.gid}}
    union all
    select {{m.user.gid}}, null, {{m.user.name}}, null, case when m.is_active then 1 else 0 end
    from {{table workspace_memberships}} as m
    where {{kept m.gid}}
) as known
group by known.user_gid;

-- The present moment and day in UTC, with which other views compare; replace it to look from another day.
{{view clock}}
select present.now_at, {{day present.now_at}} as today
from (select {{now}} as now_at) as present;

-- Each existing task with its top task: the task above all its parents, or itself.
{{view task_root}}
with recursive task as (
    select t.gid as task_gid, {{t.parent.gid}} as parent_gid
    from {{table tasks}} as t
    where {{kept t.gid}}
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
from tree;

-- Each existing task, with the gids and present names of its references.
{{view current_task}}
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    {{instant t.completed_at}} as completed_at,
    {{t.completed_by.gid}} as completed_by_gid,
    {{t.created_by.gid}} as created_by_gid,
    author.user_name as created_by_name,
    {{instant t.created_at}} as created_at,
    {{instant t.modified_at}} as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    {{instant t.due_at}} as due_at,
    {{t.assignee.gid}} as assignee_gid,
    coalesce(assignee.user_name, {{t.assignee.name}}) as assignee_name,
    {{t.parent.gid}} as parent_gid,
    coalesce(root.root_gid, t.gid) as root_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    {{t.workspace.gid}} as workspace_gid,
    t.permalink_url
from {{table tasks}} as t
left join {{ref task_root}} as root on root.task_gid = t.gid
left join {{ref person}} as author on author.user_gid = {{t.created_by.gid}}
left join {{ref person}} as assignee on assignee.user_gid = {{t.assignee.gid}}
where {{kept t.gid}};

-- Each project of a task.
{{view task_project}}
select
    t.gid as task_gid,
    {{project.gid}} as project_gid,
    coalesce(known.name, {{project.name}}) as project_name
from {{table tasks}} as t
{{each t.projects as project}}
left join {{table projects}} as known on known.gid = {{project.gid}}
where {{kept t.gid}};

-- Each section of a task, at most one for each of its projects.
{{view task_section}}
select
    t.gid as task_gid,
    {{place.project.gid}} as project_gid,
    {{place.section.gid}} as section_gid,
    coalesce(known.name, {{place.section.name}}) as section_name
from {{table tasks}} as t
{{each t.memberships as place}}
left join {{table sections}} as known on known.gid = {{place.section.gid}}
where {{place.section.gid}} is not null and {{kept t.gid}};

-- Each follower of a task.
{{view task_follower}}
select t.gid as task_gid, {{follower.gid}} as user_gid, coalesce(known.user_name, {{follower.name}}) as user_name
from {{table tasks}} as t
{{each t.followers as follower}}
left join {{ref person}} as known on known.user_gid = {{follower.gid}}
where {{kept t.gid}};

-- Each tag of a task.
{{view task_tag}}
select t.gid as task_gid, {{tag.gid}} as tag_gid, coalesce(known.name, {{tag.name}}) as tag_name
from {{table tasks}} as t
{{each t.tags as tag}}
left join {{table tags}} as known on known.gid = {{tag.gid}}
where {{kept t.gid}};

-- Each dependency between two tasks.
{{view task_dependency}}
select t.gid as task_gid, {{dependency.gid}} as depends_on_task_gid
from {{table tasks}} as t
{{each t.dependencies as dependency}}
where {{kept t.gid}};

-- Each option of an existing custom field, disabled ones too.
{{view custom_field_option}}
select
    f.gid as custom_field_gid,
    f.name as custom_field_name,
    {{choice.gid}} as enum_option_gid,
    {{choice.name}} as enum_option_name,
    {{choice.color}} as color
from {{table custom_fields}} as f
{{each f.enum_options as choice}}
where {{kept f.gid}};

-- Each custom field of a task with its typed value; without a value, all value columns are null.
{{view task_custom_field_value}}
select
    t.gid as task_gid,
    {{field.gid}} as custom_field_gid,
    coalesce(known.name, {{field.name}}) as custom_field_name,
    {{field.representation_type}} as representation_type,
    {{field.display_value}} as display_value,
    {{field.text_value}} as text_value,
    {{number field.number_value}} as number_value,
    cast({{field.date_value.date}} as date) as date_value,
    {{instant field.date_value.date_time}} as date_time_value,
    {{field.enum_value.gid}} as enum_option_gid,
    coalesce(chosen.enum_option_name, {{field.enum_value.name}}) as enum_option_name
from {{table tasks}} as t
{{each t.custom_fields as field}}
left join {{table custom_fields}} as known on known.gid = {{field.gid}}
left join {{ref custom_field_option}} as chosen on chosen.enum_option_gid = {{field.enum_value.gid}}
where {{kept t.gid}};

-- Each option selected in a multi-select custom field of a task.
{{view task_custom_field_option}}
select
    t.gid as task_gid,
    {{field.gid}} as custom_field_gid,
    coalesce(known.name, {{field.name}}) as custom_field_name,
    {{choice.gid}} as enum_option_gid,
    coalesce(chosen.enum_option_name, {{choice.name}}) as enum_option_name
from {{table tasks}} as t
{{each t.custom_fields as field}}
{{each field.multi_enum_values as choice}}
left join {{table custom_fields}} as known on known.gid = {{field.gid}}
left join {{ref custom_field_option}} as chosen on chosen.enum_option_gid = {{choice.gid}}
where {{kept t.gid}};

-- Each person selected in a people custom field of a task.
{{view task_custom_field_person}}
select
    t.gid as task_gid,
    {{field.gid}} as custom_field_gid,
    coalesce(known.name, {{field.name}}) as custom_field_name,
    {{person.gid}} as user_gid,
    coalesce(present.user_name, {{person.name}}) as user_name
from {{table tasks}} as t
{{each t.custom_fields as field}}
{{each field.people_value as person}}
left join {{table custom_fields}} as known on known.gid = {{field.gid}}
left join {{ref person}} as present on present.user_gid = {{person.gid}}
where {{kept t.gid}};

-- Each custom field of a project with its typed value; without a value, all value columns are null.
{{view project_custom_field_value}}
select
    p.gid as project_gid,
    {{field.gid}} as custom_field_gid,
    coalesce(known.name, {{field.name}}) as custom_field_name,
    {{field.representation_type}} as representation_type,
    {{field.display_value}} as display_value,
    {{field.text_value}} as text_value,
    {{number field.number_value}} as number_value,
    cast({{field.date_value.date}} as date) as date_value,
    {{instant field.date_value.date_time}} as date_time_value,
    {{field.enum_value.gid}} as enum_option_gid,
    coalesce(chosen.enum_option_name, {{field.enum_value.name}}) as enum_option_name
from {{table projects}} as p
{{each p.custom_fields as field}}
left join {{table custom_fields}} as known on known.gid = {{field.gid}}
left join {{ref custom_field_option}} as chosen on chosen.enum_option_gid = {{field.enum_value.gid}}
where {{kept p.gid}};

-- Each option selected in a multi-select custom field of a project.
{{view project_custom_field_option}}
select
    p.gid as project_gid,
    {{field.gid}} as custom_field_gid,
    coalesce(known.name, {{field.name}}) as custom_field_name,
    {{choice.gid}} as enum_option_gid,
    coalesce(chosen.enum_option_name, {{choice.name}}) as enum_option_name
from {{table projects}} as p
{{each p.custom_fields as field}}
{{each field.multi_enum_values as choice}}
left join {{table custom_fields}} as known on known.gid = {{field.gid}}
left join {{ref custom_field_option}} as chosen on chosen.enum_option_gid = {{choice.gid}}
where {{kept p.gid}};

-- Each comment on a task.
{{view task_comment}}
select
    s.gid as story_gid,
    s.task_gid,
    {{instant s.created_at}} as created_at,
    {{s.created_by.gid}} as created_by_gid,
    coalesce(author.user_name, {{s.created_by.name}}) as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from {{table stories}} as s
left join {{ref person}} as author on author.user_gid = {{s.created_by.gid}}
where s.type = 'comment' and s.task_gid is not null and {{kept s.gid}} and {{kept s.task_gid}};

-- Each assignment, move, completion, reopening and due date change of a task, with the previous values.
{{view task_history}}
select
    s.gid as story_gid,
    s.task_gid,
    {{instant s.created_at}} as happened_at,
    {{s.created_by.gid}} as actor_gid,
    coalesce(actor.user_name, {{s.created_by.name}}) as actor_name,
    s.resource_subtype as event,
    {{s.assignee.gid}} as assignee_gid,
    coalesce(assignee.user_name, {{s.assignee.name}}) as assignee_name,
    coalesce({{s.project.gid}}, {{entered.project.gid}}, {{departed.project.gid}}) as project_gid,
    coalesce(project.name, {{s.project.name}}) as project_name,
    {{s.old_section.gid}} as old_section_gid,
    coalesce(departed.name, {{s.old_section.name}}) as old_section_name,
    {{s.new_section.gid}} as new_section_gid,
    coalesce(entered.name, {{s.new_section.name}}) as new_section_name,
    cast({{s.old_dates.due_on}} as date) as old_due_on,
    cast({{s.new_dates.due_on}} as date) as new_due_on,
    {{instant s.old_dates.due_at}} as old_due_at,
    {{instant s.new_dates.due_at}} as new_due_at
from {{table stories}} as s
left join {{ref person}} as actor on actor.user_gid = {{s.created_by.gid}}
left join {{ref person}} as assignee on assignee.user_gid = {{s.assignee.gid}}
left join {{table sections}} as entered on entered.gid = {{s.new_section.gid}}
left join {{table sections}} as departed on departed.gid = {{s.old_section.gid}}
left join {{table projects}} as project
    on project.gid = coalesce({{s.project.gid}}, {{entered.project.gid}}, {{departed.project.gid}})
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null and {{kept s.gid}} and {{kept s.task_gid}};

-- Each member of a team.
{{view team_user}}
select
    {{m.team.gid}} as team_gid,
    coalesce(team.name, {{m.team.name}}) as team_name,
    {{m.user.gid}} as user_gid,
    coalesce(known.user_name, {{m.user.name}}) as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from {{table team_memberships}} as m
left join {{table teams}} as team on team.gid = {{m.team.gid}}
left join {{ref person}} as known on known.user_gid = {{m.user.gid}}
where {{kept m.gid}};

-- Each member of a workspace.
{{view workspace_user}}
select
    {{m.workspace.gid}} as workspace_gid,
    {{m.workspace.name}} as workspace_name,
    {{m.user.gid}} as user_gid,
    coalesce(known.user_name, {{m.user.name}}) as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    {{instant m.created_at}} as created_at
from {{table workspace_memberships}} as m
left join {{ref person}} as known on known.user_gid = {{m.user.gid}}
where {{kept m.gid}};
