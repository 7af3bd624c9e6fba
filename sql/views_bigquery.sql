-- Written by python -m scripts.views from sql/templates/views.sql: see docs/warehouse.md.
-- Put your dataset in place of asana: sed 's/`asana/`DATASET/g'. The views go to another dataset.

create schema if not exists `asana_views`;

-- An empty table stands in for each stream that was not loaded.
create table if not exists `asana`.deletions (`gid` string, `resource_type` string, `action` string, `occurred_at` timestamp, `actor` struct<`gid` string, `name` string>, `parent_gid` string, `parent` struct<`gid` string, `name` string, `resource_type` string>, `workspace_gid` string, `source` string, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.projects (`gid` string, `resource_type` string, `name` string, `archived` bool, `color` string, `icon` string, `created_at` timestamp, `current_status_update` struct<`gid` string, `title` string, `resource_subtype` string>, `custom_field_settings` array<struct<`gid` string, `is_important` bool, `custom_field` struct<`gid` string, `name` string>>>, `default_view` string, `due_on` string, `html_notes` string, `members` array<struct<`gid` string, `name` string>>, `modified_at` timestamp, `notes` string, `privacy_setting` string, `start_on` string, `default_access_level` string, `minimum_access_level_for_customization` string, `minimum_access_level_for_sharing` string, `custom_fields` array<struct<`gid` string, `name` string, `representation_type` string, `enabled` bool, `display_value` string, `text_value` string, `number_value` numeric, `date_value` struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid` string, `name` string>, `multi_enum_values` array<struct<`gid` string, `name` string>>>>, `completed` bool, `completed_at` timestamp, `completed_by` struct<`gid` string, `name` string>, `followers` array<struct<`gid` string, `name` string>>, `owner` struct<`gid` string>, `team` struct<`gid` string, `name` string>, `permalink_url` string, `project_brief` struct<`gid` string>, `created_from_template` struct<`gid` string, `name` string>, `workspace` struct<`gid` string, `name` string>, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.stories (`gid` string, `resource_type` string, `workspace_gid` string, `task_gid` string, `goal_gid` string, `created_at` timestamp, `resource_subtype` string, `text` string, `html_text` string, `is_pinned` bool, `sticker_name` string, `created_by` struct<`gid` string, `name` string>, `type` string, `is_editable` bool, `is_edited` bool, `liked` bool, `likes` array<struct<`gid` string, `user` struct<`gid` string, `name` string>>>, `num_likes` numeric, `reaction_summary` array<struct<`emoji_base` string, `variant` string, `count` numeric, `reacted` bool>>, `previews` array<struct<`fallback` string, `footer` string, `header` string, `header_link` string, `html_text` string, `text` string, `title` string, `title_link` string>>, `old_name` string, `new_name` string, `old_dates` struct<`start_on` string, `due_at` timestamp, `due_on` string>, `new_dates` struct<`start_on` string, `due_at` timestamp, `due_on` string>, `old_resource_subtype` string, `new_resource_subtype` string, `story` struct<`gid` string, `created_at` timestamp, `created_by` struct<`gid` string, `name` string>, `resource_subtype` string, `text` string>, `assignee` struct<`gid` string, `name` string>, `follower` struct<`gid` string, `name` string>, `old_section` struct<`gid` string, `name` string>, `new_section` struct<`gid` string, `name` string>, `task` struct<`gid` string, `name` string, `resource_subtype` string>, `project` struct<`gid` string, `name` string>, `tag` struct<`gid` string, `name` string>, `custom_field` struct<`gid` string, `name` string, `representation_type` string>, `old_text_value` string, `new_text_value` string, `old_number_value` numeric, `new_number_value` numeric, `old_enum_value` struct<`gid` string, `name` string>, `new_enum_value` struct<`gid` string, `name` string>, `old_date_value` struct<`start_on` string, `due_at` timestamp, `due_on` string>, `new_date_value` struct<`start_on` string, `due_at` timestamp, `due_on` string>, `old_people_value` array<struct<`gid` string, `name` string>>, `new_people_value` array<struct<`gid` string, `name` string>>, `old_multi_enum_values` array<struct<`gid` string, `name` string>>, `new_multi_enum_values` array<struct<`gid` string, `name` string>>, `new_approval_status` string, `old_approval_status` string, `duplicate_of` struct<`gid` string, `name` string, `resource_subtype` string>, `duplicated_from` struct<`gid` string, `name` string, `resource_subtype` string>, `dependency` struct<`gid` string, `name` string, `resource_subtype` string>, `source` string, `target` struct<`gid` string, `name` string, `resource_subtype` string>, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.tasks (`gid` string, `resource_type` string, `name` string, `resource_subtype` string, `created_by` struct<`gid` string>, `approval_status` string, `assigned_by` struct<`gid` string, `name` string>, `completed` bool, `completed_at` timestamp, `completed_by` struct<`gid` string, `name` string>, `created_at` timestamp, `dependencies` array<struct<`gid` string>>, `dependents` array<struct<`gid` string>>, `due_at` timestamp, `due_on` string, `external` struct<`gid` string, `data` string>, `html_notes` string, `is_rendered_as_separator` bool, `liked` bool, `likes` array<struct<`gid` string, `user` struct<`gid` string, `name` string>>>, `memberships` array<struct<`project` struct<`gid` string, `name` string>, `section` struct<`gid` string, `name` string>>>, `modified_at` timestamp, `notes` string, `num_likes` numeric, `num_subtasks` numeric, `start_at` timestamp, `start_on` string, `actual_time_minutes` numeric, `assignee` struct<`gid` string, `name` string>, `assignee_section` struct<`gid` string, `name` string>, `custom_fields` array<struct<`gid` string, `name` string, `representation_type` string, `enabled` bool, `display_value` string, `text_value` string, `number_value` numeric, `date_value` struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid` string, `name` string>, `multi_enum_values` array<struct<`gid` string, `name` string>>, `resource_subtype` string, `html_text_value` string, `people_value` array<struct<`gid` string, `name` string>>, `reference_value` array<struct<`gid` string, `name` string, `resource_type` string>>>>, `custom_type` struct<`gid` string, `name` string>, `custom_type_status_option` struct<`gid` string, `name` string>, `followers` array<struct<`gid` string, `name` string>>, `parent` struct<`gid` string, `name` string, `resource_subtype` string>, `projects` array<struct<`gid` string, `name` string>>, `tags` array<struct<`gid` string, `name` string>>, `workspace` struct<`gid` string, `name` string>, `permalink_url` string, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.team_memberships (`gid` string, `resource_type` string, `user` struct<`gid` string, `name` string>, `team` struct<`gid` string, `name` string>, `is_guest` bool, `is_limited_access` bool, `is_admin` bool, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.workspace_memberships (`gid` string, `resource_type` string, `user` struct<`gid` string, `name` string>, `workspace` struct<`gid` string, `name` string>, `user_task_list` struct<`gid` string, `name` string>, `is_active` bool, `is_admin` bool, `is_guest` bool, `is_view_only` bool, `created_at` timestamp, `_sdc_batched_at` timestamp not null);

-- Each gid that was deleted in Asana and not restored.
create or replace view `asana_views`.deleted as
select latest.gid, latest.resource_type, latest.occurred_at as deleted_at
from (
    select
        d.gid,
        d.resource_type,
        d.action,
        d.occurred_at,
        row_number() over (partition by d.gid order by d.occurred_at desc, d.action desc) as place
    from (
    select *
    from `asana`.deletions
    where true
    qualify row_number() over (partition by gid, action, occurred_at, parent_gid order by _sdc_batched_at desc) = 1
) as d
    where d.action in ('deleted', 'undeleted')
) as latest
where latest.place = 1 and latest.action = 'deleted';

-- Each existing task, with the gids and names of its references.
create or replace view `asana_views`.current_task as
select
    t.gid as task_gid,
    t.name,
    t.resource_subtype,
    t.notes,
    t.completed,
    t.completed_at as completed_at,
    t.completed_by.gid as completed_by_gid,
    t.created_at as created_at,
    t.modified_at as modified_at,
    cast(t.start_on as date) as start_on,
    cast(t.due_on as date) as due_on,
    t.due_at as due_at,
    t.assignee.gid as assignee_gid,
    t.assignee.name as assignee_name,
    t.parent.gid as parent_gid,
    t.num_subtasks,
    t.num_likes,
    t.actual_time_minutes,
    t.approval_status,
    t.workspace.gid as workspace_gid,
    t.permalink_url
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each project of a task.
create or replace view `asana_views`.task_project as
select t.gid as task_gid, project.gid as project_gid, project.name as project_name
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.projects) as project
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each section of a task, at most one for each of its projects.
create or replace view `asana_views`.task_section as
select
    t.gid as task_gid,
    place.project.gid as project_gid,
    place.section.gid as section_gid,
    place.section.name as section_name
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.memberships) as place
where place.section.gid is not null and t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each follower of a task.
create or replace view `asana_views`.task_follower as
select t.gid as task_gid, follower.gid as user_gid, follower.name as user_name
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.followers) as follower
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each tag of a task.
create or replace view `asana_views`.task_tag as
select t.gid as task_gid, tag.gid as tag_gid, tag.name as tag_name
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.tags) as tag
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each dependency between two tasks.
create or replace view `asana_views`.task_dependency as
select t.gid as task_gid, dependency.gid as depends_on_task_gid
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.dependencies) as dependency
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each custom field of a task with its typed value; without a value, all value columns are null.
create or replace view `asana_views`.task_custom_field_value as
select
    t.gid as task_gid,
    field.gid as custom_field_gid,
    field.name as custom_field_name,
    field.representation_type as representation_type,
    field.display_value as display_value,
    field.text_value as text_value,
    field.number_value as number_value,
    cast(field.date_value.date as date) as date_value,
    field.date_value.date_time as date_time_value,
    field.enum_value.gid as enum_option_gid,
    field.enum_value.name as enum_option_name
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.custom_fields) as field
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each option selected in a multi-select custom field of a task.
create or replace view `asana_views`.task_custom_field_option as
select
    t.gid as task_gid,
    field.gid as custom_field_gid,
    field.name as custom_field_name,
    choice.gid as enum_option_gid,
    choice.name as enum_option_name
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.custom_fields) as field
cross join unnest(field.multi_enum_values) as choice
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each person selected in a people custom field of a task.
create or replace view `asana_views`.task_custom_field_person as
select
    t.gid as task_gid,
    field.gid as custom_field_gid,
    field.name as custom_field_name,
    person.gid as user_gid,
    person.name as user_name
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.custom_fields) as field
cross join unnest(field.people_value) as person
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each custom field of a project with its typed value; without a value, all value columns are null.
create or replace view `asana_views`.project_custom_field_value as
select
    p.gid as project_gid,
    field.gid as custom_field_gid,
    field.name as custom_field_name,
    field.representation_type as representation_type,
    field.display_value as display_value,
    field.text_value as text_value,
    field.number_value as number_value,
    cast(field.date_value.date as date) as date_value,
    field.date_value.date_time as date_time_value,
    field.enum_value.gid as enum_option_gid,
    field.enum_value.name as enum_option_name
