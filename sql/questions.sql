-- Questions about the work in Asana, each answered over the views: see docs/warehouse.md.

-- completed_by_team: How many tasks does each team complete in a week?
select team_name, completed_week, count(*) as tasks
from asana_views.completed_task
group by team_gid, team_name, completed_week order by completed_week, team_name;

-- cycle_time: How many days does a team need for a task?
select team_name, count(*) as tasks, avg(cycle_days) as mean_days
from asana_views.completed_task
group by team_gid, team_name order by mean_days desc;

-- overdue_by_assignee: Who has overdue tasks?
select max(assignee_name) as assignee_name, count(*) as overdue_tasks, max(days_past_due) as most_days
from asana_views.open_task
where is_overdue group by assignee_gid order by overdue_tasks desc;

-- comments_by_person: Who comments?
select max(created_by_name) as created_by_name, count(*) as comments
from asana_views.task_comment
group by created_by_gid order by comments desc;

-- working_pairs: Who works with whom?
select user_name, other_user_name, shared_tasks
from asana_views.working_pair
order by shared_tasks desc;

-- field_options: How often is each option of a field chosen?
select custom_field_name, enum_option_name, count(*) as tasks
from asana_views.task_custom_field_choice
group by custom_field_gid, custom_field_name, enum_option_gid, enum_option_name order by tasks desc;

-- time_in_section: How long do tasks stay in each section?
select project_name, section_name, count(*) as stays, avg(days) as mean_days
from asana_views.task_section_time
group by project_gid, project_name, section_gid, section_name order by mean_days desc;

-- time_in_value: How long do tasks stay at each value of a field?
select custom_field_name, field_value, count(*) as stays, avg(days) as mean_days
from asana_views.task_custom_field_time
where field_value is not null group by custom_field_gid, custom_field_name, field_value order by mean_days desc;

-- workload: Who has how much to do in the next two weeks?
select user_name, sum(due_tasks) as due_tasks, sum(allocated_hours) as hours, max(allocated_percent) as percent, sum(case when is_absent then 1 else 0 end) as days_away
from asana_views.workload
group by user_gid, user_name order by due_tasks desc;

-- goal_progress: How far is each goal?
select name, owner_name, progress_percent
from asana_views.current_goal
where progress_percent is not null order by progress_percent desc;

-- project_health: How are the projects?
select name, status_type, color, open_tasks, overdue_tasks
from asana_views.project_health
where not archived order by overdue_tasks desc;

-- stale_tasks: Which open tasks had no change for 90 days?
select name, assignee_name, idle_days
from asana_views.open_task
where idle_days > 90 order by idle_days desc;

-- reopened_tasks: Which tasks were reopened, and how often?
select name, count(*) as times, max(reopened_at) as last_reopened_at
from asana_views.task_reopening
group by task_gid, name order by times desc;

-- activity: Who is active when, and in which team?
select a.user_name, a.email, t.team_name, a.week, count(*) as actions
from asana_views.person_activity as a left join asana_views.team_user as t on t.user_gid = a.user_gid
group by a.user_gid, a.user_name, a.email, t.team_gid, t.team_name, a.week order by a.week, a.user_name;
