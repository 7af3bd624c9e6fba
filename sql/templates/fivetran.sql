-- Fivetran's Asana tables, with the columns that its public dbt package reads.

-- Each user, and each former one that a membership of a workspace or a story names, without an e-mail address.
{{view user}}
select u.gid as id, u.email, u.name, false as _fivetran_deleted, {{instant u._sdc_batched_at}} as _fivetran_synced
from {{table users}} as u
where {{kept u.gid}}
union all
select
    former.id,
    nullif('', '') as email,
    max(former.name) as name,
    false as _fivetran_deleted,
    max(former.loaded_at) as _fivetran_synced
from (
    select {{m.user.gid}} as id, {{m.user.name}} as name, {{instant m._sdc_batched_at}} as loaded_at
    from {{table workspace_memberships}} as m
    where {{kept m.gid}}
    union all
    select {{s.created_by.gid}} as id, {{s.created_by.name}} as name, {{instant s._sdc_batched_at}} as loaded_at
    from {{table stories}} as s
    where {{kept s.gid}}
) as former
where former.id not in (select u.gid from {{table users}} as u where {{kept u.gid}})
group by former.id;

-- Each team, each team that only a project names, and a team for each project without one, with its gid and name.
{{view team}}
select
    t.gid as id,
    t.name,
    {{t.organization.gid}} as organization_id,
    false as _fivetran_deleted,
    {{instant t._sdc_batched_at}} as _fivetran_synced
from {{table teams}} as t
where {{kept t.gid}}
union all
select
    coalesce({{p.team.gid}}, p.gid) as id,
    max(coalesce({{p.team.name}}, p.name)) as name,
    max({{p.workspace.gid}}) as organization_id,
    false as _fivetran_deleted,
    max({{instant p._sdc_batched_at}}) as _fivetran_synced
from {{table projects}} as p
where coalesce({{p.team.gid}}, p.gid) not in (select t.gid from {{table teams}} as t where {{kept t.gid}}) and {{kept p.gid}}
group by 1;

-- Each project; its status is the title of its newest status update.
{{view project}}
select
    p.gid as id,
    p.name,
    p.archived,
    p.color,
    {{instant p.created_at}} as created_at,
    {{instant p.modified_at}} as modified_at,
    {{p.current_status_update.title}} as current_status,
    cast(p.due_on as timestamp) as due_date,
    p.notes,
    {{p.owner.gid}} as owner_id,
    p.privacy_setting = 'public_to_workspace' as public,
    coalesce({{p.team.gid}}, p.gid) as team_id,
    {{p.workspace.gid}} as workspace_id,
    false as _fivetran_deleted,
    {{instant p._sdc_batched_at}} as _fivetran_synced
from {{table projects}} as p
where {{kept p.gid}};

-- Each section; Asana's default section has the name that the dbt package expects.
{{view section}}
select
    s.gid as id,
    case when s.name = 'Untitled section' then '(no section)' else s.name end as name,
    {{instant s.created_at}} as created_at,
    {{s.project.gid}} as project_id,
    {{instant s._sdc_batched_at}} as _fivetran_synced
from {{table sections}} as s
where {{kept s.gid}};

-- Each task, including subtasks.
{{view task}}
select
    t.gid as id,
    t.name,
    t.notes,
    {{t.assignee.gid}} as assignee_id,
    t.completed,
    {{instant t.completed_at}} as completed_at,
    {{t.completed_by.gid}} as completed_by_id,
    {{instant t.created_at}} as created_at,
    {{t.created_by.gid}} as created_by_id,
    {{instant t.modified_at}} as modified_at,
    cast(t.due_on as timestamp) as due_on,
    {{instant t.due_at}} as due_at,
    cast(t.start_on as timestamp) as start_on,
    {{t.parent.gid}} as parent_id,
    {{t.workspace.gid}} as workspace_id,
    t.liked,
    t.num_likes,
    t.actual_time_minutes,
    t.resource_subtype,
    {{instant t._sdc_batched_at}} as _fivetran_synced
from {{table tasks}} as t
where {{kept t.gid}};

-- Each story of a task; hearts are Asana's former name for likes.
{{view story}}
select
    s.gid as id,
    {{instant s.created_at}} as created_at,
    {{s.created_by.gid}} as created_by_id,
    s.task_gid as target_id,
    s.text,
    s.type,
    s.source,
    s.liked as hearted,
    s.num_likes as num_hearts,
    {{instant s._sdc_batched_at}} as _fivetran_synced
from {{table stories}} as s
where s.task_gid is not null and {{kept s.gid}} and {{kept s.task_gid}};

-- Each tag; Asana has one text for it, used for both notes and message.
{{view tag}}
select
    t.gid as id,
    t.name,
    t.color,
    {{instant t.created_at}} as created_at,
    t.notes,
    t.notes as message,
    {{t.workspace.gid}} as workspace_id,
    false as _fivetran_deleted,
    {{instant t._sdc_batched_at}} as _fivetran_synced
from {{table tags}} as t
where {{kept t.gid}};

-- Each project of a task.
{{view project_task}}
select {{project.gid}} as project_id, t.gid as task_id, {{instant t._sdc_batched_at}} as _fivetran_synced
from {{table tasks}} as t
{{each t.projects as project}}
where {{kept t.gid}};

-- Each section of a task.
{{view task_section}}
select {{place.section.gid}} as section_id, t.gid as task_id, {{instant t._sdc_batched_at}} as _fivetran_synced
from {{table tasks}} as t
{{each t.memberships as place}}
where {{place.section.gid}} is not null and {{kept t.gid}};

-- Each follower of a task.
{{view task_follower}}
select t.gid as task_id, {{follower.gid}} as user_id, {{instant t._sdc_batched_at}} as _fivetran_synced
from {{table tasks}} as t
{{each t.followers as follower}}
where {{kept t.gid}};

-- Each tag of a task.
{{view task_tag}}
select t.gid as task_id, {{tag.gid}} as tag_id, {{instant t._sdc_batched_at}} as _fivetran_synced
from {{table tasks}} as t
{{each t.tags as tag}}
where {{kept t.gid}};
