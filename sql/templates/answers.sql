-- Views that answer questions about work: who, how much, how long, how late.

-- Each existing project.
{{view current_project}}
select
    p.gid as project_gid,
    p.name,
    p.archived,
    p.completed,
    {{instant p.completed_at}} as completed_at,
    {{instant p.created_at}} as created_at,
    {{instant p.modified_at}} as modified_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    {{p.owner.gid}} as owner_gid,
    owner.user_name as owner_name,
    {{p.team.gid}} as team_gid,
    coalesce(team.name, {{p.team.name}}) as team_name,
    p.privacy_setting,
    {{p.workspace.gid}} as workspace_gid,
    p.permalink_url
from {{table projects}} as p
left join {{ref person}} as owner on owner.user_gid = {{p.owner.gid}}
left join {{table teams}} as team on team.gid = {{p.team.gid}}
where {{kept p.gid}};

-- Each existing portfolio.
{{view current_portfolio}}
select
    p.gid as portfolio_gid,
    p.name,
    p.archived,
    {{instant p.created_at}} as created_at,
    cast(p.start_on as date) as start_on,
    cast(p.due_on as date) as due_on,
    {{p.owner.gid}} as owner_gid,
    coalesce(owner.user_name, {{p.owner.name}}) as owner_name,
    p.privacy_setting,
    {{p.workspace.gid}} as workspace_gid,
    p.permalink_url
from {{table portfolios}} as p
left join {{ref person}} as owner on owner.user_gid = {{p.owner.gid}}
where {{kept p.gid}};

-- Each project or portfolio in a portfolio.
{{view portfolio_item}}
select
    i.portfolio_gid,
    i.gid as item_gid,
    coalesce(project.name, portfolio.name, i.name) as item_name,
    i.resource_type
from {{table portfolio_items}} as i
left join {{table projects}} as project on project.gid = i.gid
left join {{table portfolios}} as portfolio on portfolio.gid = i.gid
where {{kept i.portfolio_gid}} and {{kept i.gid}};

-- Each existing goal, with its metric and the progress from its initial to its target value.
{{view current_goal}}
select
    g.gid as goal_gid,
    g.name,
    {{g.owner.gid}} as owner_gid,
    coalesce(owner.user_name, {{g.owner.name}}) as owner_name,
    {{g.team.gid}} as team_gid,
    coalesce(team.name, {{g.team.name}}) as team_name,
    {{g.time_period.display_name}} as time_period,
    cast(g.start_on as date) as start_on,
    cast(g.due_on as date) as due_on,
    g.status,
    {{g.metric.unit}} as unit,
    {{g.metric.currency_code}} as currency_code,
    {{number g.metric.initial_number_value}} as initial_value,
    {{number g.metric.current_number_value}} as current_value,
    {{number g.metric.target_number_value}} as target_value,
    100 * ({{number g.metric.current_number_value}} - {{number g.metric.initial_number_value}})
    / nullif({{number g.metric.target_number_value}} - {{number g.metric.initial_number_value}}, 0) as progress_percent,
    {{g.workspace.gid}} as workspace_gid
from {{table goals}} as g
left join {{ref person}} as owner on owner.user_gid = {{g.owner.gid}}
left join {{table teams}} as team on team.gid = {{g.team.gid}}
where {{kept g.gid}};

-- Each status update of a project, portfolio or goal, with the colour of its type and whether it is the newest.
{{view status_update}}
select
    s.gid as status_update_gid,
    {{s.parent.gid}} as parent_gid,
    {{s.parent.resource_type}} as parent_type,
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
    {{s.author.gid}} as author_gid,
    coalesce(author.user_name, {{s.author.name}}) as author_name,
    {{instant s.created_at}} as created_at,
    row_number() over (partition by {{s.parent.gid}} order by s.created_at desc, s.gid desc) = 1 as is_newest
from {{table status_updates}} as s
left join {{ref person}} as author on author.user_gid = {{s.author.gid}}
where {{kept s.gid}} and {{kept s.parent.gid}};

-- Each open task: whether it is overdue, and for how long nothing happened to it.
{{view open_task}}
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
    {{days t.due_on | clock.today}} as days_past_due,
    greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)) as last_change_at,
    {{hours greatest(t.modified_at, coalesce(told.newest_at, t.modified_at)) | clock.now_at}} / 24 as idle_days
from {{ref current_task}} as t
cross join {{ref clock}} as clock
left join (
    select s.task_gid, max({{instant s.created_at}}) as newest_at
    from {{table stories}} as s
    where {{kept s.gid}}
    group by s.task_gid
) as told on told.task_gid = t.task_gid
where not t.completed;

-- Each project with its newest status update and the number of its tasks.
{{view project_health}}
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
from {{ref current_project}} as p
left join {{ref status_update}} as latest on latest.parent_gid = p.project_gid and latest.is_newest
left join (
    select
        place.project_gid,
        sum(case when t.completed then 0 else 1 end) as open_tasks,
        sum(case when o.is_overdue then 1 else 0 end) as overdue_tasks,
        sum(case when t.completed then 1 else 0 end) as completed_tasks
    from {{ref task_project}} as place
    inner join {{ref current_task}} as t on t.task_gid = place.task_gid
    left join {{ref open_task}} as o on o.task_gid = place.task_gid
    group by place.project_gid
) as work on work.project_gid = p.project_gid;

