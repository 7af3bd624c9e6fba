-- Written by python -m scripts.views from sql/templates/fivetran.sql: see docs/warehouse.md.
-- Put your dataset in place of asana: sed 's/`asana/`DATASET/g'. The views go to another dataset.

create schema if not exists `asana_fivetran`;

-- Each user.
create or replace view `asana_fivetran`.user as
select u.gid as id, u.email, u.name, false as _fivetran_deleted, u._sdc_batched_at as _fivetran_synced
from (
    select *
    from `asana`.users
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as u
where u.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each team.
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
where t.gid not in (select deleted.gid from `asana_views`.deleted as deleted);

-- Each project; its status is the title of its newest status update.
create or replace view `asana_fivetran`.project as
select
    p.gid as id,
    p.name,
    p.archived,
    p.color,
    p.created_at,
    p.modified_at,
    p.current_status_update.title as current_status,
    cast(p.due_on as timestamp) as due_date,
    p.notes,
    p.owner.gid as owner_id,
    p.privacy_setting = 'public_to_workspace' as public,
    p.team.gid as team_id,
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
    s.created_at,
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
    t.completed_at,
    t.completed_by.gid as completed_by_id,
    t.created_at,
    t.created_by.gid as created_by_id,
    t.modified_at,
    cast(t.due_on as timestamp) as due_on,
    t.due_at,
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
    s.created_at,
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
    t.created_at,
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
