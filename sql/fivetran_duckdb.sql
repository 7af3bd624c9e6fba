-- Written by python -m scripts.views from sql/templates: see docs/warehouse.md.
-- Run it in the database that holds the tables in the schema asana; the views go to another schema.

create schema if not exists asana;
create schema if not exists asana_fivetran;

-- An empty table stands in for each stream that was not loaded.
create table if not exists asana.projects ("gid" varchar, "resource_type" varchar, "name" varchar, "archived" boolean, "color" varchar, "icon" varchar, "created_at" timestamp, "current_status_update" json, "custom_field_settings" json, "default_view" varchar, "due_on" date, "html_notes" varchar, "members" json, "modified_at" timestamp, "notes" varchar, "privacy_setting" varchar, "start_on" date, "default_access_level" varchar, "minimum_access_level_for_customization" varchar, "minimum_access_level_for_sharing" varchar, "custom_fields" json, "completed" boolean, "completed_at" timestamp, "completed_by" json, "followers" json, "owner" json, "team" json, "permalink_url" varchar, "project_brief" json, "created_from_template" json, "workspace" json, "_sdc_batched_at" timestamp);
create table if not exists asana.sections ("gid" varchar, "resource_type" varchar, "name" varchar, "created_at" timestamp, "project" json, "_sdc_batched_at" timestamp);
create table if not exists asana.stories ("gid" varchar, "resource_type" varchar, "workspace_gid" varchar, "task_gid" varchar, "goal_gid" varchar, "created_at" timestamp, "resource_subtype" varchar, "text" varchar, "html_text" varchar, "is_pinned" boolean, "sticker_name" varchar, "created_by" json, "type" varchar, "is_editable" boolean, "is_edited" boolean, "liked" boolean, "likes" json, "num_likes" double, "reaction_summary" json, "previews" json, "old_name" varchar, "new_name" varchar, "old_dates" json, "new_dates" json, "old_resource_subtype" varchar, "new_resource_subtype" varchar, "story" json, "assignee" json, "follower" json, "old_section" json, "new_section" json, "task" json, "project" json, "tag" json, "custom_field" json, "old_text_value" varchar, "new_text_value" varchar, "old_number_value" double, "new_number_value" double, "old_enum_value" json, "new_enum_value" json, "old_date_value" json, "new_date_value" json, "old_people_value" json, "new_people_value" json, "old_multi_enum_values" json, "new_multi_enum_values" json, "new_approval_status" varchar, "old_approval_status" varchar, "duplicate_of" json, "duplicated_from" json, "dependency" json, "source" varchar, "target" json, "_sdc_batched_at" timestamp);
create table if not exists asana.tags ("gid" varchar, "resource_type" varchar, "name" varchar, "color" varchar, "notes" varchar, "created_at" timestamp, "followers" json, "workspace" json, "permalink_url" varchar, "_sdc_batched_at" timestamp);
create table if not exists asana.tasks ("gid" varchar, "resource_type" varchar, "name" varchar, "resource_subtype" varchar, "created_by" json, "approval_status" varchar, "assigned_by" json, "completed" boolean, "completed_at" timestamp, "completed_by" json, "created_at" timestamp, "dependencies" json, "dependents" json, "due_at" timestamp, "due_on" date, "external" json, "html_notes" varchar, "is_rendered_as_separator" boolean, "liked" boolean, "likes" json, "memberships" json, "modified_at" timestamp, "notes" varchar, "num_likes" double, "num_subtasks" double, "start_at" timestamp, "start_on" date, "actual_time_minutes" double, "assignee" json, "assignee_section" json, "custom_fields" json, "custom_type" json, "custom_type_status_option" json, "followers" json, "parent" json, "projects" json, "tags" json, "workspace" json, "permalink_url" varchar, "_sdc_batched_at" timestamp);
create table if not exists asana.teams ("gid" varchar, "resource_type" varchar, "name" varchar, "description" varchar, "html_description" varchar, "organization" json, "permalink_url" varchar, "visibility" varchar, "edit_team_name_or_description_access_level" varchar, "edit_team_visibility_or_trash_team_access_level" varchar, "member_invite_management_access_level" varchar, "guest_invite_management_access_level" varchar, "join_request_management_access_level" varchar, "team_member_removal_access_level" varchar, "team_content_management_access_level" varchar, "endorsed" boolean, "custom_field_settings" json, "_sdc_batched_at" timestamp);
create table if not exists asana.users ("gid" varchar, "resource_type" varchar, "name" varchar, "email" varchar, "photo" json, "workspaces" json, "custom_fields" json, "_sdc_batched_at" timestamp);
create table if not exists asana.workspace_memberships ("gid" varchar, "resource_type" varchar, "user" json, "workspace" json, "user_task_list" json, "is_active" boolean, "is_admin" boolean, "is_guest" boolean, "is_view_only" boolean, "created_at" timestamp, "_sdc_batched_at" timestamp);

-- Each user, and each former one that a membership of a workspace or a story names, without an e-mail address.
create or replace view asana_fivetran."user" as
select u.gid as id, u.email, u.name, false as _fivetran_deleted, u._sdc_batched_at as _fivetran_synced
from asana.users as u
where u.gid not in (select deleted.gid from asana_views."deleted" as deleted)
union all
select
    former.id,
    nullif('', '') as email,
    max(former.name) as name,
    false as _fivetran_deleted,
    max(former.loaded_at) as _fivetran_synced
