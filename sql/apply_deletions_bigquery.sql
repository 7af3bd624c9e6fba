-- Written by python -m scripts.deleted_rows: see docs/deletions.md.
-- Deletes the rows of objects deleted in Asana, and of their children, from the dataset asana.
-- Run it after each load. Running it again changes nothing.

set @@dataset_id = 'asana';

-- The latest action on each gid counts. The action removed only means that an object left its parent.
create temp table deleted_gids as
select gid
from deletions
where action in ('deleted', 'undeleted')
qualify row_number() over (partition by gid order by occurred_at desc, action desc) = 1 and action = 'deleted';

-- Asana reports the deletion of a task but not of its children, so each column with the gid of a parent is compared.
-- The parent of a task is not among them: a subtask has a deletion of its own. Streams not selected have no table.
for target in (
    select gid_column.name, gid_column.place
    from unnest([
        struct('tasks' as name, 'gid' as place),
        ('stories', 'gid'),
        ('stories', 'task_gid'),
        ('stories', 'goal_gid'),
        ('attachments', 'gid'),
        ('attachments', 'parent.gid'),
        ('time_tracking_entries', 'gid'),
        ('time_tracking_entries', 'task_gid'),
        ('projects', 'gid'),
        ('sections', 'gid'),
        ('sections', 'project.gid'),
        ('project_memberships', 'gid'),
        ('project_memberships', 'parent.gid'),
        ('project_briefs', 'gid'),
        ('project_briefs', 'project.gid'),
        ('project_templates', 'gid'),
        ('task_templates', 'gid'),
        ('task_templates', 'project.gid'),
        ('allocations', 'gid'),
        ('allocations', 'parent.gid'),
        ('budgets', 'gid'),
        ('budgets', 'parent.gid'),
        ('rates', 'gid'),
        ('rates', 'parent.gid'),
        ('status_updates', 'gid'),
        ('status_updates', 'parent.gid'),
        ('portfolios', 'gid'),
        ('portfolio_items', 'gid'),
        ('portfolio_items', 'portfolio_gid'),
        ('portfolio_memberships', 'gid'),
        ('portfolio_memberships', 'parent.gid'),
        ('goals', 'gid'),
        ('goal_memberships', 'gid'),
        ('goal_memberships', 'parent.gid'),
        ('goal_relationships', 'gid'),
        ('goal_relationships', 'supported_goal.gid'),
        ('goal_relationships', 'supporting_resource.gid'),
        ('custom_fields', 'gid'),
        ('custom_field_settings', 'gid'),
        ('custom_field_settings', 'parent.gid'),
        ('custom_field_settings', 'custom_field.gid'),
        ('tags', 'gid'),
        ('teams', 'gid'),
        ('team_memberships', 'gid'),
        ('team_memberships', 'team.gid'),
        ('users', 'gid')
    ]) as gid_column
    inner join asana.INFORMATION_SCHEMA.TABLES as tables on tables.table_name = gid_column.name
)
do
    execute immediate format('delete from `%s` where %s in (select gid from deleted_gids)', target.name, target.place);
end for;