-- Each team of a task: of its projects, or for a subtask without projects, of the projects of its top task.
{{view task_team}}
select distinct place.task_gid, p.team_gid, p.team_name
from (
    select own.task_gid, own.project_gid
    from {{ref task_project}} as own
    union all
    select r.task_gid, above.project_gid
    from {{ref task_root}} as r
    inner join {{ref task_project}} as above on above.task_gid = r.root_gid
    where r.depth > 0 and r.task_gid not in (select own.task_gid from {{ref task_project}} as own)
) as place
inner join {{ref current_project}} as p on p.project_gid = place.project_gid
where p.team_gid is not null;

-- Each completed task and each of its teams, null without a team, with the days from creation to completion.
{{view completed_task}}
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
    {{week t.completed_at}} as completed_week,
    {{hours t.created_at | t.completed_at}} / 24 as cycle_days
from {{ref current_task}} as t
left join {{ref task_team}} as team on team.task_gid = t.task_gid
where t.completed;

-- Each time that a completed task was reopened, with its previous completion.
{{view task_reopening}}
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
    from {{ref task_history}} as h
    where h.event in ('marked_complete', 'marked_incomplete')
) as turn
inner join {{ref current_task}} as t on t.task_gid = turn.task_gid
where turn.event = 'marked_incomplete';

-- Each person with a part in a task: its author, its assignee, and the authors of its stories.
{{view task_participant}}
select distinct part.task_gid, part.user_gid, coalesce(p.user_name, part.user_name) as user_name
from (
    select t.task_gid, t.created_by_gid as user_gid, t.created_by_name as user_name from {{ref current_task}} as t
    union all
    select t.task_gid, t.assignee_gid, t.assignee_name from {{ref current_task}} as t
    union all
    select s.task_gid, {{s.created_by.gid}}, {{s.created_by.name}}
    from {{table stories}} as s
    inner join {{ref current_task}} as t on t.task_gid = s.task_gid
    where {{kept s.gid}}
) as part
left join {{ref person}} as p on p.user_gid = part.user_gid
where part.user_gid is not null;

-- Each pair of people who work together, with the number of tasks in which both have a part.
{{view working_pair}}
select
    a.user_gid,
    max(a.user_name) as user_name,
    b.user_gid as other_user_gid,
    max(b.user_name) as other_user_name,
    count(distinct a.task_gid) as shared_tasks
from {{ref task_participant}} as a
inner join {{ref task_participant}} as b on b.task_gid = a.task_gid and a.user_gid < b.user_gid
group by a.user_gid, b.user_gid;

-- Each option chosen in a single-select or multi-select custom field of a task.
{{view task_custom_field_choice}}
select v.task_gid, v.custom_field_gid, v.custom_field_name, v.enum_option_gid, v.enum_option_name
from {{ref task_custom_field_value}} as v
where v.enum_option_gid is not null
union all
select o.task_gid, o.custom_field_gid, o.custom_field_name, o.enum_option_gid, o.enum_option_name
from {{ref task_custom_field_option}} as o;

-- Each change of the value of a custom field of a task; lists are one text, dates are days, and numbers have own columns.
{{view task_custom_field_change}}
select
    s.gid as story_gid,
    s.task_gid,
    {{instant s.created_at}} as happened_at,
    {{s.created_by.gid}} as actor_gid,
    coalesce(actor.user_name, {{s.created_by.name}}) as actor_name,
    {{s.custom_field.gid}} as custom_field_gid,
    coalesce(field.name, {{s.custom_field.name}}) as custom_field_name,
    coalesce(
        before.enum_option_name, {{s.old_enum_value.name}}, s.old_text_value,
        {{s.old_date_value.due_on}},
        substr(cast({{s.old_date_value.due_at}} as {{string}}), 1, 10), {{names s.old_multi_enum_values}},
        {{names s.old_people_value}}
    ) as old_value,
    coalesce(
        chosen.enum_option_name, {{s.new_enum_value.name}}, s.new_text_value,
        {{s.new_date_value.due_on}},
        substr(cast({{s.new_date_value.due_at}} as {{string}}), 1, 10), {{names s.new_multi_enum_values}},
        {{names s.new_people_value}}
    ) as new_value,
    s.old_number_value as old_number,
    s.new_number_value as new_number
from {{table stories}} as s
left join {{ref person}} as actor on actor.user_gid = {{s.created_by.gid}}
left join {{table custom_fields}} as field on field.gid = {{s.custom_field.gid}}
left join {{ref custom_field_option}} as before on before.enum_option_gid = {{s.old_enum_value.gid}}
left join {{ref custom_field_option}} as chosen on chosen.enum_option_gid = {{s.new_enum_value.gid}}
where s.resource_subtype like '%_custom_field_changed' and s.task_gid is not null and {{kept s.gid}} and {{kept s.task_gid}};

