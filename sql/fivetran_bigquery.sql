-- Written by python -m scripts.views from sql/templates: see docs/warehouse.md.
-- Put your dataset in place of asana: sed 's/`asana/`DATASET/g'. The views go to another dataset.

create schema if not exists `asana_fivetran`;

-- An empty table stands in for each stream that was not loaded.
create table if not exists `asana`.projects (`gid` string, `resource_type` string, `name` string, `archived` bool, `color` string, `icon` string, `created_at` timestamp, `current_status_update` struct<`gid` string, `title` string, `resource_subtype` string>, `custom_field_settings` array<struct<`gid` string, `is_important` bool, `custom_field` struct<`gid` string, `name` string>>>, `default_view` string, `due_on` string, `html_notes` string, `members` array<struct<`gid` string, `name` string>>, `modified_at` timestamp, `notes` string, `privacy_setting` string, `start_on` string, `default_access_level` string, `minimum_access_level_for_customization` string, `minimum_access_level_for_sharing` string, `custom_fields` array<struct<`gid` string, `name` string, `representation_type` string, `enabled` bool, `display_value` string, `text_value` string, `number_value` numeric, `date_value` struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid` string, `name` string>, `multi_enum_values` array<struct<`gid` string, `name` string>>>>, `completed` bool, `completed_at` timestamp, `completed_by` struct<`gid` string, `name` string>, `followers` array<struct<`gid` string, `name` string>>, `owner` struct<`gid` string>, `team` struct<`gid` string, `name` string>, `permalink_url` string, `project_brief` struct<`gid` string>, `created_from_template` struct<`gid` string, `name` string>, `workspace` struct<`gid` string, `name` string>, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.sections (`gid` string, `resource_type` string, `name` string, `created_at` timestamp, `project` struct<`gid` string, `name` string>, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.stories (`gid` string, `resource_type` string, `workspace_gid` string, `task_gid` string, `goal_gid` string, `created_at` timestamp, `resource_subtype` string, `text` string, `html_text` string, `is_pinned` bool, `sticker_name` string, `created_by` struct<`gid` string, `name` string>, `type` string, `is_editable` bool, `is_edited` bool, `liked` bool, `likes` array<struct<`gid` string, `user` struct<`gid` string, `name` string>>>, `num_likes` numeric, `reaction_summary` array<struct<`emoji_base` string, `variant` string, `count` numeric, `reacted` bool>>, `previews` array<struct<`fallback` string, `footer` string, `header` string, `header_link` string, `html_text` string, `text` string, `title` string, `title_link` string>>, `old_name` string, `new_name` string, `old_dates` struct<`start_on` string, `due_at` timestamp, `due_on` string>, `new_dates` struct<`start_on` string, `due_at` timestamp, `due_on` string>, `old_resource_subtype` string, `new_resource_subtype` string, `story` struct<`gid` string, `created_at` timestamp, `created_by` struct<`gid` string, `name` string>, `resource_subtype` string, `text` string>, `assignee` struct<`gid` string, `name` string>, `follower` struct<`gid` string, `name` string>, `old_section` struct<`gid` string, `name` string>, `new_section` struct<`gid` string, `name` string>, `task` struct<`gid` string, `name` string, `resource_subtype` string>, `project` struct<`gid` string, `name` string>, `tag` struct<`gid` string, `name` string>, `custom_field` struct<`gid` string, `name` string, `representation_type` string>, `old_text_value` string, `new_text_value` string, `old_number_value` numeric, `new_number_value` numeric, `old_enum_value` struct<`gid` string, `name` string>, `new_enum_value` struct<`gid` string, `name` string>, `old_date_value` struct<`start_on` string, `due_at` timestamp, `due_on` string>, `new_date_value` struct<`start_on` string, `due_at` timestamp, `due_on` string>, `old_people_value` array<struct<`gid` string, `name` string>>, `new_people_value` array<struct<`gid` string, `name` string>>, `old_multi_enum_values` array<struct<`gid` string, `name` string>>, `new_multi_enum_values` array<struct<`gid` string, `name` string>>, `new_approval_status` string, `old_approval_status` string, `duplicate_of` struct<`gid` string, `name` string, `resource_subtype` string>, `duplicated_from` struct<`gid` string, `name` string, `resource_subtype` string>, `dependency` struct<`gid` string, `name` string, `resource_subtype` string>, `source` string, `target` struct<`gid` string, `name` string, `resource_subtype` string>, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.tags (`gid` string, `resource_type` string, `name` string, `color` string, `notes` string, `created_at` timestamp, `followers` array<struct<`gid` string, `name` string>>, `workspace` struct<`gid` string, `name` string>, `permalink_url` string, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.tasks (`gid` string, `resource_type` string, `name` string, `resource_subtype` string, `created_by` struct<`gid` string>, `approval_status` string, `assigned_by` struct<`gid` string, `name` string>, `completed` bool, `completed_at` timestamp, `completed_by` struct<`gid` string, `name` string>, `created_at` timestamp, `dependencies` array<struct<`gid` string>>, `dependents` array<struct<`gid` string>>, `due_at` timestamp, `due_on` string, `external` struct<`gid` string, `data` string>, `html_notes` string, `is_rendered_as_separator` bool, `liked` bool, `likes` array<struct<`gid` string, `user` struct<`gid` string, `name` string>>>, `memberships` array<struct<`project` struct<`gid` string, `name` string>, `section` struct<`gid` string, `name` string>>>, `modified_at` timestamp, `notes` string, `num_likes` numeric, `num_subtasks` numeric, `start_at` timestamp, `start_on` string, `actual_time_minutes` numeric, `assignee` struct<`gid` string, `name` string>, `assignee_section` struct<`gid` string, `name` string>, `custom_fields` array<struct<`gid` string, `name` string, `representation_type` string, `enabled` bool, `display_value` string, `text_value` string, `number_value` numeric, `date_value` struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid` string, `name` string>, `multi_enum_values` array<struct<`gid` string, `name` string>>, `resource_subtype` string, `html_text_value` string, `people_value` array<struct<`gid` string, `name` string>>, `reference_value` array<struct<`gid` string, `name` string, `resource_type` string>>>>, `custom_type` struct<`gid` string, `name` string>, `custom_type_status_option` struct<`gid` string, `name` string>, `followers` array<struct<`gid` string, `name` string>>, `parent` struct<`gid` string, `name` string, `resource_subtype` string>, `projects` array<struct<`gid` string, `name` string>>, `tags` array<struct<`gid` string, `name` string>>, `workspace` struct<`gid` string, `name` string>, `permalink_url` string, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.teams (`gid` string, `resource_type` string, `name` string, `description` string, `html_description` string, `organization` struct<`gid` string, `name` string>, `permalink_url` string, `visibility` string, `edit_team_name_or_description_access_level` string, `edit_team_visibility_or_trash_team_access_level` string, `member_invite_management_access_level` string, `guest_invite_management_access_level` string, `join_request_management_access_level` string, `team_member_removal_access_level` string, `team_content_management_access_level` string, `endorsed` bool, `custom_field_settings` array<struct<`gid` string, `is_important` bool, `custom_field` struct<`gid` string, `name` string>>>, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.users (`gid` string, `resource_type` string, `name` string, `email` string, `photo` struct<`image_21x21` string, `image_27x27` string, `image_36x36` string, `image_60x60` string, `image_128x128` string, `image_1024x1024` string>, `workspaces` array<struct<`gid` string, `name` string>>, `custom_fields` array<struct<`gid` string, `name` string, `representation_type` string, `enabled` bool, `display_value` string, `text_value` string, `number_value` numeric, `date_value` struct<`date` string, `date_time` timestamp>, `enum_value` struct<`gid` string, `name` string>, `multi_enum_values` array<struct<`gid` string, `name` string>>>>, `_sdc_batched_at` timestamp not null);
create table if not exists `asana`.workspace_memberships (`gid` string, `resource_type` string, `user` struct<`gid` string, `name` string>, `workspace` struct<`gid` string, `name` string>, `user_task_list` struct<`gid` string, `name` string>, `is_active` bool, `is_admin` bool, `is_guest` bool, `is_view_only` bool, `created_at` timestamp, `_sdc_batched_at` timestamp not null);

-- Each user, and each former one that a membership of a workspace or a story names, without an e-mail address.
create or replace view `asana_fivetran`.user as
select u.gid as id, u.email, u.name, false as _fivetran_deleted, u._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.users
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as u
where u.gid not in (select deleted.gid from `asana_views`.deleted as deleted)
union all
select
    former.id,
    nullif('', '') as email,
    max(former.name) as name,
    false as _fivetran_deleted,
    max(former.loaded_at) as _fivetran_synced
from (
    select m.user.gid as id, m.user.name as name, m._sdc_batched_at as loaded_at
    from (
    select *
    from `asana`.workspace_memberships
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as m
    where m.gid not in (select deleted.gid from `asana_views`.deleted as deleted)
    union all
    select s.created_by.gid as id, s.created_by.name as name, s._sdc_batched_at as loaded_at
    from (
    select *
    from `asana`.stories
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
    where s.gid not in (select deleted.gid from `asana_views`.deleted as deleted)
) as former
where former.id not in (select u.gid from (
    select *
    from `asana`.users
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as u where u.gid not in (select deleted.gid from `asana_views`.deleted as deleted))
group by former.id;

-- Each team, each team that only a project names, and a team for each project without one, with its gid and name.
create or replace view `asana_fivetran`.team as
select
    t.gid as id,
    t.name,
    t.organization.gid as organization_id,
    false as _fivetran_deleted,
    t._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.teams
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted)
union all
select
    coalesce(p.team.gid, p.gid) as id,
    max(coalesce(p.team.name, p.name)) as name,
    max(p.workspace.gid) as organization_id,
    false as _fivetran_deleted,
    max(p._sdc_batched_at) as _fivetran_synced
from (
    select *
    from `asana`.projects
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as p
where coalesce(p.team.gid, p.gid) not in (select t.gid from (
    select *
    from `asana`.teams
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted)) and p.gid not in (select deleted.gid from `asana_views`.deleted as deleted)
group by 1;

-- Each project; its status is the title of its newest status update.
create or replace view `asana_fivetran`.project as
select
    p.gid as id,
    p.name,
    p.archived,
    p.color,
    p.created_at as created_at,
    p.modified_at as modified_at,
    p.current_status_update.title as current_status,
    cast(p.due_on as timestamp) as due_date,
    p.notes,
    p.owner.gid as owner_id,
    p.privacy_setting = 'public_to_workspace' as public,
    coalesce(p.team.gid, p.gid) as team_id,
    p.workspace.gid as workspace_id,
    false as _fivetran_deleted,
    p._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.projects
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as p
where p.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each section; Asana's default section has the name that the dbt package expects.
create or replace view `asana_fivetran`.section as
select
    s.gid as id,
    case when s.name = 'Untitled section' then '(no section)' else s.name end as name,
    s.created_at as created_at,
    s.project.gid as project_id,
    s._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.sections
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each task, including subtasks.
create or replace view `asana_fivetran`.task as
select
    t.gid as id,
    t.name,
    t.notes,
    t.assignee.gid as assignee_id,
    t.completed,
    t.completed_at as completed_at,
    t.completed_by.gid as completed_by_id,
    t.created_at as created_at,
    t.created_by.gid as created_by_id,
    t.modified_at as modified_at,
    cast(t.due_on as timestamp) as due_on,
    t.due_at as due_at,
    cast(t.start_on as timestamp) as start_on,
    t.parent.gid as parent_id,
    t.workspace.gid as workspace_id,
    t.liked,
    t.num_likes,
    t.actual_time_minutes,
    t.resource_subtype,
    t._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each story of a task; hearts are Asana's former name for likes.
create or replace view `asana_fivetran`.story as
select
    s.gid as id,
    s.created_at as created_at,
    s.created_by.gid as created_by_id,
    s.task_gid as target_id,
    s.text,
    s.type,
    s.source,
    s.liked as hearted,
    s.num_likes as num_hearts,
    s._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.stories
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.task_gid is not null and s.gid not in (select deleted.gid from `asana_views`.deleted as deleted) and s.task_gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each tag; Asana has one text for it, used for both notes and message.
create or replace view `asana_fivetran`.tag as
select
    t.gid as id,
    t.name,
    t.color,
    t.created_at as created_at,
    t.notes,
    t.notes as message,
    t.workspace.gid as workspace_id,
    false as _fivetran_deleted,
    t._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.tags
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each project of a task.
create or replace view `asana_fivetran`.project_task as
select project.gid as project_id, t.gid as task_id, t._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.projects) as project
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each section of a task.
create or replace view `asana_fivetran`.task_section as
select place.section.gid as section_id, t.gid as task_id, t._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.memberships) as place
where place.section.gid is not null and t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each follower of a task.
create or replace view `asana_fivetran`.task_follower as
select t.gid as task_id, follower.gid as user_id, t._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.followers) as follower
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each tag of a task.
create or replace view `asana_fivetran`.task_tag as
select t.gid as task_id, tag.gid as tag_id, t._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.tasks
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as t
cross join unnest(t.tags) as tag
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);
