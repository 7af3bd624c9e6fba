-- Written by python -m scripts.dbt_package from the schema of the stream.
{% set deleted = ref('tap_asana__deleted') %}
{% if target.type == 'postgres' %}
{% if tap_asana_is_loaded('status_updates') %}
select
    s.*,
    s.author ->> 'gid' as author_gid,
    s.created_by ->> 'gid' as created_by_gid,
    s.parent ->> 'gid' as parent_gid
from {{ source('tap_asana', 'status_updates') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(s.parent ->> 'gid', '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as text) as "gid", cast(null as text) as "resource_type", cast(null as text) as "title", cast(null as text)
    as "resource_subtype", cast(null as text) as "text", cast(null as text) as "html_text", cast(null as text) as
    "status_type", cast(null as jsonb) as "author", cast(null as timestamp) as "created_at", cast(null as jsonb) as
    "created_by", cast(null as boolean) as "liked", cast(null as jsonb[]) as "likes", cast(null as jsonb[]) as
    "reaction_summary", cast(null as timestamp) as "modified_at", cast(null as numeric) as "num_likes", cast(null as
    jsonb) as "parent", cast(null as timestamp) as "_sdc_batched_at", cast(null as timestamp) as "_sdc_deleted_at",
    cast(null as text) as "author_gid", cast(null as text) as "created_by_gid", cast(null as text) as "parent_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'bigquery' %}
{% if tap_asana_is_loaded('status_updates') %}
select
    s.*,
    s.author.gid as author_gid,
    s.created_by.gid as created_by_gid,
    s.parent.gid as parent_gid
from (
    select *
    from {{ source('tap_asana', 'status_updates') }}
    where true
    qualify row_number() over (partition by gid order by _sdc_batched_at desc) = 1
) as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce(s.parent.gid, '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as string) as `gid`, cast(null as string) as `resource_type`, cast(null as string) as `title`, cast(null as
    string) as `resource_subtype`, cast(null as string) as `text`, cast(null as string) as `html_text`, cast(null as
    string) as `status_type`, cast(null as struct<`gid` string, `name` string>) as `author`, cast(null as timestamp)
    as `created_at`, cast(null as struct<`gid` string, `name` string>) as `created_by`, cast(null as bool) as `liked`,
    cast(null as array<struct<`gid` string, `user` struct<`gid` string, `name` string>>>) as `likes`, cast(null as
    array<struct<`emoji_base` string, `variant` string, `count` numeric, `reacted` bool>>) as `reaction_summary`,
    cast(null as timestamp) as `modified_at`, cast(null as numeric) as `num_likes`, cast(null as struct<`gid` string,
    `name` string, `resource_type` string>) as `parent`, cast(null as timestamp) as `_sdc_batched_at`, cast(null as
    string) as `author_gid`, cast(null as string) as `created_by_gid`, cast(null as string) as `parent_gid`
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'duckdb' %}
{% if tap_asana_is_loaded('status_updates') %}
select
    s.*,
    (s.author ->> '$.gid') as author_gid,
    (s.created_by ->> '$.gid') as created_by_gid,
    (s.parent ->> '$.gid') as parent_gid
from {{ source('tap_asana', 'status_updates') }} as s
where s.gid not in (select gid from {{ deleted }})
    and coalesce((s.parent ->> '$.gid'), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as "gid", cast(null as varchar) as "resource_type", cast(null as varchar) as "title", cast(null
    as varchar) as "resource_subtype", cast(null as varchar) as "text", cast(null as varchar) as "html_text",
    cast(null as varchar) as "status_type", cast(null as json) as "author", cast(null as timestamp) as "created_at",
    cast(null as json) as "created_by", cast(null as boolean) as "liked", cast(null as json) as "likes", cast(null as
    json) as "reaction_summary", cast(null as timestamp) as "modified_at", cast(null as double) as "num_likes",
    cast(null as json) as "parent", cast(null as timestamp) as "_sdc_batched_at", cast(null as varchar) as
    "author_gid", cast(null as varchar) as "created_by_gid", cast(null as varchar) as "parent_gid"
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% elif target.type == 'snowflake' %}
{% if tap_asana_is_loaded('status_updates') %}
select
    s.*,
    cast(s.author:gid as varchar) as author_gid,
    cast(s.created_by:gid as varchar) as created_by_gid,
    cast(s.parent:gid as varchar) as parent_gid
from {{ source('tap_asana', 'status_updates') }} as s
where s._sdc_deleted_at is null
    and s.gid not in (select gid from {{ deleted }})
    and coalesce(cast(s.parent:gid as varchar), '') not in (select gid from {{ deleted }})
{% else %}
select
    cast(null as varchar) as gid, cast(null as varchar) as resource_type, cast(null as varchar) as title, cast(null as
    varchar) as resource_subtype, cast(null as varchar) as text, cast(null as varchar) as html_text, cast(null as
    varchar) as status_type, cast(null as variant) as author, cast(null as timestamp_ntz) as created_at, cast(null as
    variant) as created_by, cast(null as boolean) as liked, cast(null as variant) as likes, cast(null as variant) as
    reaction_summary, cast(null as timestamp_ntz) as modified_at, cast(null as double) as num_likes, cast(null as
    variant) as parent, cast(null as timestamp_ntz) as _sdc_batched_at, cast(null as timestamp_ntz) as
    _sdc_deleted_at, cast(null as varchar) as author_gid, cast(null as varchar) as created_by_gid, cast(null as
    varchar) as parent_gid
from (select 1 as one) as nothing
where one = 0
{% endif %}
{% else %}
{{ tap_asana_unknown_warehouse() }}
{% endif %}