-- Each stay of a task at a value of a custom field, from its creation on; without an end, it is the present one.
{{view task_custom_field_time}}
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
    from {{ref task_custom_field_change}} as c
),
stay as (
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.new_value as field_value,
        step.new_number as number_value, step.happened_at as entered_at, step.next_at as left_at
    from step
    left join {{ref task_custom_field_value}} as present
        on present.task_gid = step.task_gid and present.custom_field_gid = step.custom_field_gid
    where step.next_at is not null or present.task_gid is not null
    union all
    select
        step.task_gid, step.custom_field_gid, step.custom_field_name, step.old_value, step.old_number,
        t.created_at, step.happened_at
    from step
    inner join {{ref current_task}} as t on t.task_gid = step.task_gid
    where step.place = 1
    union all
    select
        v.task_gid, v.custom_field_gid, v.custom_field_name,
        case
            when v.number_value is null
                then coalesce(v.enum_option_name, cast(v.date_value as {{string}}), v.display_value)
        end,
        v.number_value, t.created_at, cast(null as {{timestamp}})
    from {{ref task_custom_field_value}} as v
    inner join {{ref current_task}} as t on t.task_gid = v.task_gid
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
    {{hours stay.entered_at | coalesce(stay.left_at, clock.now_at)}} / 24 as days
from stay
cross join {{ref clock}} as clock;

-- Each stay of a task in a section of an existing project; without an end, it is the present one.
{{view task_section_time}}
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
    from {{ref task_history}} as h
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
    left join {{ref task_section}} as present
        on present.task_gid = step.task_gid and present.project_gid = step.project_gid
    where step.event = 'added_to_project'
    union all
    select
        step.task_gid, step.project_gid, step.old_section_gid, step.old_section_name, t.created_at, step.happened_at
    from step
    inner join {{ref current_task}} as t on t.task_gid = step.task_gid
    where step.place = 1 and step.event = 'section_changed'
    union all
    select
        present.task_gid, present.project_gid, present.section_gid, present.section_name, t.created_at,
        cast(null as {{timestamp}})
    from {{ref task_section}} as present
    inner join {{ref current_task}} as t on t.task_gid = present.task_gid
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
    {{hours stay.entered_at | coalesce(stay.left_at, clock.now_at)}} / 24 as days
from stay
left join {{ref current_project}} as p on p.project_gid = stay.project_gid
cross join {{ref clock}} as clock
where stay.section_gid is not null
    and (p.project_gid is not null or not exists (select 1 from {{ref current_project}}));

-- Each member and each of the next 14 days: tasks due, tasks under way, allocations as Asana gives them, and absence.
{{view workload}}
with coming as (
    select {{plus clock.today | n.later}} as day
    from {{ref clock}} as clock
    cross join (
        select 0 as later union all select 1 union all select 2 union all select 3 union all select 4
        union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
        union all select 10 union all select 11 union all select 12 union all select 13
    ) as n
),
load as (
    select
        {{a.assignee.gid}} as user_gid,
        coming.day,
        0 as due_tasks,
        0 as active_tasks,
        case when {{a.effort.type}} = 'hours' then {{number a.effort.value}} end as hours,
        case when {{a.effort.type}} = 'percent' then {{number a.effort.value}} end as percent,
        0 as away
    from {{table allocations}} as a
    inner join coming on coming.day between cast(a.start_date as date) and coalesce(cast(a.end_date as date), coming.day)
    where {{kept a.gid}}
    union all
    select o.assignee_gid, coming.day, case when o.due_on = coming.day then 1 else 0 end, 1, null, null, 0
    from {{ref open_task}} as o
    inner join coming on coming.day between coalesce(o.start_on, o.due_on) and o.due_on
    union all
    select {{e.user.gid}}, coming.day, 0, 0, null, null, 1
    from {{table ooo_entries}} as e
    inner join coming on coming.day between cast(e.start_date as date) and coalesce(cast(e.end_date as date), coming.day)
    where {{kept e.gid}}
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
from {{ref person}} as p
cross join coming
left join load on load.user_gid = p.user_gid and load.day = coming.day
where p.is_member
group by p.user_gid, p.user_name, coming.day;

-- Each action of a person on a task: creations, comments and other changes.
{{view person_activity}}
select
    action.user_gid,
    coalesce(p.user_name, max(action.user_name) over (partition by action.user_gid)) as user_name,
    p.email,
    action.task_gid,
    action.kind,
    action.happened_at,
    {{week action.happened_at}} as week
from (
    select
        t.created_by_gid as user_gid,
        t.created_by_name as user_name,
        t.task_gid,
        'creation' as kind,
        t.created_at as happened_at
    from {{ref current_task}} as t
    union all
    select
        {{s.created_by.gid}},
        {{s.created_by.name}},
        s.task_gid,
        case
            when s.type = 'comment' then 'comment'
            when s.resource_subtype = 'marked_complete' then 'completion'
            else 'change'
        end,
        {{instant s.created_at}}
    from {{table stories}} as s
    where s.task_gid is not null and {{kept s.gid}} and {{kept s.task_gid}}
) as action
left join {{ref person}} as p on p.user_gid = action.user_gid
where action.user_gid is not null;
