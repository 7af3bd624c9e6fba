-- Written by python -m scripts.views from the schemas of the streams: see docs/warehouse.md.
-- Reads the files that target-jsonl wrote into tables of the schema asana, which it replaces: the newest row of each
-- key. Set the variable files to their folder first: set variable files = 'output';

create schema if not exists asana;

-- One row for each line; with do_timestamp_file, target-jsonl writes a file for each run.
create or replace temporary table line as
select
    regexp_extract(filename, '(\w+?)(-\d{8}T\d{6})?\.jsonl$', 1) as stream,
    regexp_extract(filename, '(-\d{8}T\d{6})?\.jsonl$', 1) as run,
    row_number() over () as place,
    json
from read_ndjson_objects(getvariable('files') || '/*.jsonl', filename = true);

create or replace table asana.workspaces as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "email_domains": "json", "is_organization": "boolean"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'workspaces' and run = (select max(run) from line where stream = 'workspaces')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.projects as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "archived": "boolean", "color": "varchar", "icon": "varchar", "created_at": "timestamp", "current_status_update": "json", "custom_field_settings": "json", "default_view": "varchar", "due_on": "date", "html_notes": "varchar", "members": "json", "modified_at": "timestamp", "notes": "varchar", "privacy_setting": "varchar", "start_on": "date", "default_access_level": "varchar", "minimum_access_level_for_customization": "varchar", "minimum_access_level_for_sharing": "varchar", "custom_fields": "json", "completed": "boolean", "completed_at": "timestamp", "completed_by": "json", "followers": "json", "owner": "json", "team": "json", "permalink_url": "varchar", "project_brief": "json", "created_from_template": "json", "workspace": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'projects' and run = (select max(run) from line where stream = 'projects')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.deletions as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "action": "varchar", "occurred_at": "timestamp", "actor": "json", "parent_gid": "varchar", "parent": "json", "workspace_gid": "varchar", "source": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'deletions'
qualify row_number() over (partition by json ->> '$.gid', json ->> '$.action', json ->> '$.occurred_at', json ->> '$.parent_gid' order by run desc, place desc) = 1;

