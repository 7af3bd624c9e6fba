-- Written by python -m scripts.views from sql/templates: see docs/warehouse.md.
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
select to_regclass(format('%I.allocations', :'schema')) is null as missing \gset
\set allocations :schema
\if :missing
\set allocations :empty
create schema if not exists :"empty";
create table if not exists :"empty".allocations ("gid" text, "resource_type" text, "workspace_gid" text, "start_date" date, "end_date" date, "effort" jsonb, "assignee" jsonb, "created_by" jsonb, "parent" jsonb, "resource_subtype" text, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.custom_fields', :'schema')) is null as missing \gset
\set custom_fields :schema
\if :missing
\set custom_fields :empty
create schema if not exists :"empty";
create table if not exists :"empty".custom_fields ("gid" text, "resource_type" text, "workspace_gid" text, "name" text, "resource_subtype" text, "enum_options" jsonb[], "representation_type" text, "id_prefix" text, "input_restrictions" jsonb[], "is_formula_field" boolean, "description" text, "precision" numeric, "format" text, "currency_code" text, "custom_label" text, "custom_label_position" text, "is_global_to_workspace" boolean, "has_notifications_enabled" boolean, "asana_created_field" text, "is_value_read_only" boolean, "created_by" jsonb, "privacy_setting" text, "default_access_level" text, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.deletions', :'schema')) is null as missing \gset
\set deletions :schema
\if :missing
\set deletions :empty
create schema if not exists :"empty";
create table if not exists :"empty".deletions ("gid" text, "resource_type" text, "action" text, "occurred_at" timestamp, "actor" jsonb, "parent_gid" text, "parent" jsonb, "workspace_gid" text, "source" text, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.goals', :'schema')) is null as missing \gset
\set goals :schema
\if :missing
\set goals :empty
create schema if not exists :"empty";
create table if not exists :"empty".goals ("gid" text, "resource_type" text, "name" text, "html_notes" text, "notes" text, "due_on" date, "start_on" date, "is_workspace_level" boolean, "liked" boolean, "likes" jsonb[], "num_likes" numeric, "team" jsonb, "workspace" jsonb, "followers" jsonb[], "time_period" jsonb, "metric" jsonb, "owner" jsonb, "current_status_update" jsonb, "status" text, "privacy_setting" text, "default_access_level" text, "custom_fields" jsonb[], "custom_field_settings" jsonb[], "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.ooo_entries', :'schema')) is null as missing \gset
\set ooo_entries :schema
\if :missing
\set ooo_entries :empty
create schema if not exists :"empty";
create table if not exists :"empty".ooo_entries ("gid" text, "resource_type" text, "workspace_gid" text, "start_date" date, "end_date" date, "user" jsonb, "created_by" jsonb, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.portfolio_items', :'schema')) is null as missing \gset
\set portfolio_items :schema
\if :missing
\set portfolio_items :empty
create schema if not exists :"empty";
create table if not exists :"empty".portfolio_items ("gid" text, "resource_type" text, "portfolio_gid" text, "name" text, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
select to_regclass(format('%I.portfolios', :'schema')) is null as missing \gset
\set portfolios :schema
\if :missing
\set portfolios :empty
create schema if not exists :"empty";
create table if not exists :"empty".portfolios ("gid" text, "resource_type" text, "name" text, "archived" boolean, "color" text, "start_on" date, "due_on" date, "default_access_level" text, "created_at" timestamp, "created_by" jsonb, "custom_field_settings" jsonb[], "current_status_update" jsonb, "custom_fields" jsonb[], "members" jsonb[], "owner" jsonb, "workspace" jsonb, "permalink_url" text, "public" boolean, "privacy_setting" text, "project_templates" jsonb[], "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
\endif
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
select to_regclass(format('%I.status_updates', :'schema')) is null as missing \gset
\set status_updates :schema
\if :missing
\set status_updates :empty
create schema if not exists :"empty";
create table if not exists :"empty".status_updates ("gid" text, "resource_type" text, "title" text, "resource_subtype" text, "text" text, "html_text" text, "status_type" text, "author" jsonb, "created_at" timestamp, "created_by" jsonb, "liked" boolean, "likes" jsonb[], "reaction_summary" jsonb[], "modified_at" timestamp, "num_likes" numeric, "parent" jsonb, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
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
select to_regclass(format('%I.team_memberships', :'schema')) is null as missing \gset
\set team_memberships :schema
\if :missing
\set team_memberships :empty
create schema if not exists :"empty";
create table if not exists :"empty".team_memberships ("gid" text, "resource_type" text, "user" jsonb, "team" jsonb, "is_guest" boolean, "is_limited_access" boolean, "is_admin" boolean, "_sdc_batched_at" timestamp, "_sdc_deleted_at" timestamp);
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

-- Each person: users, and members of a workspace who are not users any more; a user without a known membership is a member.
create or replace view :"views"."person" as
select
    known.user_gid,
    coalesce(max(known.present_name), max(known.former_name)) as user_name,
    max(known.email) as email,
    coalesce(max(known.is_active), 1) = 1 as is_member
from (
    select u.gid as user_gid, u.name as present_name, null as former_name, u.email, null as is_active
    from :"users".users as u
    where u._sdc_deleted_at is null and u.gid not in (select deleted.gid from :"views"."deleted" as deleted)
    union all
    select m.user ->> 'gid', null, m.user ->> 'name', null, case when m.is_active then 1 else 0 end
    from :"workspace_memberships".workspace_memberships as m
    where m._sdc_deleted_at is null and m.gid not in (select deleted.gid from :"views"."deleted" as deleted)
) as known
group by known.user_gid;

-- The present moment and day in UTC, with which other views compare; replace it to look from another day.
create or replace view :"views"."clock" as
select present.now_at, cast(present.now_at at time zone 'UTC' as date) as today
from (select current_timestamp as now_at) as present;

-- Each existing task with its top task: the task above all its parents, or itself.
create or replace view :"views"."task_root" as
with recursive task as (
    select t.gid as task_gid, t.parent ->> 'gid' as parent_gid
    from :"tasks".tasks as t
    where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted)
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
create or replace view :"views"."current_task" as
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at at time zone 'UTC' as completed_at,
    t.completed_by ->> 'gid' as completed_by_gid,
    t.created_by ->> 'gid' as created_by_gid,
    author.user_name as created_by_name,
    t.created_at at time zone 'UTC' as created_at,
    t.modified_at at time zone 'UTC' as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at at time zone 'UTC' as due_at,
    t.assignee ->> 'gid' as assignee_gid,
    coalesce(assignee.user_name, t.assignee ->> 'name') as assignee_name,
    t.parent ->> 'gid' as parent_gid,
    coalesce(root.root_gid, t.gid) as root_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    t.workspace ->> 'gid' as workspace_gid,
    t.permalink_url
from :"tasks".tasks as t
left join :"views"."task_root" as root on root.task_gid = t.gid
left join :"views"."person" as author on author.user_gid = t.created_by ->> 'gid'
left join :"views"."person" as assignee on assignee.user_gid = t.assignee ->> 'gid'
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each project of a task.
create or replace view :"views"."task_project" as
select
    t.gid as task_gid,
    project.item ->> 'gid' as project_gid,
    coalesce(known.name, project.item ->> 'name') as project_name
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.projects), 'null')) as project (item)
left join :"projects".projects as known on known.gid = project.item ->> 'gid'
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each section of a task, at most one for each of its projects.
create or replace view :"views"."task_section" as
select
    t.gid as task_gid,
    place.item -> 'project' ->> 'gid' as project_gid,
    place.item -> 'section' ->> 'gid' as section_gid,
    coalesce(known.name, place.item -> 'section' ->> 'name') as section_name
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.memberships), 'null')) as place (item)
left join :"sections".sections as known on known.gid = place.item -> 'section' ->> 'gid'
where place.item -> 'section' ->> 'gid' is not null and t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each follower of a task.
create or replace view :"views"."task_follower" as
select t.gid as task_gid, follower.item ->> 'gid' as user_gid, coalesce(known.user_name, follower.item ->> 'name') as user_name
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.followers), 'null')) as follower (item)
left join :"views"."person" as known on known.user_gid = follower.item ->> 'gid'
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each tag of a task.
create or replace view :"views"."task_tag" as
select t.gid as task_gid, tag.item ->> 'gid' as tag_gid, coalesce(known.name, tag.item ->> 'name') as tag_name
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.tags), 'null')) as tag (item)
left join :"tags".tags as known on known.gid = tag.item ->> 'gid'
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each dependency between two tasks.
create or replace view :"views"."task_dependency" as
select t.gid as task_gid, dependency.item ->> 'gid' as depends_on_task_gid
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.dependencies), 'null')) as dependency (item)
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each option of an existing custom field, disabled ones too.
create or replace view :"views"."custom_field_option" as
select
    f.gid as custom_field_gid,
    f.name as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    choice.item ->> 'name' as enum_option_name,
    choice.item ->> 'color' as color
