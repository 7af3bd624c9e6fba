-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('teams') %}
select
    s.*,
    s.organization ->> 'gid' as organization_gid
from {{ source('tap_asana', 'teams') }} as s
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "name", cast(null as text)
    as "description", cast(null as text) as "html_description", cast(null as jsonb) as "organization", cast(null as
    text) as "permalink_url", cast(null as text) as "visibility", cast(null as text) as
    "edit_team_name_or_description_access_level", cast(null as text) as
    "edit_team_visibility_or_trash_team_access_level", cast(null as text) as "member_invite_management_access_level",
    cast(null as text) as "guest_invite_management_access_level", cast(null as text) as
    "join_request_management_access_level", cast(null as text) as "team_member_removal_access_level", cast(null as
    text) as "team_content_management_access_level", cast(null as boolean) as "endorsed", cast(null as jsonb[]) as
    "custom_field_settings", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as
    "_sdc_deleted_at", cast(null as text) as "organization_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('teams') %}
select
    s.*,
    s.organization.gid as organization_gid
from (
    select *
    from {{ source('tap_asana', 'teams') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `name`, cast(null as
    string) as `description`, cast(null as string) as `html_description`, cast(null as struct<`gid` string, `name`
    string>) as `organization`, cast(null as string) as `permalink_url`, cast(null as string) as `visibility`,
    cast(null as string) as `edit_team_name_or_description_access_level`, cast(null as string) as
    `edit_team_visibility_or_trash_team_access_level`, cast(null as string) as
    `member_invite_management_access_level`, cast(null as string) as `guest_invite_management_access_level`, cast(null
    as string) as `join_request_management_access_level`, cast(null as string) as `team_member_removal_access_level`,
    cast(null as string) as `team_content_management_access_level`, cast(null as bool) as `endorsed`, cast(null as
    array<struct<`gid` string, `is_important` bool, `custom_field` struct<`gid` string, `name` string>>>) as
    `custom_field_settings`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `organization_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('teams') %}
select
    s.*,
    (s.organization ->> '$.gid') as organization_gid
from {{ source('tap_asana', 'teams') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "name", cast(null
    as varchar) as "description", cast(null as varchar) as "html_description", cast(null as json) as "organization",
    cast(null as varchar) as "permalink_url", cast(null as varchar) as "visibility", cast(null as varchar) as
    "edit_team_name_or_description_access_level", cast(null as varchar) as
    "edit_team_visibility_or_trash_team_access_level", cast(null as varchar) as
    "member_invite_management_access_level", cast(null as varchar) as "guest_invite_management_access_level",
    cast(null as varchar) as "join_request_management_access_level", cast(null as varchar) as
    "team_member_removal_access_level", cast(null as varchar) as "team_content_management_access_level", cast(null as
    boolean) as "endorsed", cast(null as json) as "custom_field_settings", cast(null as timestamp) as
    "_sdc_batched_at", cast(null as varchar) as "organization_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('teams') %}
select
    s.*,
    cast(s.organization:gid as varchar) as organization_gid
from {{ source('tap_asana', 'teams') }} as s
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as name, cast(null as
    varchar) as description, cast(null as varchar) as html_description, cast(null as variant) as organization,
    cast(null as varchar) as permalink_url, cast(null as varchar) as visibility, cast(null as varchar) as
    edit_team_name_or_description_access_level, cast(null as varchar) as
    edit_team_visibility_or_trash_team_access_level, cast(null as varchar) as member_invite_management_access_level,
    cast(null as varchar) as guest_invite_management_access_level, cast(null as varchar) as
    join_request_management_access_level, cast(null as varchar) as team_member_removal_access_level, cast(null as
    varchar) as team_content_management_access_level, cast(null as boolean) as endorsed, cast(null as variant) as
    custom_field_settings, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as
    _sdc_deleted_at, cast(null as varchar) as organization_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
