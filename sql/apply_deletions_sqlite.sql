-- Written by python -m scripts.deleted_rows: see docs/deletions.md.
-- Deletes the rows of objects deleted in Asana, and of their children, from a database.
-- Run it after each load. Running it again changes nothing. sqlite3 reports each missing table and goes on.

-- The latest action on each gid counts. The action removed only means that an object left its parent.
create temporary table deleted_gids as
select gid
from (
    select
        gid,
        action,
        row_number() over (partition by gid order by occurred_at desc, action desc) as place
    from deletions
    where action in ('deleted', 'undeleted')
) as latest
where place = 1 and action = 'deleted';

-- Asana reports the deletion of a task but not of its children, so each column with the gid of a parent is compared.
-- The parent of a task is not among them: a subtask has a deletion of its own.
delete from tasks where gid in (select gid from deleted_gids);
delete from stories where gid in (select gid from deleted_gids);
delete from stories where task_gid in (select gid from deleted_gids);
delete from stories where goal_gid in (select gid from deleted_gids);
delete from attachments where gid in (select gid from deleted_gids);
delete from attachments where parent__gid in (select gid from deleted_gids);
delete from time_tracking_entries where gid in (select gid from deleted_gids);
delete from time_tracking_entries where task_gid in (select gid from deleted_gids);
delete from projects where gid in (select gid from deleted_gids);
delete from sections where gid in (select gid from deleted_gids);
delete from sections where project__gid in (select gid from deleted_gids);
delete from project_memberships where gid in (select gid from deleted_gids);
delete from project_memberships where parent__gid in (select gid from deleted_gids);
delete from project_briefs where gid in (select gid from deleted_gids);
delete from project_briefs where project__gid in (select gid from deleted_gids);
delete from project_templates where gid in (select gid from deleted_gids);
delete from task_templates where gid in (select gid from deleted_gids);
delete from task_templates where project__gid in (select gid from deleted_gids);
delete from allocations where gid in (select gid from deleted_gids);
delete from allocations where parent__gid in (select gid from deleted_gids);
delete from budgets where gid in (select gid from deleted_gids);
delete from budgets where parent__gid in (select gid from deleted_gids);
delete from rates where gid in (select gid from deleted_gids);
delete from rates where parent__gid in (select gid from deleted_gids);
delete from status_updates where gid in (select gid from deleted_gids);
delete from status_updates where parent__gid in (select gid from deleted_gids);
delete from portfolios where gid in (select gid from deleted_gids);
delete from portfolio_items where gid in (select gid from deleted_gids);
delete from portfolio_items where portfolio_gid in (select gid from deleted_gids);
delete from portfolio_memberships where gid in (select gid from deleted_gids);
delete from portfolio_memberships where parent__gid in (select gid from deleted_gids);
delete from goals where gid in (select gid from deleted_gids);
delete from goal_memberships where gid in (select gid from deleted_gids);
delete from goal_memberships where parent__gid in (select gid from deleted_gids);
delete from goal_relationships where gid in (select gid from deleted_gids);
delete from goal_relationships where supported_goal__gid in (select gid from deleted_gids);
delete from goal_relationships where supporting_resource__gid in (select gid from deleted_gids);
delete from custom_fields where gid in (select gid from deleted_gids);
delete from custom_field_settings where gid in (select gid from deleted_gids);
delete from custom_field_settings where parent__gid in (select gid from deleted_gids);
delete from custom_field_settings where custom_field__gid in (select gid from deleted_gids);
delete from tags where gid in (select gid from deleted_gids);
delete from teams where gid in (select gid from deleted_gids);
delete from team_memberships where gid in (select gid from deleted_gids);
delete from team_memberships where team__gid in (select gid from deleted_gids);
delete from users where gid in (select gid from deleted_gids);

drop table deleted_gids;