from :"custom_fields".custom_fields as f
cross join jsonb_array_elements(nullif(to_jsonb(f.enum_options), 'null')) as choice (item)
where f._sdc_deleted_at is null and f.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each custom field of a task with its typed value; without a value, all value columns are null.
create or replace view :"views"."task_custom_field_value" as
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    coalesce(known.name, field.item ->> 'name') as custom_field_name,
    field.item ->> 'representation_type' as representation_type,
    field.item ->> 'display_value' as display_value,
    field.item ->> 'text_value' as text_value,
    cast(field.item ->> 'number_value' as numeric) as number_value,
    cast(field.item -> 'date_value' ->> 'date' as date) as date_value,
    cast(field.item -> 'date_value' ->> 'date_time' as timestamptz) as date_time_value,
    field.item -> 'enum_value' ->> 'gid' as enum_option_gid,
    coalesce(chosen.enum_option_name, field.item -> 'enum_value' ->> 'name') as enum_option_name
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.custom_fields), 'null')) as field (item)
left join :"custom_fields".custom_fields as known on known.gid = field.item ->> 'gid'
left join :"views"."custom_field_option" as chosen on chosen.enum_option_gid = field.item -> 'enum_value' ->> 'gid'
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each option selected in a multi-select custom field of a task.
create or replace view :"views"."task_custom_field_option" as
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    coalesce(known.name, field.item ->> 'name') as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    coalesce(chosen.enum_option_name, choice.item ->> 'name') as enum_option_name
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.custom_fields), 'null')) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'multi_enum_values', 'null')) as choice (item)
left join :"custom_fields".custom_fields as known on known.gid = field.item ->> 'gid'
left join :"views"."custom_field_option" as chosen on chosen.enum_option_gid = choice.item ->> 'gid'
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each person selected in a people custom field of a task.
create or replace view :"views"."task_custom_field_person" as
select
    t.gid as task_gid,
    field.item ->> 'gid' as custom_field_gid,
    coalesce(known.name, field.item ->> 'name') as custom_field_name,
    person.item ->> 'gid' as user_gid,
    coalesce(present.user_name, person.item ->> 'name') as user_name
