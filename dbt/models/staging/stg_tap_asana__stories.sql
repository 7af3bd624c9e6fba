-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('stories') %}
select
    s.*,
    s.created_by ->> 'gid' as created_by_gid,
    s.story ->> 'gid' as story_gid,
    s.assignee ->> 'gid' as assignee_gid,
    s.follower ->> 'gid' as follower_gid,
    s.old_section ->> 'gid' as old_section_gid,
    s.new_section ->> 'gid' as new_section_gid,
    s.project ->> 'gid' as project_gid,
    s.tag ->> 'gid' as tag_gid,
    s.custom_field ->> 'gid' as custom_field_gid,
    s.old_enum_value ->> 'gid' as old_enum_value_gid,
    s.new_enum_value ->> 'gid' as new_enum_value_gid,
    s.duplicate_of ->> 'gid' as duplicate_of_gid,
    s.duplicated_from ->> 'gid' as duplicated_from_gid,
    s.dependency ->> 'gid' as dependency_gid,
    s.target ->> 'gid' as target_gid
from {{ source('tap_asana', 'stories') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.task_gid, '') not in (select gid from {{ deleted }})
    and coalesce(s.goal_gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "workspace_gid", cast(null
    as text) as "task_gid", cast(null as text) as "goal_gid", cast(null as timestamp) as "created_at", cast(null as
    text) as "resource_subtype", cast(null as text) as "text", cast(null as text) as "html_text", cast(null as
    boolean) as "is_pinned", cast(null as text) as "sticker_name", cast(null as jsonb) as "created_by", cast(null as
    text) as "type", cast(null as boolean) as "is_editable", cast(null as boolean) as "is_edited", cast(null as
    boolean) as "liked", cast(null as jsonb[]) as "likes", cast(null as numeric) as "num_likes", cast(null as jsonb[])
    as "reaction_summary", cast(null as jsonb[]) as "previews", cast(null as text) as "old_name", cast(null as text)
    as "new_name", cast(null as jsonb) as "old_dates", cast(null as jsonb) as "new_dates", cast(null as text) as
    "old_resource_subtype", cast(null as text) as "new_resource_subtype", cast(null as jsonb) as "story", cast(null as
    jsonb) as "assignee", cast(null as jsonb) as "follower", cast(null as jsonb) as "old_section", cast(null as jsonb)
    as "new_section", cast(null as jsonb) as "task", cast(null as jsonb) as "project", cast(null as jsonb) as "tag",
    cast(null as jsonb) as "custom_field", cast(null as text) as "old_text_value", cast(null as text) as
    "new_text_value", cast(null as numeric) as "old_number_value", cast(null as numeric) as "new_number_value",
    cast(null as jsonb) as "old_enum_value", cast(null as jsonb) as "new_enum_value", cast(null as jsonb) as
    "old_date_value", cast(null as jsonb) as "new_date_value", cast(null as jsonb[]) as "old_people_value", cast(null
    as jsonb[]) as "new_people_value", cast(null as jsonb[]) as "old_multi_enum_values", cast(null as jsonb[]) as
    "new_multi_enum_values", cast(null as text) as "new_approval_status", cast(null as text) as "old_approval_status",
    cast(null as jsonb) as "duplicate_of", cast(null as jsonb) as "duplicated_from", cast(null as jsonb) as
    "dependency", cast(null as text) as "source", cast(null as jsonb) as "target", cast(null as timestamp) as
    "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "created_by_gid", cast(null
    as text) as "story_gid", cast(null as text) as "assignee_gid", cast(null as text) as "follower_gid", cast(null as
    text) as "old_section_gid", cast(null as text) as "new_section_gid", cast(null as text) as "project_gid",
    cast(null as text) as "tag_gid", cast(null as text) as "custom_field_gid", cast(null as text) as
    "old_enum_value_gid", cast(null as text) as "new_enum_value_gid", cast(null as text) as "duplicate_of_gid",
    cast(null as text) as "duplicated_from_gid", cast(null as text) as "dependency_gid", cast(null as text) as
    "target_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('stories') %}
select
    s.*,
    s.created_by.gid as created_by_gid,
    s.story.gid as story_gid,
    s.assignee.gid as assignee_gid,
    s.follower.gid as follower_gid,
    s.old_section.gid as old_section_gid,
    s.new_section.gid as new_section_gid,
    s.project.gid as project_gid,
    s.tag.gid as tag_gid,
    s.custom_field.gid as custom_field_gid,
    s.old_enum_value.gid as old_enum_value_gid,
    s.new_enum_value.gid as new_enum_value_gid,
    s.duplicate_of.gid as duplicate_of_gid,
    s.duplicated_from.gid as duplicated_from_gid,
    s.dependency.gid as dependency_gid,
    s.target.gid as target_gid
from (
    select *
    from {{ source('tap_asana', 'stories') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.task_gid, '') not in (select gid from {{ deleted }})
    and coalesce(s.goal_gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `workspace_gid`,
    cast(null as string) as `task_gid`, cast(null as string) as `goal_gid`, cast(null as timestamp) as `created_at`,
    cast(null as string) as `resource_subtype`, cast(null as string) as `text`, cast(null as string) as `html_text`,
    cast(null as bool) as `is_pinned`, cast(null as string) as `sticker_name`, cast(null as struct<`gid` string,
    `name` string>) as `created_by`, cast(null as string) as `type`, cast(null as bool) as `is_editable`, cast(null as
    bool) as `is_edited`, cast(null as bool) as `liked`, cast(null as array<struct<`gid` string, `user` struct<`gid`
    string, `name` string>>>) as `likes`, cast(null as numeric) as `num_likes`, cast(null as array<struct<`emoji_base`
    string, `variant` string, `count` numeric, `reacted` bool>>) as `reaction_summary`, cast(null as
    array<struct<`fallback` string, `footer` string, `header` string, `header_link` string, `html_text` string, `text`
    string, `title` string, `title_link` string>>) as `previews`, cast(null as string) as `old_name`, cast(null as
    string) as `new_name`, cast(null as struct<`start_on` string, `due_at` timestamp, `due_on` string>) as
    `old_dates`, cast(null as struct<`start_on` string, `due_at` timestamp, `due_on` string>) as `new_dates`,
    cast(null as string) as `old_resource_subtype`, cast(null as string) as `new_resource_subtype`, cast(null as
    struct<`gid` string, `created_at` timestamp, `created_by` struct<`gid` string, `name` string>, `resource_subtype`
    string, `text` string>) as `story`, cast(null as struct<`gid` string, `name` string>) as `assignee`, cast(null as
    struct<`gid` string, `name` string>) as `follower`, cast(null as struct<`gid` string, `name` string>) as
    `old_section`, cast(null as struct<`gid` string, `name` string>) as `new_section`, cast(null as struct<`gid`
    string, `name` string, `resource_subtype` string>) as `task`, cast(null as struct<`gid` string, `name` string>) as
    `project`, cast(null as struct<`gid` string, `name` string>) as `tag`, cast(null as struct<`gid` string, `name`
    string, `representation_type` string>) as `custom_field`, cast(null as string) as `old_text_value`, cast(null as
    string) as `new_text_value`, cast(null as numeric) as `old_number_value`, cast(null as numeric) as
    `new_number_value`, cast(null as struct<`gid` string, `name` string>) as `old_enum_value`, cast(null as
    struct<`gid` string, `name` string>) as `new_enum_value`, cast(null as struct<`start_on` string, `due_at`
    timestamp, `due_on` string>) as `old_date_value`, cast(null as struct<`start_on` string, `due_at` timestamp,
    `due_on` string>) as `new_date_value`, cast(null as array<struct<`gid` string, `name` string>>) as
    `old_people_value`, cast(null as array<struct<`gid` string, `name` string>>) as `new_people_value`, cast(null as
    array<struct<`gid` string, `name` string>>) as `old_multi_enum_values`, cast(null as array<struct<`gid` string,
    `name` string>>) as `new_multi_enum_values`, cast(null as string) as `new_approval_status`, cast(null as string)
    as `old_approval_status`, cast(null as struct<`gid` string, `name` string, `resource_subtype` string>) as
    `duplicate_of`, cast(null as struct<`gid` string, `name` string, `resource_subtype` string>) as `duplicated_from`,
    cast(null as struct<`gid` string, `name` string, `resource_subtype` string>) as `dependency`, cast(null as string)
    as `source`, cast(null as struct<`gid` string, `name` string, `resource_subtype` string>) as `target`, cast(null
    as timestamp) as `_sdc_batched_at`, cast(null as string) as `created_by_gid`, cast(null as string) as `story_gid`,
    cast(null as string) as `assignee_gid`, cast(null as string) as `follower_gid`, cast(null as string) as
    `old_section_gid`, cast(null as string) as `new_section_gid`, cast(null as string) as `project_gid`, cast(null as
    string) as `tag_gid`, cast(null as string) as `custom_field_gid`, cast(null as string) as `old_enum_value_gid`,
    cast(null as string) as `new_enum_value_gid`, cast(null as string) as `duplicate_of_gid`, cast(null as string) as
    `duplicated_from_gid`, cast(null as string) as `dependency_gid`, cast(null as string) as `target_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('stories') %}
select
    s.*,
    (s.created_by ->> '$.gid') as created_by_gid,
    (s.story ->> '$.gid') as story_gid,
    (s.assignee ->> '$.gid') as assignee_gid,
    (s.follower ->> '$.gid') as follower_gid,
    (s.old_section ->> '$.gid') as old_section_gid,
    (s.new_section ->> '$.gid') as new_section_gid,
    (s.project ->> '$.gid') as project_gid,
    (s.tag ->> '$.gid') as tag_gid,
    (s.custom_field ->> '$.gid') as custom_field_gid,
    (s.old_enum_value ->> '$.gid') as old_enum_value_gid,
    (s.new_enum_value ->> '$.gid') as new_enum_value_gid,
    (s.duplicate_of ->> '$.gid') as duplicate_of_gid,
    (s.duplicated_from ->> '$.gid') as duplicated_from_gid,
    (s.dependency ->> '$.gid') as dependency_gid,
    (s.target ->> '$.gid') as target_gid
from {{ source('tap_asana', 'stories') }} as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.task_gid, '') not in (select gid from {{ deleted }})
    and coalesce(s.goal_gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "workspace_gid",
    cast(null as varchar) as "task_gid", cast(null as varchar) as "goal_gid", cast(null as timestamp) as "created_at",
    cast(null as varchar) as "resource_subtype", cast(null as varchar) as "text", cast(null as varchar) as
    "html_text", cast(null as boolean) as "is_pinned", cast(null as varchar) as "sticker_name", cast(null as json) as
    "created_by", cast(null as varchar) as "type", cast(null as boolean) as "is_editable", cast(null as boolean) as
    "is_edited", cast(null as boolean) as "liked", cast(null as json) as "likes", cast(null as double) as "num_likes",
    cast(null as json) as "reaction_summary", cast(null as json) as "previews", cast(null as varchar) as "old_name",
    cast(null as varchar) as "new_name", cast(null as json) as "old_dates", cast(null as json) as "new_dates",
    cast(null as varchar) as "old_resource_subtype", cast(null as varchar) as "new_resource_subtype", cast(null as
    json) as "story", cast(null as json) as "assignee", cast(null as json) as "follower", cast(null as json) as
    "old_section", cast(null as json) as "new_section", cast(null as json) as "task", cast(null as json) as "project",
    cast(null as json) as "tag", cast(null as json) as "custom_field", cast(null as varchar) as "old_text_value",
    cast(null as varchar) as "new_text_value", cast(null as double) as "old_number_value", cast(null as double) as
    "new_number_value", cast(null as json) as "old_enum_value", cast(null as json) as "new_enum_value", cast(null as
    json) as "old_date_value", cast(null as json) as "new_date_value", cast(null as json) as "old_people_value",
    cast(null as json) as "new_people_value", cast(null as json) as "old_multi_enum_values", cast(null as json) as
    "new_multi_enum_values", cast(null as varchar) as "new_approval_status", cast(null as varchar) as
    "old_approval_status", cast(null as json) as "duplicate_of", cast(null as json) as "duplicated_from", cast(null as
    json) as "dependency", cast(null as varchar) as "source", cast(null as json) as "target", cast(null as timestamp)
    as "_sdc_batched_at", cast(null as varchar) as "created_by_gid", cast(null as varchar) as "story_gid", cast(null
    as varchar) as "assignee_gid", cast(null as varchar) as "follower_gid", cast(null as varchar) as
    "old_section_gid", cast(null as varchar) as "new_section_gid", cast(null as varchar) as "project_gid", cast(null
    as varchar) as "tag_gid", cast(null as varchar) as "custom_field_gid", cast(null as varchar) as
    "old_enum_value_gid", cast(null as varchar) as "new_enum_value_gid", cast(null as varchar) as "duplicate_of_gid",
    cast(null as varchar) as "duplicated_from_gid", cast(null as varchar) as "dependency_gid", cast(null as varchar)
    as "target_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('stories') %}
select
    s.*,
    cast(s.created_by:gid as varchar) as created_by_gid,
    cast(s.story:gid as varchar) as story_gid,
    cast(s.assignee:gid as varchar) as assignee_gid,
    cast(s.follower:gid as varchar) as follower_gid,
    cast(s.old_section:gid as varchar) as old_section_gid,
    cast(s.new_section:gid as varchar) as new_section_gid,
    cast(s.project:gid as varchar) as project_gid,
    cast(s.tag:gid as varchar) as tag_gid,
    cast(s.custom_field:gid as varchar) as custom_field_gid,
    cast(s.old_enum_value:gid as varchar) as old_enum_value_gid,
    cast(s.new_enum_value:gid as varchar) as new_enum_value_gid,
    cast(s.duplicate_of:gid as varchar) as duplicate_of_gid,
    cast(s.duplicated_from:gid as varchar) as duplicated_from_gid,
    cast(s.dependency:gid as varchar) as dependency_gid,
    cast(s.target:gid as varchar) as target_gid
from {{ source('tap_asana', 'stories') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.task_gid, '') not in (select gid from {{ deleted }})
    and coalesce(s.goal_gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as workspace_gid,
    cast(null as varchar) as task_gid, cast(null as varchar) as goal_gid, cast(null as timestamp_ntz) as created_at,
    cast(null as varchar) as resource_subtype, cast(null as varchar) as text, cast(null as varchar) as html_text,
    cast(null as boolean) as is_pinned, cast(null as varchar) as sticker_name, cast(null as variant) as created_by,
    cast(null as varchar) as type, cast(null as boolean) as is_editable, cast(null as boolean) as is_edited, cast(null
    as boolean) as liked, cast(null as variant) as likes, cast(null as double) as num_likes, cast(null as variant) as
    reaction_summary, cast(null as variant) as previews, cast(null as varchar) as old_name, cast(null as varchar) as
    new_name, cast(null as variant) as old_dates, cast(null as variant) as new_dates, cast(null as varchar) as
    old_resource_subtype, cast(null as varchar) as new_resource_subtype, cast(null as variant) as story, cast(null as
    variant) as assignee, cast(null as variant) as follower, cast(null as variant) as old_section, cast(null as
    variant) as new_section, cast(null as variant) as task, cast(null as variant) as project, cast(null as variant) as
    tag, cast(null as variant) as custom_field, cast(null as varchar) as old_text_value, cast(null as varchar) as
    new_text_value, cast(null as double) as old_number_value, cast(null as double) as new_number_value, cast(null as
    variant) as old_enum_value, cast(null as variant) as new_enum_value, cast(null as variant) as old_date_value,
    cast(null as variant) as new_date_value, cast(null as variant) as old_people_value, cast(null as variant) as
    new_people_value, cast(null as variant) as old_multi_enum_values, cast(null as variant) as new_multi_enum_values,
    cast(null as varchar) as new_approval_status, cast(null as varchar) as old_approval_status, cast(null as variant)
    as duplicate_of, cast(null as variant) as duplicated_from, cast(null as variant) as dependency, cast(null as
    varchar) as source, cast(null as variant) as target, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as
    timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as created_by_gid, cast(null as varchar) as story_gid,
    cast(null as varchar) as assignee_gid, cast(null as varchar) as follower_gid, cast(null as varchar) as
    old_section_gid, cast(null as varchar) as new_section_gid, cast(null as varchar) as project_gid, cast(null as
    varchar) as tag_gid, cast(null as varchar) as custom_field_gid, cast(null as varchar) as old_enum_value_gid,
    cast(null as varchar) as new_enum_value_gid, cast(null as varchar) as duplicate_of_gid, cast(null as varchar) as
    duplicated_from_gid, cast(null as varchar) as dependency_gid, cast(null as varchar) as target_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
