-- Written by python -m scripts.views from sql/templates/views.sql: see docs/warehouse.md.
-- Run it in the database that holds the tables in the schema asana; the views go to another schema.

create schema if not exists asana;
create schema if not exists asana_views;

-- An empty table stands in for each stream that was not loaded.
create table if not exists asana.deletions ("gid" varchar, "resource_type" varchar, "action" varchar, "occurred_at" timestamp, "actor" json, "parent_gid" varchar, "parent" json, "workspace_gid" varchar, "source" varchar, "_sdc_batched_at" timestamp);
create table if not exists asana.projects ("gid" varchar, "resource_type" varchar, "name" varchar, "archived" boolean, "color" varchar, "icon" varchar, "created_at" timestamp, "current_status_update" json, "custom_field_settings" json, "default_view" varchar, "due_on" date, "html_notes" varchar, "members" json, "modified_at" timestamp, "notes" varchar, "privacy_setting" varchar, "start_on" date, "default_access_level" varchar, "minimum_access_level_for_customization" varchar, "minimum_access_level_for_sharing" varchar, "custom_fields" json, "completed" boolean, "completed_at" timestamp, "completed_by" json, "followers" json, "owner" json, "team" json, "permalink_url" varchar, "project_brief" json, "created_from_template" json, "workspace" json, "_sdc_batched_at" timestamp);
create table if not exists asana.stories ("gid" varchar, "resource_type" varchar, "workspace_gid" varchar, "task_gid" varchar, "goal_gid" varchar, "created_at" timestamp, "resource_subtype" varchar, "text" varchar, "html_text" varchar, "is_pinned" boolean, "sticker_name" varchar, "created_by" json, "type" varchar, "is_editable" boolean, "is_edited" boolean, "liked" boolean, "likes" json, "num_likes" double, "reaction_summary" json, "previews" json, "old_name" varchar, "new_name" varchar, "old_dates" json, "new_dates" json, "old_resource_subtype" varchar, "new_resource_subtype" varchar, "story" json, "assignee" json, "follower" json, "old_section" json, "new_section" json, "task" json, "project" json, "tag" json, "custom_field" json, "old_text_value" varchar, "new_text_value" varchar, "old_number_value" double, "new_number_value" double, "old_enum_value" json, "new_enum_value" json, "old_date_value" json, "new_date_value" json, "old_people_value" json, "new_people_value" json, "old_multi_enum_values" json, "new_multi_enum_values" json, "new_approval_status" varchar, "old_approval_status" varchar, "duplicate_of" json, "duplicated_from" json, "dependency" json, "source" varchar, "target" json, "_sdc_batched_at" timestamp);
create table if not exists asana.tasks ("gid" varchar, "resource_type" varchar, "name" varchar, "resource_subtype" varchar, "created_by" json, "approval_status" varchar, "assigned_by" json, "completed" boolean, "completed_at" timestamp, "completed_by" json, "created_at" timestamp, "dependencies" json, "dependents" json, "due_at" timestamp, "due_on" date, "external" json, "html_notes" varchar, "is_rendered_as_separator" boolean, "liked" boolean, "likes" json, "memberships" json, "modified_at" timestamp, "notes" varchar, "num_likes" double, "num_subtasks" double, "start_at" timestamp, "start_on" date, "actual_time_minutes" double, "assignee" json, "assignee_section" json, "custom_fields" json, "custom_type" json, "custom_type_status_option" json, "followers" json, "parent" json, "projects" json, "tags" json, "workspace" json, "permalink_url" varchar, "_sdc_batched_at" timestamp);
create table if not exists asana.team_memberships ("gid" varchar, "resource_type" varchar, "user" json, "team" json, "is_guest" boolean, "is_limited_access" boolean, "is_admin" boolean, "_sdc_batched_at" timestamp);
create table if not exists asana.workspace_memberships ("gid" varchar, "resource_type" varchar, "user" json, "workspace" json, "user_task_list" json, "is_active" boolean, "is_admin" boolean, "is_guest" boolean, "is_view_only" boolean, "created_at" timestamp, "_sdc_batched_at" timestamp);