from (
    select (m.user ->> '$.gid') as id, (m.user ->> '$.name') as name, m._sdc_batched_at as loaded_at
    from asana.workspace_memberships as m
    where m.gid not in (select deleted.gid from asana_views."deleted" as deleted)
    union all
    select (s.created_by ->> '$.gid') as id, (s.created_by ->> '$.name') as name, s._sdc_batched_at as loaded_at
    from asana.stories as s
    where s.gid not in (select deleted.gid from asana_views."deleted" as deleted)
) as former
where former.id not in (select u.gid from asana.users as u where u.gid not in (select deleted.gid from asana_views."deleted" as deleted))
group by former.id;

-- Each team, each team that only a project names, and a team for each project without one, with its gid and name.
create or replace view asana_fivetran."team" as
select
    t.gid as id,
    t.name,
    (t.organization ->> '$.gid') as organization_id,
    false as _fivetran_deleted,
    t._sdc_batched_at as _fivetran_synced
from asana.teams as t
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted)
union all
select
    coalesce((p.team ->> '$.gid'), p.gid) as id,
    max(coalesce((p.team ->> '$.name'), p.name)) as name,
    max((p.workspace ->> '$.gid')) as organization_id,
    false as _fivetran_deleted,
    max(p._sdc_batched_at) as _fivetran_synced
from asana.projects as p
where coalesce((p.team ->> '$.gid'), p.gid) not in (select t.gid from asana.teams as t where t.gid not in (select deleted.gid from asana_views."deleted" as deleted)) and p.gid not in (select deleted.gid from asana_views."deleted" as deleted)
group by 1;

-- Each project; its status is the title of its newest status update.
create or replace view asana_fivetran."project" as
select
    p.gid as id,
    p.name,
    p.archived,
    p.color,
    p.created_at as created_at,
    p.modified_at as modified_at,
    (p.current_status_update ->> '$.title') as current_status,
    cast(p.due_on as timestamp) as due_date,
    p.notes,
    (p.owner ->> '$.gid') as owner_id,
    p.privacy_setting = 'public_to_workspace' as public,
    coalesce((p.team ->> '$.gid'), p.gid) as team_id,
    (p.workspace ->> '$.gid') as workspace_id,
    false as _fivetran_deleted,
    p._sdc_batched_at as _fivetran_synced
from asana.projects as p
where p.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each section; Asana's default section has the name that the dbt package expects.
create or replace view asana_fivetran."section" as
select
    s.gid as id,
    case when s.name = 'Untitled section' then '(no section)' else s.name end as name,
    s.created_at as created_at,
    (s.project ->> '$.gid') as project_id,
    s._sdc_batched_at as _fivetran_synced
from asana.sections as s
where s.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each task, including subtasks.
create or replace view asana_fivetran."task" as
select
    t.gid as id,
    t.name,
    t.notes,
    (t.assignee ->> '$.gid') as assignee_id,
    t.completed,
    t.completed_at as completed_at,
    (t.completed_by ->> '$.gid') as completed_by_id,
    t.created_at as created_at,
    (t.created_by ->> '$.gid') as created_by_id,
    t.modified_at as modified_at,
    cast(t.due_on as timestamp) as due_on,
    t.due_at as due_at,
    cast(t.start_on as timestamp) as start_on,
    (t.parent ->> '$.gid') as parent_id,
    (t.workspace ->> '$.gid') as workspace_id,
    t.liked,
    t.num_likes,
    t.actual_time_minutes,
    t.resource_subtype,
    t._sdc_batched_at as _fivetran_synced
from asana.tasks as t
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each story of a task; hearts are Asana's former name for likes.
create or replace view asana_fivetran."story" as
select
    s.gid as id,
    s.created_at as created_at,
    (s.created_by ->> '$.gid') as created_by_id,
    s.task_gid as target_id,
    s.text,
    s.type,
    s.source,
    s.liked as hearted,
    s.num_likes as num_hearts,
    s._sdc_batched_at as _fivetran_synced
from asana.stories as s
where s.task_gid is not null and s.gid not in (select deleted.gid from asana_views."deleted" as deleted) and s.task_gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each tag; Asana has one text for it, used for both notes and message.
create or replace view asana_fivetran."tag" as
select
    t.gid as id,
    t.name,
    t.color,
    t.created_at as created_at,
    t.notes,
    t.notes as message,
    (t.workspace ->> '$.gid') as workspace_id,
    false as _fivetran_deleted,
    t._sdc_batched_at as _fivetran_synced
from asana.tags as t
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each project of a task.
create or replace view asana_fivetran."project_task" as
select (project.item ->> '$.gid') as project_id, t.gid as task_id, t._sdc_batched_at as _fivetran_synced
from asana.tasks as t
cross join unnest(cast(t.projects as json[])) as project (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each section of a task.
create or replace view asana_fivetran."task_section" as
select (place.item ->> '$.section.gid') as section_id, t.gid as task_id, t._sdc_batched_at as _fivetran_synced
from asana.tasks as t
cross join unnest(cast(t.memberships as json[])) as place (item)
where (place.item ->> '$.section.gid') is not null and t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each follower of a task.
create or replace view asana_fivetran."task_follower" as
select t.gid as task_id, (follower.item ->> '$.gid') as user_id, t._sdc_batched_at as _fivetran_synced
from asana.tasks as t
cross join unnest(cast(t.followers as json[])) as follower (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);

-- Each tag of a task.
create or replace view asana_fivetran."task_tag" as
select t.gid as task_id, (tag.item ->> '$.gid') as tag_id, t._sdc_batched_at as _fivetran_synced
from asana.tasks as t
cross join unnest(cast(t.tags as json[])) as tag (item)
where t.gid not in (select deleted.gid from asana_views."deleted" as deleted);
