-- Written by python -m scripts.views from sql/templates: see docs/warehouse.md.
-- Run it with psql -v schema=SCHEMA, the schema of the tables; the views go to another schema.

\if :{?schema}
\else
\set schema asana
\endif
\set views :schema _views
\set fivetran :schema _fivetran
\set empty :schema _empty

create schema if not exists :"fivetran";

-- An empty table stands in for each stream that was not loaded: run the file again when it is.
set client_min_messages = warning;
select to_regclass(format('%I.projects', :'schema')) is null as missing \gset
\set projects :schema
\if :missing
\set projects :empty
create schema if not exists :"empty";
create table if not exists :"empty".projects ("gid" text, "resource_type" text, "name" text, "archived" boolean, "color" text, "icon" text, "created_at" timestamp, "current_status_update" jsonb, "custom_field_settings" jsonb[], "default_view" text, "due_on" date, "html_notes" text, "members" jsonb[], "modified_at" timestamp, "notes" text, "privacy_setting" text, "start_on" date, "default_access_level" text, "minimum_access_level_for_customization" text, "minimum_access_level_for_sharing" text, "custom_fields" jsonb[], "completed" boolean, "completed_at" timestamp, "completed_by" jsonb, "followers" jsonb[], "owner" jsonb, "team" jsonb, "permalink_url" text, "project_brief" jsonb, "created_from_template" jsonb, "workspace" jsonb, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.sections', :'schema')) is null as missing \gset
\set sections :schema
\if :missing
\set sections :empty
create schema if not exists :"empty";
create table if not exists :"empty".sections ("gid" text, "resource_type" text, "name" text, "created_at" timestamp, "project" jsonb, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.stories', :'schema')) is null as missing \gset
\set stories :schema
\if :missing
\set stories :empty
create schema if not exists :"empty";
create table if not exists :"empty".stories ("gid" text, "resource_type" text, "workspace_gid" text, "task_gid" text, "goal_gid" text, "created_at" timestamp, "resource_subtype" text, "text" text, "html_text" text, "is_pinned" boolean, "sticker_name" text, "created_by" jsonb, "type" text, "is_editable" boolean, "is_edited" boolean, "liked" boolean, "likes" jsonb[], "num_likes" numeric, "reaction_summary" jsonb[], "previews" jsonb[], "old_name" text, "new_name" text, "old_dates" jsonb, "new_dates" jsonb, "old_resource_subtype" text, "new_resource_subtype" text, "story" jsonb, "assignee" jsonb, "follower" jsonb, "old_section" jsonb, "new_section" jsonb, "task" jsonb, "project" jsonb, "tag" jsonb, "custom_field" jsonb, "old_text_value" text, "new_text_value" text, "old_number_value" numeric, "new_number_value" numeric, "old_enum_value" jsonb, "new_enum_value" jsonb, "old_date_value" jsonb, "new_date_value" jsonb, "old_people_value" jsonb[], "new_people_value" jsonb[], "old_multi_enum_values" jsonb[], "new_multi_enum_values" jsonb[], "new_approval_status" text, "old_approval_status" text, "duplicate_of" jsonb, "duplicated_from" jsonb, "dependency" jsonb, "source" text, "target" jsonb, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.tags', :'schema')) is null as missing \gset
\set tags :schema
\if :missing
\set tags :empty
create schema if not exists :"empty";
create table if not exists :"empty".tags ("gid" text, "resource_type" text, "name" text, "color" text, "notes" text, "created_at" timestamp, "followers" jsonb[], "workspace" jsonb, "permalink_url" text, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.tasks', :'schema')) is null as missing \gset
\set tasks :schema
\if :missing
\set tasks :empty
create schema if not exists :"empty";
create table if not exists :"empty".tasks ("gid" text, "resource_type" text, "name" text, "resource_subtype" text, "created_by" jsonb, "approval_status" text, "assigned_by" jsonb, "completed" boolean, "completed_at" timestamp, "completed_by" jsonb, "created_at" timestamp, "dependencies" jsonb[], "dependents" jsonb[], "due_at" timestamp, "due_on" date, "external" jsonb, "html_notes" text, "is_rendered_as_separator" boolean, "liked" boolean, "likes" jsonb[], "memberships" jsonb[], "modified_at" timestamp, "notes" text, "num_likes" numeric, "num_subtasks" numeric, "start_at" timestamp, "start_on" date, "actual_time_minutes" numeric, "assignee" jsonb, "assignee_section" jsonb, "custom_fields" jsonb[], "custom_type" jsonb, "custom_type_status_option" jsonb, "followers" jsonb[], "parent" jsonb, "projects" jsonb[], "tags" jsonb[], "workspace" jsonb, "permalink_url" text, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.teams', :'schema')) is null as missing \gset
\set teams :schema
\if :missing
\set teams :empty
create schema if not exists :"empty";
create table if not exists :"empty".teams ("gid" text, "resource_type" text, "name" text, "description" text, "html_description" text, "organization" jsonb, "permalink_url" text, "visibility" text, "edit_team_name_or_description_access_level" text, "edit_team_visibility_or_trash_team_access_level" text, "member_invite_management_access_level" text, "guest_invite_management_access_level" text, "join_request_management_access_level" text, "team_member_removal_access_level" text, "team_content_management_access_level" text, "endorsed" boolean, "custom_field_settings" jsonb[], "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.users', :'schema')) is null as missing \gset
\set users :schema
\if :missing
\set users :empty
create schema if not exists :"empty";
create table if not exists :"empty".users ("gid" text, "resource_type" text, "name" text, "email" text, "photo" jsonb, "workspaces" jsonb[], "custom_fields" jsonb[], "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.workspace_memberships', :'schema')) is null as missing \gset
\set workspace_memberships :schema
\if :missing
\set workspace_memberships :empty
create schema if not exists :"empty";
create table if not exists :"empty".workspace_memberships ("gid" text, "resource_type" text, "user" jsonb, "workspace" jsonb, "user_task_list" jsonb, "is_active" boolean, "is_admin" boolean, "is_guest" boolean, "is_view_only" boolean, "created_at" timestamp, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif

-- Each user, and each former one that a membership of a workspace or a story names, without an e-mail address.
create or replace view :"fivetran"."user" as
select u.gid as id, u.email, u.name, false as _fivetran_deleted, u._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"users".users as u
where u._sdc_deleted_at is null and u.gid not in (select deleted.gid from :"views"."deleted" as deleted)
union all
select
    former.id,
    nullif('', '') as email,
    max(former.name) as name,
    false as _fivetran_deleted,
    max(former.loaded_at) as _fivetran_synced
from (
    select m.user ->> 'gid' as id, m.user ->> 'name' as name, m._sdc_batched_at at time zone 'UTC' as loaded_at
    from :"workspace_memberships".workspace_memberships as m
    where m._sdc_deleted_at is null and m.gid not in (select deleted.gid from :"views"."deleted" as deleted)
    union all
    select s.created_by ->> 'gid' as id, s.created_by ->> 'name' as name, s._sdc_batched_at at time zone 'UTC' as loaded_at
    from :"stories".stories as s
    where s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted)
) as former
where former.id not in (select u.gid from :"users".users as u where u._sdc_deleted_at is null and u.gid not in (select deleted.gid from :"views"."deleted" as deleted))
group by former.id;

-- Each team, each team that only a project names, and a team for each project without one, with its gid and name.
create or replace view :"fivetran"."team" as
select
    t.gid as id,
    t.name,
    t.organization ->> 'gid' as organization_id,
    false as _fivetran_deleted,
    t._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"teams".teams as t
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted)
union all
select
    coalesce(p.team ->> 'gid', p.gid) as id,
    max(coalesce(p.team ->> 'name', p.name)) as name,
    max(p.workspace ->> 'gid') as organization_id,
    false as _fivetran_deleted,
    max(p._sdc_batched_at at time zone 'UTC') as _fivetran_synced
from :"projects".projects as p
where coalesce(p.team ->> 'gid', p.gid) not in (select t.gid from :"teams".teams as t where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted)) and p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views"."deleted" as deleted)
group by 1;

-- Each project; its status is the title of its newest status update.
create or replace view :"fivetran"."project" as
select
    p.gid as id,
    p.name,
    p.archived,
    p.color,
    p.created_at at time zone 'UTC' as created_at,
    p.modified_at at time zone 'UTC' as modified_at,
    p.current_status_update ->> 'title' as current_status,
    cast(p.due_on as timestamp) as due_date,
    p.notes,
    p.owner ->> 'gid' as owner_id,
    p.privacy_setting = 'public_to_workspace' as public,
    coalesce(p.team ->> 'gid', p.gid) as team_id,
    p.workspace ->> 'gid' as workspace_id,
    false as _fivetran_deleted,
    p._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"projects".projects as p
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each section; Asana's default section has the name that the dbt package expects.
create or replace view :"fivetran"."section" as
select
    s.gid as id,
    case when s.name = 'Untitled section' then '(no section)' else s.name end as name,
    s.created_at at time zone 'UTC' as created_at,
    s.project ->> 'gid' as project_id,
    s._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"sections".sections as s
where s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each task, including subtasks.
create or replace view :"fivetran"."task" as
select
    t.gid as id,
    t.name,
    t.notes,
    t.assignee ->> 'gid' as assignee_id,
    t.completed,
    t.completed_at at time zone 'UTC' as completed_at,
    t.completed_by ->> 'gid' as completed_by_id,
    t.created_at at time zone 'UTC' as created_at,
    t.created_by ->> 'gid' as created_by_id,
    t.modified_at at time zone 'UTC' as modified_at,
    cast(t.due_on as timestamp) as due_on,
    t.due_at at time zone 'UTC' as due_at,
    cast(t.start_on as timestamp) as start_on,
    t.parent ->> 'gid' as parent_id,
    t.workspace ->> 'gid' as workspace_id,
    t.liked,
    t.num_likes,
    t.actual_time_minutes,
    t.resource_subtype,
    t._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"tasks".tasks as t
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each story of a task; hearts are Asana's former name for likes.
create or replace view :"fivetran"."story" as
select
    s.gid as id,
    s.created_at at time zone 'UTC' as created_at,
    s.created_by ->> 'gid' as created_by_id,
    s.task_gid as target_id,
    s.text,
    s.type,
    s.source,
    s.liked as hearted,
    s.num_likes as num_hearts,
    s._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"stories".stories as s
where s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted) and s.task_gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each tag; Asana has one text for it, used for both notes and message.
create or replace view :"fivetran"."tag" as
select
    t.gid as id,
    t.name,
    t.color,
    t.created_at at time zone 'UTC' as created_at,
    t.notes,
    t.notes as message,
    t.workspace ->> 'gid' as workspace_id,
    false as _fivetran_deleted,
    t._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"tags".tags as t
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each project of a task.
create or replace view :"fivetran"."project_task" as
select project.item ->> 'gid' as project_id, t.gid as task_id, t._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.projects), 'null')) as project (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each section of a task.
create or replace view :"fivetran"."task_section" as
select place.item -> 'section' ->> 'gid' as section_id, t.gid as task_id, t._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.memberships), 'null')) as place (item)
where place.item -> 'section' ->> 'gid' is not null and t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each follower of a task.
create or replace view :"fivetran"."task_follower" as
select t.gid as task_id, follower.item ->> 'gid' as user_id, t._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.followers), 'null')) as follower (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each tag of a task.
create or replace view :"fivetran"."task_tag" as
select t.gid as task_id, tag.item ->> 'gid' as tag_id, t._sdc_batched_at at time zone 'UTC' as _fivetran_synced
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.tags), 'null')) as tag (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);