-- Each gid that was deleted in Asana and not restored.
create or replace view asana_views."deleted" as
select latest.gid, latest.resource_type, latest.occurred_at as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from asana.deletions as d
    where d.action in ('deleted', 'undeleted')
) as latest
where latest.place = 1 and latest.action = 'deleted';

-- Each existing task, with the gids and names of its references.
create or replace view asana_views."current_task" as
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at as completed_at,
    (t.completed_by ->> '$.gid') as completed_by_gid,
    t.created_at as created_at,
    t.modified_at as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at as due_at,
    (t.assignee ->> '$.gid') as assignee_gid,
    (t.assignee ->> '$.name') as assignee_name,
    (t.parent ->> '$.gid') as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    (t.workspace ->> '$.gid') as workspace_gid,
    t.permalink_url
from asana.tasks as t
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each project of a task.
create or replace view asana_views."task_project" as
select t.gid as task_gid, (project.item ->> '$.gid') as project_gid, (project.item ->> '$.name') as project_name
from asana.tasks as t
cross join unnest(cast(t.projects as json[])) as project (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each section of a task, at most one for each of its projects.
create or replace view asana_views."task_section" as
select
    t.gid as task_gid,
    (place.item ->> '$.project.gid') as project_gid,
    (place.item ->> '$.section.gid') as section_gid,
    (place.item ->> '$.section.name') as section_name
from asana.tasks as t
cross join unnest(cast(t.memberships as json[])) as place (item)
where (place.item ->> '$.section.gid') is not null and t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each follower of a task.
create or replace view asana_views."task_follower" as
select t.gid as task_gid, (follower.item ->> '$.gid') as user_gid, (follower.item ->> '$.name') as user_name
from asana.tasks as t
cross join unnest(cast(t.followers as json[])) as follower (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each tag of a task.
create or replace view asana_views."task_tag" as
select t.gid as task_gid, (tag.item ->> '$.gid') as tag_gid, (tag.item ->> '$.name') as tag_name
from asana.tasks as t
cross join unnest(cast(t.tags as json[])) as tag (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each dependency between two tasks.
create or replace view asana_views."task_dependency" as
select t.gid as task_gid, (dependency.item ->> '$.gid') as depends_on_task_gid
from asana.tasks as t
cross join unnest(cast(t.dependencies as json[])) as dependency (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each custom field of a task with its typed value; without a value, all value columns are null.
create or replace view asana_views."task_custom_field_value" as
select
    t.gid as task_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    (field.item ->> '$.name') as custom_field_name,
    (field.item ->> '$.representation_type') as representation_type,
    (field.item ->> '$.display_value') as display_value,
    (field.item ->> '$.text_value') as text_value,
    cast((field.item ->> '$.number_value') as double) as number_value,
    cast((field.item ->> '$.date_value.date') as date) as date_value,
    cast((field.item ->> '$.date_value.date_time') as timestamp) as date_time_value,
    (field.item ->> '$.enum_value.gid') as enum_option_gid,
    (field.item ->> '$.enum_value.name') as enum_option_name
from asana.tasks as t
cross join unnest(cast(t.custom_fields as json[])) as field (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each option selected in a multi-select custom field of a task.
create or replace view asana_views."task_custom_field_option" as
select
    t.gid as task_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    (field.item ->> '$.name') as custom_field_name,
    (choice.item ->> '$.gid') as enum_option_gid,
    (choice.item ->> '$.name') as enum_option_name
from asana.tasks as t
cross join unnest(cast(t.custom_fields as json[])) as field (item)
cross join unnest(cast(field.item -> '$.multi_enum_values' as json[])) as choice (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each person selected in a people custom field of a task.
create or replace view asana_views."task_custom_field_person" as
select
    t.gid as task_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    (field.item ->> '$.name') as custom_field_name,
    (person.item ->> '$.gid') as user_gid,
    (person.item ->> '$.name') as user_name
from asana.tasks as t
cross join unnest(cast(t.custom_fields as json[])) as field (item)
cross join unnest(cast(field.item -> '$.people_value' as json[])) as person (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each custom field of a project with its typed value; without a value, all value columns are null.
create or replace view asana_views."project_custom_field_value" as
select
    p.gid as project_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    (field.item ->> '$.name') as custom_field_name,
    (field.item ->> '$.representation_type') as representation_type,
    (field.item ->> '$.display_value') as display_value,
    (field.item ->> '$.text_value') as text_value,
    cast((field.item ->> '$.number_value') as double) as number_value,
    cast((field.item ->> '$.date_value.date') as date) as date_value,
    cast((field.item ->> '$.date_value.date_time') as timestamp) as date_time_value,
    (field.item ->> '$.enum_value.gid') as enum_option_gid,
    (field.item ->> '$.enum_value.name') as enum_option_name
from asana.projects as p
cross join unnest(cast(p.custom_fields as json[])) as field (item)
where p.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each option selected in a multi-select custom field of a project.
create or replace view asana_views."project_custom_field_option" as
select
    p.gid as project_gid,
    (field.item ->> '$.gid') as custom_field_gid,
    (field.item ->> '$.name') as custom_field_name,
    (choice.item ->> '$.gid') as enum_option_gid,
    (choice.item ->> '$.name') as enum_option_name
from asana.projects as p
cross join unnest(cast(p.custom_fields as json[])) as field (item)
cross join unnest(cast(field.item -> '$.multi_enum_values' as json[])) as choice (item)
where p.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each comment on a task.
create or replace view asana_views."task_comment" as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as created_at,
    (s.created_by ->> '$.gid') as created_by_gid,
    (s.created_by ->> '$.name') as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from asana.stories as s
where s.type = 'comment' and s.task_gid is not null and s.gid not in (select deleted.gid from asana_views."deleted" as deleted) and s.task_gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each assignment, move, completion, reopening and due date change of a task, with the previous values.
create or replace view asana_views."task_history" as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    (s.created_by ->> '$.gid') as actor_gid,
    (s.created_by ->> '$.name') as actor_name,
    s.resource_subtype as event,
    (s.assignee ->> '$.gid') as assignee_gid,
    (s.assignee ->> '$.name') as assignee_name,
    (s.project ->> '$.gid') as project_gid,
    (s.project ->> '$.name') as project_name,
    (s.old_section ->> '$.gid') as old_section_gid,
    (s.old_section ->> '$.name') as old_section_name,
    (s.new_section ->> '$.gid') as new_section_gid,
    (s.new_section ->> '$.name') as new_section_name,
    cast((s.old_dates ->> '$.due_on') as date) as old_due_on,
    cast((s.new_dates ->> '$.due_on') as date) as new_due_on,
    cast((s.old_dates ->> '$.due_at') as timestamp) as old_due_at,
    cast((s.new_dates ->> '$.due_at') as timestamp) as new_due_at
from asana.stories as s
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null and s.gid not in (select deleted.gid from asana_views."deleted" as deleted) and s.task_gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each member of a team.
create or replace view asana_views."team_user" as
select
    (m.team ->> '$.gid') as team_gid,
    (m.team ->> '$.name') as team_name,
    (m.user ->> '$.gid') as user_gid,
    (m.user ->> '$.name') as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from asana.team_memberships as m
where m.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each member of a workspace.
create or replace view asana_views."workspace_user" as
select
    (m.workspace ->> '$.gid') as workspace_gid,
    (m.workspace ->> '$.name') as workspace_name,
    (m.user ->> '$.gid') as user_gid,
    (m.user ->> '$.name') as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    m.created_at as created_at
from asana.workspace_memberships as m
where m.gid not in (select deleted.gid from asana_views."deleted" as deleted);