from :"tasks".tasks as t
cross join jsonb_array_elements(nullif(to_jsonb(t.custom_fields), 'null')) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'people_value', 'null')) as person (item)
left join :"custom_fields".custom_fields as known on known.gid = field.item ->> 'gid'
left join :"views"."person" as present on present.user_gid = person.item ->> 'gid'
where t._sdc_deleted_at is null and t.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each custom field of a project with its typed value; without a value, all value columns are null.
create or replace view :"views"."project_custom_field_value" as
select
    p.gid as project_gid,
    field.item ->> 'gid' as custom_field_gid,
    coalesce(known.name, field.item ->> 'name') as custom_field_name,
    field.item ->> 'representation_type' as representation_type,
    field.item ->> 'display_value' as display_value,
    field.item ->> 'text_value' as text_value,
    cast(field.item ->> 'number_value' as numeric) as number_value,
    cast(field.item -> 'date_value' ->> 'date' as date) as date_value,
    cast(field.item -> 'date_value' ->> 'date_time' as timestamptz) as date_time_value,
    field.item -> 'enum_value' ->> 'gid' as enum_option_gid,
    coalesce(chosen.enum_option_name, field.item -> 'enum_value' ->> 'name') as enum_option_name
from :"projects".projects as p
cross join jsonb_array_elements(nullif(to_jsonb(p.custom_fields), 'null')) as field (item)
left join :"custom_fields".custom_fields as known on known.gid = field.item ->> 'gid'
left join :"views"."custom_field_option" as chosen on chosen.enum_option_gid = field.item -> 'enum_value' ->> 'gid'
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each option selected in a multi-select custom field of a project.
create or replace view :"views"."project_custom_field_option" as
select
    p.gid as project_gid,
    field.item ->> 'gid' as custom_field_gid,
    coalesce(known.name, field.item ->> 'name') as custom_field_name,
    choice.item ->> 'gid' as enum_option_gid,
    coalesce(chosen.enum_option_name, choice.item ->> 'name') as enum_option_name
from :"projects".projects as p
cross join jsonb_array_elements(nullif(to_jsonb(p.custom_fields), 'null')) as field (item)
cross join jsonb_array_elements(nullif(field.item -> 'multi_enum_values', 'null')) as choice (item)
left join :"custom_fields".custom_fields as known on known.gid = field.item ->> 'gid'
left join :"views"."custom_field_option" as chosen on chosen.enum_option_gid = choice.item ->> 'gid'
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each comment on a task.
create or replace view :"views"."task_comment" as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at at time zone 'UTC' as created_at,
    s.created_by ->> 'gid' as created_by_gid,
    coalesce(author.user_name, s.created_by ->> 'name') as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from :"stories".stories as s
