-- Written by python -m scripts.superseded_rows: see docs/loaders.md.
-- Drops the rows of the dataset asana that a later load of the same key replaced, for a loader that appends.
-- Run it after loads, not while one runs. Running it again changes nothing. Streams not selected have no table.

set @@dataset_id = 'asana';

for target in (
    select key.name, key.same
    from unnest([
        struct('workspaces' as name, 'new.gid = old.gid' as same),
        ('projects', 'new.gid = old.gid'),
        ('deletions', 'new.gid = old.gid and new.action = old.action and new.occurred_at = old.occurred_at and new.parent_gid = old.parent_gid'),
        ('audit_log_events', 'new.gid = old.gid'),
        ('users', 'new.gid = old.gid'),
        ('teams', 'new.gid = old.gid'),
        ('team_memberships', 'new.gid = old.gid'),
        ('workspace_memberships', 'new.gid = old.gid'),
        ('user_task_lists', 'new.gid = old.gid'),
        ('agents', 'new.gid = old.gid'),
        ('roles', 'new.gid = old.gid'),
        ('ooo_entries', 'new.gid = old.gid'),
        ('project_memberships', 'new.gid = old.gid'),
        ('project_briefs', 'new.gid = old.gid'),
        ('project_templates', 'new.gid = old.gid'),
        ('task_templates', 'new.gid = old.gid'),
        ('sections', 'new.gid = old.gid'),
        ('tags', 'new.gid = old.gid'),
        ('portfolios', 'new.gid = old.gid'),
        ('portfolio_items', 'new.portfolio_gid = old.portfolio_gid and new.gid = old.gid'),
        ('portfolio_memberships', 'new.gid = old.gid'),
        ('time_periods', 'new.gid = old.gid'),
        ('goals', 'new.gid = old.gid'),
        ('goal_memberships', 'new.gid = old.gid'),
        ('goal_relationships', 'new.gid = old.gid'),
        ('custom_fields', 'new.gid = old.gid'),
        ('custom_field_settings', 'new.gid = old.gid'),
        ('custom_types', 'new.gid = old.gid'),
        ('time_tracking_categories', 'new.gid = old.gid'),
        ('timesheet_approval_statuses', 'new.gid = old.gid'),
        ('allocations', 'new.gid = old.gid'),
        ('budgets', 'new.gid = old.gid'),
        ('rates', 'new.gid = old.gid'),
        ('status_updates', 'new.gid = old.gid'),
        ('tasks', 'new.gid = old.gid'),
        ('stories', 'new.gid = old.gid'),
        ('attachments', 'new.gid = old.gid'),
        ('time_tracking_entries', 'new.gid = old.gid')
    ]) as key
    inner join asana.INFORMATION_SCHEMA.TABLES as tables on tables.table_name = key.name
)
do
    execute immediate format(
        'delete from `%s` as old where exists (select 1 from `%s` as new where %s and new._sdc_batched_at > old._sdc_batched_at)',
        target.name, target.name, target.same
    );
end for;