create or replace table asana.audit_log_events as
select unnest(from_json(json, '{"gid": "varchar", "workspace_gid": "varchar", "created_at": "timestamp", "event_type": "varchar", "event_category": "varchar", "actor": "json", "resource": "json", "details": "varchar", "context": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'audit_log_events'
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.users as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "email": "varchar", "photo": "json", "workspaces": "json", "custom_fields": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'users' and run = (select max(run) from line where stream = 'users')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.teams as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "description": "varchar", "html_description": "varchar", "organization": "json", "permalink_url": "varchar", "visibility": "varchar", "edit_team_name_or_description_access_level": "varchar", "edit_team_visibility_or_trash_team_access_level": "varchar", "member_invite_management_access_level": "varchar", "guest_invite_management_access_level": "varchar", "join_request_management_access_level": "varchar", "team_member_removal_access_level": "varchar", "team_content_management_access_level": "varchar", "endorsed": "boolean", "custom_field_settings": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'teams' and run = (select max(run) from line where stream = 'teams')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.team_memberships as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "user": "json", "team": "json", "is_guest": "boolean", "is_limited_access": "boolean", "is_admin": "boolean"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'team_memberships' and run = (select max(run) from line where stream = 'team_memberships')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.workspace_memberships as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "user": "json", "workspace": "json", "user_task_list": "json", "is_active": "boolean", "is_admin": "boolean", "is_guest": "boolean", "is_view_only": "boolean", "created_at": "timestamp"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'workspace_memberships' and run = (select max(run) from line where stream = 'workspace_memberships')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.user_task_lists as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "owner": "json", "workspace": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'user_task_lists' and run = (select max(run) from line where stream = 'user_task_lists')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.agents as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "resource_subtype": "varchar", "name": "varchar", "description": "varchar", "behavior_guidance": "varchar", "workspace": "json", "photo": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'agents' and run = (select max(run) from line where stream = 'agents')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.roles as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "description": "varchar", "is_standard_role": "boolean", "creation_time": "timestamp", "modified_at": "timestamp", "base_role_type": "varchar", "permissions": "json", "workspace": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'roles' and run = (select max(run) from line where stream = 'roles')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.ooo_entries as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "start_date": "date", "end_date": "date", "user": "json", "created_by": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'ooo_entries' and run = (select max(run) from line where stream = 'ooo_entries')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.project_memberships as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "resource_subtype": "varchar", "member": "json", "parent": "json", "access_level": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'project_memberships' and run = (select max(run) from line where stream = 'project_memberships')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.project_briefs as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "title": "varchar", "html_text": "varchar", "text": "varchar", "permalink_url": "varchar", "project": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'project_briefs' and run = (select max(run) from line where stream = 'project_briefs')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.project_templates as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "name": "varchar", "description": "varchar", "html_description": "varchar", "public": "boolean", "owner": "json", "team": "json", "requested_dates": "json", "color": "varchar", "requested_roles": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'project_templates' and run = (select max(run) from line where stream = 'project_templates')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.task_templates as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "project": "json", "template": "json", "created_by": "json", "created_at": "timestamp"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'task_templates' and run = (select max(run) from line where stream = 'task_templates')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.sections as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "created_at": "timestamp", "project": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'sections' and run = (select max(run) from line where stream = 'sections')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.tags as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "color": "varchar", "notes": "varchar", "created_at": "timestamp", "followers": "json", "workspace": "json", "permalink_url": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'tags' and run = (select max(run) from line where stream = 'tags')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.portfolios as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "archived": "boolean", "color": "varchar", "start_on": "date", "due_on": "date", "default_access_level": "varchar", "created_at": "timestamp", "created_by": "json", "custom_field_settings": "json", "current_status_update": "json", "custom_fields": "json", "members": "json", "owner": "json", "workspace": "json", "permalink_url": "varchar", "public": "boolean", "privacy_setting": "varchar", "project_templates": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'portfolios' and run = (select max(run) from line where stream = 'portfolios')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.portfolio_items as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "portfolio_gid": "varchar", "name": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'portfolio_items' and run = (select max(run) from line where stream = 'portfolio_items')
qualify row_number() over (partition by json ->> '$.portfolio_gid', json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.portfolio_memberships as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "resource_subtype": "varchar", "member": "json", "parent": "json", "access_level": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'portfolio_memberships' and run = (select max(run) from line where stream = 'portfolio_memberships')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.time_periods as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "end_on": "date", "start_on": "date", "period": "varchar", "display_name": "varchar", "parent": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'time_periods' and run = (select max(run) from line where stream = 'time_periods')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.goals as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "html_notes": "varchar", "notes": "varchar", "due_on": "date", "start_on": "date", "is_workspace_level": "boolean", "liked": "boolean", "likes": "json", "num_likes": "double", "team": "json", "workspace": "json", "followers": "json", "time_period": "json", "metric": "json", "owner": "json", "current_status_update": "json", "status": "varchar", "privacy_setting": "varchar", "default_access_level": "varchar", "custom_fields": "json", "custom_field_settings": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'goals' and run = (select max(run) from line where stream = 'goals')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.goal_memberships as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "resource_subtype": "varchar", "member": "json", "parent": "json", "access_level": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'goal_memberships' and run = (select max(run) from line where stream = 'goal_memberships')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.goal_relationships as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "resource_subtype": "varchar", "supporting_resource": "json", "contribution_weight": "double", "supported_goal": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'goal_relationships' and run = (select max(run) from line where stream = 'goal_relationships')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.custom_fields as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "name": "varchar", "resource_subtype": "varchar", "enum_options": "json", "representation_type": "varchar", "id_prefix": "varchar", "input_restrictions": "json", "is_formula_field": "boolean", "description": "varchar", "precision": "double", "format": "varchar", "currency_code": "varchar", "custom_label": "varchar", "custom_label_position": "varchar", "is_global_to_workspace": "boolean", "has_notifications_enabled": "boolean", "asana_created_field": "varchar", "is_value_read_only": "boolean", "created_by": "json", "privacy_setting": "varchar", "default_access_level": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'custom_fields' and run = (select max(run) from line where stream = 'custom_fields')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.custom_field_settings as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "is_important": "boolean", "parent": "json", "custom_field": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'custom_field_settings' and run = (select max(run) from line where stream = 'custom_field_settings')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.custom_types as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "name": "varchar", "status_options": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'custom_types' and run = (select max(run) from line where stream = 'custom_types')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.time_tracking_categories as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "name": "varchar", "color": "varchar", "is_archived": "boolean"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'time_tracking_categories' and run = (select max(run) from line where stream = 'time_tracking_categories')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.timesheet_approval_statuses as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "created_at": "timestamp", "user": "json", "workspace": "json", "start_date": "date", "end_date": "date", "approval_status": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'timesheet_approval_statuses' and run = (select max(run) from line where stream = 'timesheet_approval_statuses')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.allocations as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "start_date": "date", "end_date": "date", "effort": "json", "assignee": "json", "created_by": "json", "parent": "json", "resource_subtype": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'allocations' and run = (select max(run) from line where stream = 'allocations')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.budgets as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "budget_type": "varchar", "estimate": "json", "actual": "json", "total": "json", "parent": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'budgets' and run = (select max(run) from line where stream = 'budgets')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.rates as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "parent": "json", "resource": "json", "rate": "double", "currency_code": "varchar", "created_by": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'rates' and run = (select max(run) from line where stream = 'rates')
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.status_updates as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "title": "varchar", "resource_subtype": "varchar", "text": "varchar", "html_text": "varchar", "status_type": "varchar", "author": "json", "created_at": "timestamp", "created_by": "json", "liked": "boolean", "likes": "json", "reaction_summary": "json", "modified_at": "timestamp", "num_likes": "double", "parent": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'status_updates'
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.tasks as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "name": "varchar", "resource_subtype": "varchar", "created_by": "json", "approval_status": "varchar", "assigned_by": "json", "completed": "boolean", "completed_at": "timestamp", "completed_by": "json", "created_at": "timestamp", "dependencies": "json", "dependents": "json", "due_at": "timestamp", "due_on": "date", "external": "json", "html_notes": "varchar", "is_rendered_as_separator": "boolean", "liked": "boolean", "likes": "json", "memberships": "json", "modified_at": "timestamp", "notes": "varchar", "num_likes": "double", "num_subtasks": "double", "start_at": "timestamp", "start_on": "date", "actual_time_minutes": "double", "assignee": "json", "assignee_section": "json", "custom_fields": "json", "custom_type": "json", "custom_type_status_option": "json", "followers": "json", "parent": "json", "projects": "json", "tags": "json", "workspace": "json", "permalink_url": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'tasks'
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.stories as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "task_gid": "varchar", "goal_gid": "varchar", "created_at": "timestamp", "resource_subtype": "varchar", "text": "varchar", "html_text": "varchar", "is_pinned": "boolean", "sticker_name": "varchar", "created_by": "json", "type": "varchar", "is_editable": "boolean", "is_edited": "boolean", "liked": "boolean", "likes": "json", "num_likes": "double", "reaction_summary": "json", "previews": "json", "old_name": "varchar", "new_name": "varchar", "old_dates": "json", "new_dates": "json", "old_resource_subtype": "varchar", "new_resource_subtype": "varchar", "story": "json", "assignee": "json", "follower": "json", "old_section": "json", "new_section": "json", "task": "json", "project": "json", "tag": "json", "custom_field": "json", "old_text_value": "varchar", "new_text_value": "varchar", "old_number_value": "double", "new_number_value": "double", "old_enum_value": "json", "new_enum_value": "json", "old_date_value": "json", "new_date_value": "json", "old_people_value": "json", "new_people_value": "json", "old_multi_enum_values": "json", "new_multi_enum_values": "json", "new_approval_status": "varchar", "old_approval_status": "varchar", "duplicate_of": "json", "duplicated_from": "json", "dependency": "json", "source": "varchar", "target": "json"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'stories'
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.attachments as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "name": "varchar", "resource_subtype": "varchar", "created_at": "timestamp", "permanent_url": "varchar", "host": "varchar", "parent": "json", "size": "double", "view_url": "varchar", "connected_to_app": "boolean"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'attachments'
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

create or replace table asana.time_tracking_entries as
select unnest(from_json(json, '{"gid": "varchar", "resource_type": "varchar", "workspace_gid": "varchar", "task_gid": "varchar", "duration_minutes": "double", "entered_on": "date", "attributable_to": "json", "created_by": "json", "categories": "json", "task": "json", "created_at": "timestamp", "approval_status": "varchar", "billable_status": "varchar", "description": "varchar"}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = 'time_tracking_entries'
qualify row_number() over (partition by json ->> '$.gid' order by run desc, place desc) = 1;

drop table line;
