-- Written by python -m scripts.views from sql/templates/views.sql: see docs/warehouse.md.
-- Run it with psql -v schema=SCHEMA, the schema of the tables; the views go to another schema.

\if :{?schema}
\else
\set schema asana
\endif
\set views :schema _views
\set fivetran :schema _fivetran
\set empty :schema _empty

create schema if not exists :"views";

-- An empty table stands in for each stream that was not loaded: run the file again when it is.
set client_min_messages = warning;
select to_regclass(format('%I.deletions', :'schema')) is null as missing \gset
\set deletions :schema
\if :missing
\set deletions :empty
create schema if not exists :"empty";
create table if not exists :"empty".deletions ("gid" text, "resource_type" text, "action" text, "occurred_at" timestamp, "actor" jsonb, "parent_gid" text, "parent" jsonb, "workspace_gid" text, "source" text, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.projects', :'schema')) is null as missing \gset
\set projects :schema
\if :missing
\set projects :empty
create schema if not exists :"empty";
create table if not exists :"empty".projects ("gid" text, "resource_type" text, "name" text, "archived" boolean, "color" text, "icon" text, "created_at" timestamp, "current_status_update" jsonb, "custom_field_settings" jsonb[], "default_view" text, "due_on" date, "html_notes" text, "members" jsonb[], "modified_at" timestamp, "notes" text, "privacy_setting" text, "start_on" date, "default_access_level" text, "minimum_access_level_for_customization" text, "minimum_access_level_for_sharing" text, "custom_fields" jsonb[], "completed" boolean, "completed_at" timestamp, "completed_by" jsonb, "followers" jsonb[], "owner" jsonb, "team" jsonb, "permalink_url" text, "project_brief" jsonb, "created_from_template" jsonb, "workspace" jsonb, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.stories', :'schema')) is null as missing \gset
\set stories :schema
\if :missing
\set stories :empty
create schema if not exists :"empty";
create table if not exists :"empty".stories ("gid" text, "resource_type" text, "workspace_gid" text, "task_gid" text, "goal_gid" text, "created_at" timestamp, "resource_subtype" text, "text" text, "html_text" text, "is_pinned" boolean, "sticker_name" text, "created_by" jsonb, "type" text, "is_editable" boolean, "is_edited" boolean, "liked" boolean, "likes" jsonb[], "num_likes" numeric, "reaction_summary" jsonb[], "previews" jsonb[], "old_name" text, "new_name" text, "old_dates" jsonb, "new_dates" jsonb, "old_resource_subtype" text, "new_resource_subtype" text, "story" jsonb, "assignee" jsonb, "follower" jsonb, "old_section" jsonb, "new_section" jsonb, "task" jsonb, "project" jsonb, "tag" jsonb, "custom_field" jsonb, "old_text_value" text, "new_text_value" text, "old_number_value" numeric, "new_number_value" numeric, "old_enum_value" jsonb, "new_enum_value" jsonb, "old_date_value" jsonb, "new_date_value" jsonb, "old_people_value" jsonb[], "new_people_value" jsonb[], "old_multi_enum_values" jsonb[], "new_multi_enum_values" jsonb[], "new_approval_status" text, "old_approval_status" text, "duplicate_of" jsonb, "duplicated_from" jsonb, "dependency" jsonb, "source" text, "target" jsonb, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.tasks', :'schema')) is null as missing \gset
\set tasks :schema
\if :missing
\set tasks :empty
create schema if not exists :"empty";
create table if not exists :"empty".tasks ("gid" text, "resource_type" text, "name" text, "resource_subtype" text, "created_by" jsonb, "approval_status" text, "assigned_by" jsonb, "completed" boolean, "completed_at" timestamp, "completed_by" jsonb, "created_at" timestamp, "dependencies" jsonb[], "dependents" jsonb[], "due_at" timestamp, "due_on" date, "external" jsonb, "html_notes" text, "is_rendered_as_separator" boolean, "liked" boolean, "likes" jsonb[], "memberships" jsonb[], "modified_at" timestamp, "notes" text, "num_likes" numeric, "num_subtasks" numeric, "start_at" timestamp, "start_on" date, "actual_time_minutes" numeric, "assignee" jsonb, "assignee_section" jsonb, "custom_fields" jsonb[], "custom_type" jsonb, "custom_type_status_option" jsonb, "followers" jsonb[], "parent" jsonb, "projects" jsonb[], "tags" jsonb[], "workspace" jsonb, "permalink_url" text, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.team_memberships', :'schema')) is null as missing \gset
\set team_memberships :schema
\if :missing
\set team_memberships :empty
create schema if not exists :"empty";
create table if not exists :"empty".team_memberships ("gid" text, "resource_type" text, "user" jsonb, "team" jsonb, "is_guest" boolean, "is_limited_access" boolean, "is_admin" boolean, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.workspace_memberships', :'schema')) is null as missing \gset
\set workspace_memberships :schema
\if :missing
\set workspace_memberships :empty
create schema if not exists :"empty";
create table if not exists :"empty".workspace_memberships ("gid" text, "resource_type" text, "user" jsonb, "workspace" jsonb, "user_task_list" jsonb, "is_active" boolean, "is_admin" boolean, "is_guest" boolean, "is_view_only" boolean, "created_at" timestamp, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif

-- Each gid that was deleted in Asana and not restored.
create or replace view :"views"."deleted" as
select latest.gid, latest.resource_type, latest.occurred_at at time zone 'UTC' as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from :"deletions".deletions as d
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
    t.completed_at at time zone 'UTC' as completed_at,
    t.completed_by ->> 'gid' as completed_by_gid,
    t.created_at at time zone 'UTC' as created_at,
    t.modified_at at time zone 'UTC' as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at at time zone 'UTC' as due_at,
    t.assignee ->> 'gid' as assignee_gid,
    t.assignee ->> 'name' as assignee_name,
    t.parent ->> 'gid' as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    t.workspace ->> 'gid' as workspace_gid,
    t.permalink_url
from :"tasks".tasks as t
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each project of a task.
create or replace view :"views"."task_project" as
select t.gid as task_gid, project.item ->> 'gid' as project_gid, project.item ->> 'name' as project_name
from :"tasks".tasks as t
cross join unnest(t.projects) as project (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each section of a task, at most one for each of its projects.
create or replace view :"views"."task_section" as
select
    t.gid as task_gid,
    place.item -> 'project' ->> 'gid' as project_gid,
    place.item -> 'section' ->> 'gid' as section_gid,
    place.item -> 'section' ->> 'name' as section_name
from :"tasks".tasks as t
cross join unnest(t.memberships) as place (item)
where place.item -> 'section' ->> 'gid' is not null and t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each follower of a task.
create or replace view :"views"."task_follower" as
select t.gid as task_gid, follower.item ->> 'gid' as user_gid, follower.item ->> 'name' as user_name
from :"tasks".tasks as t
cross join unnest(t.followers) as follower (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each tag of a task.
create or replace view :"views"."task_tag" as
select t.gid as task_gid, tag.item ->> 'gid' as tag_gid, tag.item ->> 'name' as tag_name
from :"tasks".tasks as t
cross join unnest(t.tags) as tag (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each dependency between two tasks.
create or replace view :"views"."task_dependency" as
select t.gid as task_gid, dependency.item ->> 'gid' as depends_on_task_gid
from :"tasks".tasks as t
cross join unnest(t.dependencies) as dependency (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

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
    cast(field.item -> 'date_value' ->> 'date_time' as timestamptz) as date_time_value,
    field.item -> 'enum_value' ->> 'gid' as enum_option_gid,
    field.item -> 'enum_value' ->> 'name' as enum_option_name
from :"tasks".tasks as t
cross join unnest(t.custom_fields) as field (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each option selected in a multi-select custom field of a task.
create or replace view :"views"."task_custom_field_option" as
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    choice.item ->> 'name' as enum_option_name
from :"tasks".tasks as t
cross join unnest(t.custom_fields) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'multi_enum_values', 'null')) as choice (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each person selected in a people custom field of a task.
create or replace view :"views"."task_custom_field_person" as
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    person.item ->> 'gid' as user_gid,
    person.item ->> 'name' as user_name
from :"tasks".tasks as t
cross join unnest(t.custom_fields) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'people_value', 'null')) as person (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

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
    cast(field.item -> 'date_value' ->> 'date_time' as timestamptz) as date_time_value,
    field.item -> 'enum_value' ->> 'gid' as enum_option_gid,
    field.item -> 'enum_value' ->> 'name' as enum_option_name
from :"projects".projects as p
cross join unnest(p.custom_fields) as field (item)
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each option selected in a multi-select custom field of a project.
create or replace view :"views"."project_custom_field_option" as
select
    p.gid as project_gid,
    field.item ->> 'gid' as custom_field_gid,
    field.item ->> 'name' as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    choice.item ->> 'name' as enum_option_name
from :"projects".projects as p
cross join unnest(p.custom_fields) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'multi_enum_values', 'null')) as choice (item)
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each comment on a task.
create or replace view :"views"."task_comment" as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at at time zone 'UTC' as created_at,
    s.created_by ->> 'gid' as created_by_gid,
    s.created_by ->> 'name' as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from :"stories".stories as s
where s.type = 'comment' and s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted) and s.task_gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each assignment, move, completion, reopening and due date change of a task, with the previous values.
create or replace view :"views"."task_history" as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at at time zone 'UTC' as happened_at,
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
    cast(s.old_dates ->> 'due_at' as timestamptz) as old_due_at,
    cast(s.new_dates ->> 'due_at' as timestamptz) as new_due_at
from :"stories".stories as s
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted) and s.task_gid not in (select deleted.gid from :"views"."deleted" as deleted);

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
from :"team_memberships".team_memberships as m
where m._sdc_deleted_at is null and m.gid not in (select deleted.gid from :"views"."deleted" as deleted);

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
    m.created_at at time zone 'UTC' as created_at
from :"workspace_memberships".workspace_memberships as m
where m._sdc_deleted_at is null and m.gid not in (select deleted.gid from :"views"."deleted" as deleted);