from (
    select *
    from `asana`.projects
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as p
cross join unnest(p.custom_fields) as field
where p.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each option selected in a multi-select custom field of a project.
create or replace view `asana_views`.project_custom_field_option as
select
    p.gid as project_gid,
    field.gid as custom_field_gid,
    field.name as custom_field_name,
    choice.gid as enum_option_gid,
    choice.name as enum_option_name
from (
    select *
    from `asana`.projects
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as p
cross join unnest(p.custom_fields) as field
cross join unnest(field.multi_enum_values) as choice
where p.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each comment on a task.
create or replace view `asana_views`.task_comment as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as created_at,
    s.created_by.gid as created_by_gid,
    s.created_by.name as created_by_name,
    s.text,
    s.is_pinned,
    s.is_edited,
    s.num_likes
from (
    select *
    from `asana`.stories
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.type = 'comment' and s.task_gid is not null and s.gid not in (select deleted.gid from `asana_views`.deleted as deleted) and s.task_gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each assignment, move, completion, reopening and due date change of a task, with the previous values.
create or replace view `asana_views`.task_history as
select
    s.gid as story_gid,
    s.task_gid,
    s.created_at as happened_at,
    s.created_by.gid as actor_gid,
    s.created_by.name as actor_name,
    s.resource_subtype as event,
    s.assignee.gid as assignee_gid,
    s.assignee.name as assignee_name,
    s.project.gid as project_gid,
    s.project.name as project_name,
    s.old_section.gid as old_section_gid,
    s.old_section.name as old_section_name,
    s.new_section.gid as new_section_gid,
    s.new_section.name as new_section_name,
    cast(s.old_dates.due_on as date) as old_due_on,
    cast(s.new_dates.due_on as date) as new_due_on,
    s.old_dates.due_at as old_due_at,
    s.new_dates.due_at as new_due_at
from (
    select *
    from `asana`.stories
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.resource_subtype in (
        'assigned', 'unassigned', 'section_changed', 'added_to_project', 'removed_from_project',
        'marked_complete', 'marked_incomplete', 'due_date_changed'
    )
    and s.task_gid is not null and s.gid not in (select deleted.gid from `asana_views`.deleted as deleted) and s.task_gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each member of a team.
create or replace view `asana_views`.team_user as
select
    m.team.gid as team_gid,
    m.team.name as team_name,
    m.user.gid as user_gid,
    m.user.name as user_name,
    m.is_admin,
    m.is_guest,
    m.is_limited_access
from (
    select *
    from `asana`.team_memberships
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as m
where m.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each member of a workspace.
create or replace view `asana_views`.workspace_user as
select
    m.workspace.gid as workspace_gid,
    m.workspace.name as workspace_name,
    m.user.gid as user_gid,
    m.user.name as user_name,
    m.is_active,
    m.is_admin,
    m.is_guest,
    m.is_view_only,
    m.created_at as created_at
from (
    select *
    from `asana`.workspace_memberships
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as m
where m.gid not in (select deleted.gid from `asana_views`.deleted as deleted);