left join :"views"."person" as author on author.user_gid = s.created_by ->> 'gid'
where s.type = 'comment' and s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted) and s.task_gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each assignment, move, completion, reopening and due date change of a task, with the previous values.
create or replace view :"views"."task_history" as
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
from :"stories".stories as s
left join :"views"."person" as actor on actor.user_gid = s.created_by ->> 'gid'
left join :"views"."person" as assignee on assignee.user_gid = s.assignee ->> 'gid'
left join :"sections".sections as entered on entered.gid = s.new_section ->> 'gid'
left join :"sections".sections as departed on departed.gid = s.old_section ->> 'gid'
left join :"projects".projects as project
    on project.gid = coalesce(s.project ->> 'gid', entered.project ->> 'gid', departed.project ->> 'gid')
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted) and s.task_gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each member of a team.
create or replace view :"views"."team_user" as
select
    m.team ->> 'gid' as team_gid,
    coalesce(team.name, m.team ->> 'name') as team_name,
    m.user ->> 'gid' as user_gid,
    coalesce(known.user_name, m.user ->> 'name') as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from :"team_memberships".team_memberships as m
left join :"teams".teams as team on team.gid = m.team ->> 'gid'
left join :"views"."person" as known on known.user_gid = m.user ->> 'gid'
where m._sdc_deleted_at is null and m.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each member of a workspace.
create or replace view :"views"."workspace_user" as
select
    m.workspace ->> 'gid' as workspace_gid,
    m.workspace ->> 'name' as workspace_name,
    m.user ->> 'gid' as user_gid,
    coalesce(known.user_name, m.user ->> 'name') as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    m.created_at at time zone 'UTC' as created_at
from :"workspace_memberships".workspace_memberships as m
left join :"views"."person" as known on known.user_gid = m.user ->> 'gid'
where m._sdc_deleted_at is null and m.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each existing project.
create or replace view :"views"."current_project" as
select
    p.gid as project_gid,
    p.name,
    p.archived,
    p.completed,
    p.completed_at at time zone 'UTC' as completed_at,
    p.created_at at time zone 'UTC' as created_at,
    p.modified_at at time zone 'UTC' as modified_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    p.owner ->> 'gid' as owner_gid,
    owner.user_name as owner_name,
    p.team ->> 'gid' as team_gid,
    coalesce(team.name, p.team ->> 'name') as team_name,
    p.privacy_setting,
    p.workspace ->> 'gid' as workspace_gid,
    p.permalink_url
from :"projects".projects as p
left join :"views"."person" as owner on owner.user_gid = p.owner ->> 'gid'
left join :"teams".teams as team on team.gid = p.team ->> 'gid'
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each existing portfolio.
create or replace view :"views"."current_portfolio" as
select
    p.gid as portfolio_gid,
    p.name,
    p.archived,
    p.created_at at time zone 'UTC' as created_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    p.owner ->> 'gid' as owner_gid,
    coalesce(owner.user_name, p.owner ->> 'name') as owner_name,
    p.privacy_setting,
    p.workspace ->> 'gid' as workspace_gid,
    p.permalink_url
from :"portfolios".portfolios as p
left join :"views"."person" as owner on owner.user_gid = p.owner ->> 'gid'
where p._sdc_deleted_at is null and p.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each project or portfolio in a portfolio.
create or replace view :"views"."portfolio_item" as
select
    i.portfolio_gid,
    i.gid as item_gid,
    coalesce(project.name, portfolio.name, i.name) as item_name,
    i.resource_type
from :"portfolio_items".portfolio_items as i
left join :"projects".projects as project on project.gid = i.gid
left join :"portfolios".portfolios as portfolio on portfolio.gid = i.gid
where i.portfolio_gid not in (select deleted.gid from :"views"."deleted" as deleted) and i._sdc_deleted_at is null and i.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each existing goal, with its metric and the progress from its initial to its target value.
create or replace view :"views"."current_goal" as
select
    g.gid as goal_gid,
    g.name,
    g.owner ->> 'gid' as owner_gid,
    coalesce(owner.user_name, g.owner ->> 'name') as owner_name,
    g.team ->> 'gid' as team_gid,
    coalesce(team.name, g.team ->> 'name') as team_name,
    g.time_period ->> 'display_name' as time_period,
    cast(g.start_on as date) as start_on,
    cast(g.due_on as date) as due_on,
    g.status,
    g.metric ->> 'unit' as unit,
    g.metric ->> 'currency_code' as currency_code,
    cast(g.metric ->> 'initial_number_value' as numeric) as initial_value,
    cast(g.metric ->> 'current_number_value' as numeric) as current_value,
    cast(g.metric ->> 'target_number_value' as numeric) as target_value,
    100 * (cast(g.metric ->> 'current_number_value' as numeric) - cast(g.metric ->> 'initial_number_value' as numeric))
    / nullif(cast(g.metric ->> 'target_number_value' as numeric) - cast(g.metric ->> 'initial_number_value' as numeric), 0) as progress_percent,
    g.workspace ->> 'gid' as workspace_gid
