-- Written by python -m scripts.dbt_package from the schema of the stream.
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('audit_log_events') %}
select
    s.*,
    s.actor ->> 'gid' as actor_gid,
    s.resource ->> 'gid' as resource_gid
from {{ source('tap_asana', 'audit_log_events') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "workspace_gid", cast(null as timestamp) as "created_at", cast(null
    as text) as "event_type", cast(null as text) as "event_category", cast(null as jsonb) as "actor", cast(null as
    jsonb) as "resource", cast(null as text) as "details", cast(null as jsonb) as "context", cast(null as timestamp)
    as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at", cast(null as text) as "actor_gid", cast(null
    as text) as "resource_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('audit_log_events') %}
select
    s.*,
    s.actor.gid as actor_gid,
    s.resource.gid as resource_gid
from (
    select *
    from {{ source('tap_asana', 'audit_log_events') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `workspace_gid`, cast(null as timestamp) as `created_at`,
    cast(null as string) as `event_type`, cast(null as string) as `event_category`, cast(null as struct<`gid` string,
    `name` string, `actor_type` string, `email` string>) as `actor`, cast(null as struct<`gid` string, `name` string,
    `resource_type` string, `resource_subtype` string, `email` string>) as `resource`, cast(null as string) as
    `details`, cast(null as struct<`context_type` string, `api_authentication_method` string, `client_ip_address`
    string, `user_agent` string, `oauth_app_name` string, `rule_name` string, `on_behalf_of_user_id` numeric>) as
    `context`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as string) as `actor_gid`, cast(null as string)
    as `resource_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('audit_log_events') %}
select
    s.*,
    (s.actor ->> '$.gid') as actor_gid,
    (s.resource ->> '$.gid') as resource_gid
from {{ source('tap_asana', 'audit_log_events') }} as s
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "workspace_gid", cast(null as timestamp) as "created_at",
    cast(null as varchar) as "event_type", cast(null as varchar) as "event_category", cast(null as json) as "actor",
    cast(null as json) as "resource", cast(null as varchar) as "details", cast(null as json) as "context", cast(null
    as timestamp) as "_sdc_batched_at", cast(null as varchar) as "actor_gid", cast(null as varchar) as "resource_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('audit_log_events') %}
select
    s.*,
    cast(s.actor:gid as varchar) as actor_gid,
    cast(s.resource:gid as varchar) as resource_gid
from {{ source('tap_asana', 'audit_log_events') }} as s
where s._sdc_deleted_at is null
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as workspace_gid, cast(null as timestamp_ntz) as created_at,
    cast(null as varchar) as event_type, cast(null as varchar) as event_category, cast(null as variant) as actor,
    cast(null as variant) as resource, cast(null as varchar) as details, cast(null as variant) as context, cast(null
    as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as _sdc_deleted_at, cast(null as varchar) as
    actor_gid, cast(null as varchar) as resource_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
