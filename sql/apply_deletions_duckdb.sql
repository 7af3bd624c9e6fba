-- Written by python -m scripts.deleted_rows: see docs/deletions.md.
-- Deletes the rows of objects deleted in Asana, and of their children, from the schema asana.
-- Run it after each load. Running it again changes nothing. All tables must exist.

-- The latest action on each gid counts. The action removed only means that an object left its parent.
create temporary table deleted_gids as
select gid
from (
    select
        gid,
        action,
        row_number() over (partition by gid order by occurred_at desc, action desc) as place
    from asana.deletions
    where action in ('deleted', 'undeleted')
) as latest
where place = 1 and action = 'deleted';

-- Asana reports the deletion of a task but not of its children, so each column with the gid of a parent is compared.
-- The parent of a task is not among them: a subtask has a deletion of its own.
delete from asana.tasks where gid in (select gid from deleted_gids);
delete from asana.stories where gid in (select gid from deleted_gids);
delete from asana.stories where task_gid in (select gid from deleted_gids);
delete from asana.stories where goal_gid in (select gid from deleted_gids);
delete from asana.attachments where gid in (select gid from deleted_gids);
delete from asana.attachments where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.time_tracking_entries where gid in (select gid from deleted_gids);
delete from asana.time_tracking_entries where task_gid in (select gid from deleted_gids);
delete from asana.projects where gid in (select gid from deleted_gids);
delete from asana.sections where gid in (select gid from deleted_gids);
delete from asana.sections where (project ->> '$.gid') in (select gid from deleted_gids);
delete from asana.project_memberships where gid in (select gid from deleted_gids);
delete from asana.project_memberships where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.project_briefs where gid in (select gid from deleted_gids);
delete from asana.project_briefs where (project ->> '$.gid') in (select gid from deleted_gids);
delete from asana.project_templates where gid in (select gid from deleted_gids);
delete from asana.task_templates where gid in (select gid from deleted_gids);
delete from asana.task_templates where (project ->> '$.gid') in (select gid from deleted_gids);
delete from asana.allocations where gid in (select gid from deleted_gids);
delete from asana.allocations where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.budgets where gid in (select gid from deleted_gids);
delete from asana.budgets where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.rates where gid in (select gid from deleted_gids);
delete from asana.rates where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.status_updates where gid in (select gid from deleted_gids);
delete from asana.status_updates where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.portfolios where gid in (select gid from deleted_gids);
delete from asana.portfolio_items where gid in (select gid from deleted_gids);
delete from asana.portfolio_items where portfolio_gid in (select gid from deleted_gids);
delete from asana.portfolio_memberships where gid in (select gid from deleted_gids);
delete from asana.portfolio_memberships where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.goals where gid in (select gid from deleted_gids);
delete from asana.goal_memberships where gid in (select gid from deleted_gids);
delete from asana.goal_memberships where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.goal_relationships where gid in (select gid from deleted_gids);
delete from asana.goal_relationships where (supported_goal ->> '$.gid') in (select gid from deleted_gids);
delete from asana.goal_relationships where (supporting_resource ->> '$.gid') in (select gid from deleted_gids);
delete from asana.custom_fields where gid in (select gid from deleted_gids);
delete from asana.custom_field_settings where gid in (select gid from deleted_gids);
delete from asana.custom_field_settings where (parent ->> '$.gid') in (select gid from deleted_gids);
delete from asana.custom_field_settings where (custom_field ->> '$.gid') in (select gid from deleted_gids);
delete from asana.tags where gid in (select gid from deleted_gids);
delete from asana.teams where gid in (select gid from deleted_gids);
delete from asana.team_memberships where gid in (select gid from deleted_gids);
delete from asana.team_memberships where (team ->> '$.gid') in (select gid from deleted_gids);
delete from asana.users where gid in (select gid from deleted_gids);

drop table deleted_gids;