from :"goals".goals as g
left join :"views"."person" as owner on owner.user_gid = g.owner ->> 'gid'
left join :"teams".teams as team on team.gid = g.team ->> 'gid'
where g._sdc_deleted_at is null and g.gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each status update of a project, portfolio or goal, with the colour of its type and whether it is the newest.
create or replace view :"views"."status_update" as
select
    s.gid as status_update_gid,
    s.parent ->> 'gid' as parent_gid,
    s.parent ->> 'resource_type' as parent_type,
    s.title,
    s.text,
    s.status_type,
    case
        when s.status_type in ('on_track', 'complete', 'achieved') then 'green'
        when s.status_type in ('at_risk', 'partial') then 'yellow'
        when s.status_type in ('off_track', 'missed') then 'red'
        when s.status_type = 'on_hold' then 'blue'
        when s.status_type = 'dropped' then 'gray'
    end as color,
    s.author ->> 'gid' as author_gid,
    coalesce(author.user_name, s.author ->> 'name') as author_name,
    s.created_at at time zone 'UTC' as created_at,
    row_number() over (partition by s.parent ->> 'gid' order by s.created_at desc, s.gid desc) = 1 as is_newest
from :"status_updates".status_updates as s
left join :"views"."person" as author on author.user_gid = s.author ->> 'gid'
where s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted) and s.parent ->> 'gid' not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each open task: whether it is overdue, and for how long nothing happened to it.
create or replace view :"views"."open_task" as
select
    t.task_gid,
    t.name,
    t.assignee_gid,
    t.assignee_name,
    t.created_at,
    t.start_on,
    t.due_on,
    t.due_at,
    coalesce(t.due_at < clock.now_at, t.due_on < clock.today, false) as is_overdue,
    clock.today - t.due_on as days_past_due,
    greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)) as last_change_at,
    extract(epoch from clock.now_at - greatest(t.modified_at, coalesce(told.newest_at, t.modified_at))) / 3600 / 24 as idle_days
from :"views"."current_task" as t
cross join :"views"."clock" as clock
left join (
    select s.task_gid, max(s.created_at at time zone 'UTC') as newest_at
    from :"stories".stories as s
    where s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted)
    group by s.task_gid
) as told on told.task_gid = t.task_gid
where not t.completed;

-- Each project with its newest status update and the number of its tasks.
create or replace view :"views"."project_health" as
select
    p.project_gid,
    p.name,
    p.team_gid,
    p.team_name,
    p.owner_gid,
    p.owner_name,
    p.archived,
    latest.status_type,
    latest.color,
    latest.title,
    latest.created_at as reported_at,
    coalesce(work.open_tasks, 0) as open_tasks,
    coalesce(work.overdue_tasks, 0) as overdue_tasks,
    coalesce(work.completed_tasks, 0) as completed_tasks
from :"views"."current_project" as p
left join :"views"."status_update" as latest on latest.parent_gid = p.project_gid and latest.is_newest
left join (
    select
        place.project_gid,
        sum(case when t.completed then 0 else 1 end) as open_tasks,
        sum(case when o.is_overdue then 1 else 0 end) as overdue_tasks,
        sum(case when t.completed then 1 else 0 end) as completed_tasks
    from :"views"."task_project" as place
    inner join :"views"."current_task" as t on t.task_gid = place.task_gid
    left join :"views"."open_task" as o on o.task_gid = place.task_gid
    group by place.project_gid
) as work on work.project_gid = p.project_gid;

-- Each team of a task: of its projects, or for a subtask without projects, of the projects of its top task.
create or replace view :"views"."task_team" as
select distinct place.task_gid, p.team_gid, p.team_name
from (
    select own.task_gid, own.project_gid
    from :"views"."task_project" as own
    union all
    select r.task_gid, above.project_gid
    from :"views"."task_root" as r
    inner join :"views"."task_project" as above on above.task_gid = r.root_gid
    where r.depth > 0 and r.task_gid not in (select own.task_gid from :"views"."task_project" as own)
) as place
inner join :"views"."current_project" as p on p.project_gid = place.project_gid
where p.team_gid is not null;

