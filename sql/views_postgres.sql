-- Written by python -m scripts.views from sql/templates/views.sql: see docs/warehouse.md.
-- Run it with psql -v schema=SCHEMA, the schema of the tables; the views go to another schema.

\if :{?schema}
\else
\set schema asana
\endif
\set views :schema _views
\set fivetran :schema _fivetran

create schema if not exists :"views";

-- Each gid that was deleted in Asana and not restored.
create or replace view :"views"."deleted" as
select latest.gid, latest.resource_type, latest.occurred_at as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from :"schema".deletions as d
    where d.action in ('deleted', 'undeleted')
) as latest
where latest.place = 1 and latest.action = 'deleted';

-- Each existing task, with the gids and names of its references.
create or replace view :"views"."current_task" as
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at,
    t.completed_by ->> 'gid' as completed_by_gid,
    t.created_at,
    t.modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at,
    t.assignee ->> 'gid' as assignee_gid,
    t.assignee ->> 'name' as assignee_name,
    t.parent ->> 'gid' as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    t.workspace ->> 'gid' as workspace_gid,
    t.permalink_url
from :"schema".tasks as t
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each project of a task.
create or replace view :"views"."task_project" as
select t.gid as task_gid, project.item ->> 'gid' as project_gid, project.item ->> 'name' as project_name
from :"schema".tasks as t
cross join unnest(t.projects) as project (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each section of a task, at most one for each of its projects.
create or replace view :"views"."task_section" as
select
    t.gid as task_gid,
    place.item -> 'project' ->> 'gid' as project_gid,
    place.item -> 'section' ->> 'gid' as section_gid,
    place.item -> 'section' ->> 'name' as section_name
from :"schema".tasks as t
cross join unnest(t.memberships) as place (item)
where place.item -> 'section' ->> 'gid' is not null and t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each follower of a task.
create or replace view :"views"."task_follower" as
select t.gid as task_gid, follower.item ->> 'gid' as user_gid, follower.item ->> 'name' as user_name
from :"schema".tasks as t
cross join unnest(t.followers) as follower (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each tag of a task.
create or replace view :"views"."task_tag" as
select t.gid as task_gid, tag.item ->> 'gid' as tag_gid, tag.item ->> 'name' as tag_name
from :"schema".tasks as t
cross join unnest(t.tags) as tag (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each dependency between two tasks.
create or replace view :"views"."task_dependency" as
select t.gid as task_gid, dependency.item ->> 'gid' as depends_on_task_gid
from :"schema".tasks as t
cross join unnest(t.dependencies) as dependency (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each custom field of a task with its typed value; without a value, all value columns are null.
create or replace view :"views"."task_custom_field_value" as
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    field.item ->> 'representation_type' as representation_type,
    field.item ->> 'display_value' as display_value,
    field.item ->> 'text_value' as text_value,
    cast(field.item ->> 'number_value' as numeric) as number_value,
    cast(field.item -> 'date_value' ->> 'date' as date) as date_value,
    cast(field.item -> 'date_value' ->> 'date_time' as timestamp) as date_time_value,
    field.item -> 'enum_value' ->> 'gid' as enum_option_gid,
    field.item -> 'enum_value' ->> 'name' as enum_option_name
from :"schema".tasks as t
cross join unnest(t.custom_fields) as field (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each option selected in a multi-select custom field of a task.
create or replace view :"views"."task_custom_field_option" as
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    choice.item ->> 'name' as enum_option_name
from :"schema".tasks as t
cross join unnest(t.custom_fields) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'multi_enum_values', 'null')) as choice (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each person selected in a people custom field of a task.
create or replace view :"views"."task_custom_field_person" as
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    person.item ->> 'gid' as user_gid,
    person.item ->> 'name' as user_name
from :"schema".tasks as t
cross join unnest(t.custom_fields) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'people_value', 'null')) as person (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each custom field of a project with its typed value; without a value, all value columns are null.
create or replace view :"views"."project_custom_field_value" as
select
    p.gid as project_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    field.item ->> 'representation_type' as representation_type,
    field.item ->> 'display_value' as display_value,
    field.item ->> 'text_value' as text_value,
    cast(field.item ->> 'number_value' as numeric) as number_value,
    cast(field.item -> 'date_value' ->> 'date' as date) as date_value,
    cast(field.item -> 'date_value' ->> 'date_time' as timestamp) as date_time_value,
    field.item -> 'enum_value' ->> 'gid' as enum_option_gid,
    field.item -> 'enum_value' ->> 'name' as enum_option_name
from :"schema".projects as p
cross join unnest(p.custom_fields) as field (item)
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each option selected in a multi-select custom field of a project.
create or replace view :"views"."project_custom_field_option" as
select
    p.gid as project_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    choice.item ->> 'name' as enum_option_name
from :"schema".projects as p
cross join unnest(p.custom_fields) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'multi_enum_values', 'null')) as choice (item)
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each comment on a task.
create or replace view :"views"."task_comment" as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at,
    s.created_by ->> 'gid' as created_by_gid,
    s.created_by ->> 'name' as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from :"schema".stories as s
where s.type = 'comment' and s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views".deleted as deleted) and s.task_gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each assignment, move, completion, reopening and due date change of a task, with the previous values.
create or replace view :"views"."task_history" as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    s.created_by ->> 'gid' as actor_gid,
    s.created_by ->> 'name' as actor_name,
    s.resource_subtype as event,
    s.assignee ->> 'gid' as assignee_gid,
    s.assignee ->> 'name' as assignee_name,
    s.project ->> 'gid' as project_gid,
    s.project ->> 'name' as project_name,
    s.old_section ->> 'gid' as old_section_gid,
    s.old_section ->> 'name' as old_section_name,
    s.new_section ->> 'gid' as new_section_gid,
    s.new_section ->> 'name' as new_section_name,
    cast(s.old_dates ->> 'due_on' as date) as old_due_on,
    cast(s.new_dates ->> 'due_on' as date) as new_due_on,
    cast(s.old_dates ->> 'due_at' as timestamp) as old_due_at,
    cast(s.new_dates ->> 'due_at' as timestamp) as new_due_at
from :"schema".stories as s
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views".deleted as deleted) and s.task_gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each member of a team.
create or replace view :"views"."team_user" as
select
    m.team ->> 'gid' as team_gid,
    m.team ->> 'name' as team_name,
    m.user ->> 'gid' as user_gid,
    m.user ->> 'name' as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from :"schema".team_memberships as m
where m._sdc_deleted_at is null and m.gid not in (select deleted.gid from :"views".deleted as deleted);

-- Each member of a workspace.
create or replace view :"views"."workspace_user" as
select
    m.workspace ->> 'gid' as workspace_gid,
    m.workspace ->> 'name' as workspace_name,
    m.user ->> 'gid' as user_gid,
    m.user ->> 'name' as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    m.created_at
from :"schema".workspace_memberships as m
where m._sdc_deleted_at is null and m.gid not in (select deleted.gid from :"views".deleted as deleted);
