-- Takes out of the tables of one schema what is deleted in Asana, and what hung from it. See docs/deletions.md.
-- Run it after every load, with the schema first in search_path. A second run changes nothing more.

begin;

-- The latest action on each gid decides; to be removed from a parent is no end.
create temporary table gone on commit drop as
select gid
from (
    select distinct on (gid) gid, action
    from deletions
    where action in ('deleted', 'undeleted')
    order by gid, occurred_at desc, action desc
) as latest
where action = 'deleted';

create unique index on gone (gid);
analyze gone;

-- Asana tells of the thing alone, so each column that says what a row hangs from is looked at too. A subtask is a
-- task of its own and told of by itself: the parent of a task is not looked at.
create temporary table looked_at (place, name, expression) on commit drop as
select row_number() over (), name, expression
from (values
    ('tasks', 'gid'),
    ('stories', 'gid'),
    ('stories', 'task_gid'),
    ('stories', 'goal_gid'),
    ('attachments', 'gid'),
    ('attachments', 'parent ->> ''gid'''),
    ('time_tracking_entries', 'gid'),
    ('time_tracking_entries', 'task_gid'),
    ('projects', 'gid'),
    ('project_memberships', 'parent ->> ''gid'''),
    ('project_briefs', 'gid'),
    ('project_briefs', 'project ->> ''gid'''),
    ('sections', 'gid'),
    ('sections', 'project ->> ''gid'''),
    ('task_templates', 'gid'),
    ('task_templates', 'project ->> ''gid'''),
    ('project_templates', 'gid'),
    ('allocations', 'gid'),
    ('allocations', 'parent ->> ''gid'''),
    ('budgets', 'parent ->> ''gid'''),
    ('rates', 'parent ->> ''gid'''),
    ('portfolios', 'gid'),
    ('portfolio_items', 'gid'),
    ('portfolio_items', 'portfolio_gid'),
    ('portfolio_memberships', 'parent ->> ''gid'''),
    ('goals', 'gid'),
    ('goal_memberships', 'parent ->> ''gid'''),
    ('goal_relationships', 'supported_goal ->> ''gid'''),
    ('goal_relationships', 'supporting_resource ->> ''gid'''),
    ('status_updates', 'gid'),
    ('status_updates', 'parent ->> ''gid'''),
    ('custom_fields', 'gid'),
    ('custom_field_settings', 'parent ->> ''gid'''),
    ('custom_field_settings', 'custom_field ->> ''gid'''),
    ('tags', 'gid'),
    ('teams', 'gid'),
    ('team_memberships', 'team ->> ''gid''')
) as columns (name, expression);

-- A stream that is not selected has no table, and is passed over.
do $$
declare
    each record;
begin
    for each in select name, expression from looked_at where to_regclass(quote_ident(name)) is not null order by place
    loop
        execute format('delete from %I using gone where %s = gone.gid', each.name,
            regexp_replace(each.expression, '^', quote_ident(each.name) || '.'));
    end loop;
end
$$;

commit;