-- Each completed task and each of its teams, null without a team, with the days from creation to completion.
create or replace view :"views"."completed_task" as
select
    t.task_gid,
    t.name,
    team.team_gid,
    team.team_name,
    t.assignee_gid,
    t.assignee_name,
    t.completed_by_gid,
    t.created_at,
    t.completed_at,
    cast(date_trunc('week', t.completed_at at time zone 'UTC') as date) as completed_week,
    extract(epoch from t.completed_at - t.created_at) / 3600 / 24 as cycle_days
from :"views"."current_task" as t
left join :"views"."task_team" as team on team.task_gid = t.task_gid
where t.completed;

-- Each time that a completed task was reopened, with its previous completion.
create or replace view :"views"."task_reopening" as
select
    turn.task_gid,
    t.name,
    turn.story_gid,
    case when turn.previous_event = 'marked_complete' then turn.previous_at end as completed_at,
    turn.happened_at as reopened_at,
    turn.actor_gid as reopened_by_gid,
    turn.actor_name as reopened_by_name,
    t.completed as is_completed_again
from (
    select
        h.task_gid,
        h.story_gid,
        h.event,
        h.happened_at,
        h.actor_gid,
        h.actor_name,
        lag(h.event) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_event,
        lag(h.happened_at) over (partition by h.task_gid order by h.happened_at, h.story_gid) as previous_at
    from :"views"."task_history" as h
    where h.event in ('marked_complete', 'marked_incomplete')
) as turn
inner join :"views"."current_task" as t on t.task_gid = turn.task_gid
where turn.event = 'marked_incomplete';

-- Each person with a part in a task: its author, its assignee, and the authors of its stories.
create or replace view :"views"."task_participant" as
select distinct part.task_gid, part.user_gid, coalesce(p.user_name, part.user_name) as user_name
from (
    select t.task_gid, t.created_by_gid as user_gid, t.created_by_name as user_name from :"views"."current_task" as t
    union all
    select t.task_gid, t.assignee_gid, t.assignee_name from :"views"."current_task" as t
    union all
    select s.task_gid, s.created_by ->> 'gid', s.created_by ->> 'name'
    from :"stories".stories as s
    inner join :"views"."current_task" as t on t.task_gid = s.task_gid
    where s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted)
) as part
left join :"views"."person" as p on p.user_gid = part.user_gid
where part.user_gid is not null;

-- Each pair of people who work together, with the number of tasks in which both have a part.
create or replace view :"views"."working_pair" as
select
    a.user_gid,
    max(a.user_name) as user_name,
    b.user_gid as other_user_gid,
    max(b.user_name) as other_user_name,
    count(distinct a.task_gid) as shared_tasks
from :"views"."task_participant" as a
inner join :"views"."task_participant" as b on b.task_gid = a.task_gid and a.user_gid < b.user_gid
group by a.user_gid, b.user_gid;

-- Each option chosen in a single-select or multi-select custom field of a task.
create or replace view :"views"."task_custom_field_choice" as
select v.task_gid, v.custom_field_gid, v.custom_field_name, v.enum_option_gid, v.enum_option_name
from :"views"."task_custom_field_value" as v
where v.enum_option_gid is not null
union all
select o.task_gid, o.custom_field_gid, o.custom_field_name, o.enum_option_gid, o.enum_option_name
from :"views"."task_custom_field_option" as o;

-- Each change of the value of a custom field of a task; lists are one text, dates are days, and numbers have own columns.
create or replace view :"views"."task_custom_field_change" as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at at time zone 'UTC' as happened_at,
    s.created_by ->> 'gid' as actor_gid,
    coalesce(actor.user_name, s.created_by ->> 'name') as actor_name,
    s.custom_field ->> 'gid' as custom_field_gid,
    coalesce(field.name, s.custom_field ->> 'name') as custom_field_name,
    coalesce(
        before.enum_option_name, s.old_enum_value ->> 'name', s.old_text_value,
        s.old_date_value ->> 'due_on',
        substr(cast(s.old_date_value ->> 'due_at' as text), 1, 10), (select string_agg(named.item ->> 'name', ', ' order by named.place) from jsonb_array_elements(nullif(to_jsonb(s.old_multi_enum_values), 'null')) with ordinality as named (item, place)),
        (select string_agg(named.item ->> 'name', ', ' order by named.place) from jsonb_array_elements(nullif(to_jsonb(s.old_people_value), 'null')) with ordinality as named (item, place))
    ) as old_value,
    coalesce(
        chosen.enum_option_name, s.new_enum_value ->> 'name', s.new_text_value,
        s.new_date_value ->> 'due_on',
        substr(cast(s.new_date_value ->> 'due_at' as text), 1, 10), (select string_agg(named.item ->> 'name', ', ' order by named.place) from jsonb_array_elements(nullif(to_jsonb(s.new_multi_enum_values), 'null')) with ordinality as named (item, place)),
        (select string_agg(named.item ->> 'name', ', ' order by named.place) from jsonb_array_elements(nullif(to_jsonb(s.new_people_value), 'null')) with ordinality as named (item, place))
    ) as new_value,
    s.old_number_value as old_number,
    s.new_number_value as new_number
from :"stories".stories as s
left join :"views"."person" as actor on actor.user_gid = s.created_by ->> 'gid'
left join :"custom_fields".custom_fields as field on field.gid = s.custom_field ->> 'gid'
left join :"views"."custom_field_option" as before on before.enum_option_gid = s.old_enum_value ->> 'gid'
left join :"views"."custom_field_option" as chosen on chosen.enum_option_gid = s.new_enum_value ->> 'gid'
where s.resource_subtype like '%_custom_field_changed' and s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted) and s.task_gid not in (select deleted.gid from :"views"."deleted" as deleted);

-- Each stay of a task at a value of a custom field, from its creation on; without an end, it is the present one.
create or replace view :"views"."task_custom_field_time" as
with step as (
    select
        c.task_gid,
        c.custom_field_gid,
        c.custom_field_name,
        c.happened_at,
        c.old_value,
        c.new_value,
        c.old_number,
        c.new_number,
        lead(c.happened_at) over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as next_at,
        row_number() over (
            partition by c.task_gid, c.custom_field_gid order by c.happened_at, c.story_gid
        ) as place
    from :"views"."task_custom_field_change" as c
),
stay as (
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.new_value as field_value,
        step.new_number as number_value, step.happened_at as entered_at, step.next_at as left_at
    from step
    left join :"views"."task_custom_field_value" as present
        on present.task_gid = step.task_gid and present.custom_field_gid = step.custom_field_gid
    where step.next_at is not null or present.task_gid is not null
    union all
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.old_value, step.old_number,
        t.created_at, step.happened_at
    from step
    inner join :"views"."current_task" as t on t.task_gid = step.task_gid
    where step.place = 1
    union all
    select
        v.task_gid, v.custom_field_gid, v.custom_field_name,
        case
            when v.number_value is null
                then coalesce(v.enum_option_name, cast(v.date_value as text), v.display_value)
        end,
        v.number_value, t.created_at, cast(null as timestamptz)
    from :"views"."task_custom_field_value" as v
    inner join :"views"."current_task" as t on t.task_gid = v.task_gid
    left join step on step.task_gid = v.task_gid and step.custom_field_gid = v.custom_field_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.custom_field_gid,
    stay.custom_field_name,
    stay.field_value,
    stay.number_value,
    stay.entered_at,
    stay.left_at,
    extract(epoch from coalesce(stay.left_at, clock.now_at) - stay.entered_at) / 3600 / 24 as days
from stay
cross join :"views"."clock" as clock;

-- Each stay of a task in a section of an existing project; without an end, it is the present one.
create or replace view :"views"."task_section_time" as
with step as (
    select
        h.task_gid,
        h.project_gid,
        h.event,
        h.happened_at,
        h.old_section_gid,
        h.old_section_name,
        h.new_section_gid,
        h.new_section_name,
        lead(h.happened_at) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_at,
        lead(h.old_section_gid) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_gid,
        lead(h.old_section_name) over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as next_section_name,
        row_number() over (
            partition by h.task_gid, h.project_gid order by h.happened_at, h.story_gid
        ) as place
    from :"views"."task_history" as h
    where h.event in ('section_changed', 'added_to_project', 'removed_from_project') and h.project_gid is not null
),
stay as (
    select
        step.task_gid, step.project_gid, step.new_section_gid as section_gid, step.new_section_name as section_name,
        step.happened_at as entered_at, step.next_at as left_at
    from step
    where step.event = 'section_changed'
    union all
    select
        step.task_gid, step.project_gid,
        case when step.next_at is null then present.section_gid else step.next_section_gid end,
        case when step.next_at is null then present.section_name else step.next_section_name end,
        step.happened_at, step.next_at
    from step
    left join :"views"."task_section" as present
        on present.task_gid = step.task_gid and present.project_gid = step.project_gid
    where step.event = 'added_to_project'
    union all
    select
        step.task_gid, step.project_gid, step.old_section_gid, step.old_section_name, t.created_at, step.happened_at
    from step
    inner join :"views"."current_task" as t on t.task_gid = step.task_gid
    where step.place = 1 and step.event = 'section_changed'
    union all
    select
        present.task_gid, present.project_gid, present.section_gid, present.section_name, t.created_at,
        cast(null as timestamptz)
    from :"views"."task_section" as present
    inner join :"views"."current_task" as t on t.task_gid = present.task_gid
    left join step on step.task_gid = present.task_gid and step.project_gid = present.project_gid
    where step.task_gid is null
)
select
    stay.task_gid,
    stay.project_gid,
    p.name as project_name,
    stay.section_gid,
    stay.section_name,
    stay.entered_at,
    stay.left_at,
    extract(epoch from coalesce(stay.left_at, clock.now_at) - stay.entered_at) / 3600 / 24 as days
from stay
left join :"views"."current_project" as p on p.project_gid = stay.project_gid
cross join :"views"."clock" as clock
where stay.section_gid is not null
    and (p.project_gid is not null or not exists (select 1 from :"views"."current_project"));

-- Each member and each of the next 14 days: tasks due, tasks under way, allocations as Asana gives them, and absence.
create or replace view :"views"."workload" as
with coming as (
    select clock.today + n.later as day
    from :"views"."clock" as clock
    cross join (
        select 0 as later union all select 1 union all select 2 union all select 3 union all select 4
        union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
        union all select 10 union all select 11 union all select 12 union all select 13
    ) as n
),
load as (
    select
        a.assignee ->> 'gid' as user_gid,
        coming.day,
        0 as due_tasks,
        0 as active_tasks,
        case when a.effort ->> 'type' = 'hours' then cast(a.effort ->> 'value' as numeric) end as hours,
        case when a.effort ->> 'type' = 'percent' then cast(a.effort ->> 'value' as numeric) end as percent,
        0 as away
    from :"allocations".allocations as a
    inner join coming on coming.day between cast(a.start_date as date) and coalesce(cast(a.end_date as date), coming.day)
    where a._sdc_deleted_at is null and a.gid not in (select deleted.gid from :"views"."deleted" as deleted)
    union all
    select o.assignee_gid, coming.day, case when o.due_on = coming.day then 1 else 0 end, 1, null, null, 0
    from :"views"."open_task" as o
    inner join coming on coming.day between coalesce(o.start_on, o.due_on) and o.due_on
    union all
    select e.user ->> 'gid', coming.day, 0, 0, null, null, 1
    from :"ooo_entries".ooo_entries as e
    inner join coming on coming.day between cast(e.start_date as date) and coalesce(cast(e.end_date as date), coming.day)
    where e._sdc_deleted_at is null and e.gid not in (select deleted.gid from :"views"."deleted" as deleted)
)
select
    p.user_gid,
    p.user_name,
    coming.day,
    coalesce(sum(load.due_tasks), 0) as due_tasks,
    coalesce(sum(load.active_tasks), 0) as active_tasks,
    sum(load.hours) as allocated_hours,
    sum(load.percent) as allocated_percent,
    coalesce(max(load.away), 0) = 1 as is_absent
from :"views"."person" as p
cross join coming
left join load on load.user_gid = p.user_gid and load.day = coming.day
where p.is_member
group by p.user_gid, p.user_name, coming.day;

-- Each action of a person on a task: creations, comments and other changes.
create or replace view :"views"."person_activity" as
select
    action.user_gid,
    coalesce(p.user_name, max(action.user_name) over (partition by action.user_gid)) as user_name,
    p.email,
    action.task_gid,
    action.kind,
    action.happened_at,
    cast(date_trunc('week', action.happened_at at time zone 'UTC') as date) as week
from (
    select
        t.created_by_gid as user_gid,
        t.created_by_name as user_name,
        t.task_gid,
        'creation' as kind,
        t.created_at as happened_at
    from :"views"."current_task" as t
    union all
    select
        s.created_by ->> 'gid',
        s.created_by ->> 'name',
        s.task_gid,
        case
            when s.type = 'comment' then 'comment'
            when s.resource_subtype = 'marked_complete' then 'completion'
            else 'change'
        end,
        s.created_at at time zone 'UTC'
    from :"stories".stories as s
    where s.task_gid is not null and s._sdc_deleted_at is null and s.gid not in (select deleted.gid from :"views"."deleted" as deleted) and s.task_gid not in (select deleted.gid from :"views"."deleted" as deleted)
) as action
left join :"views"."person" as p on p.user_gid = action.user_gid
where action.user_gid is not null;
