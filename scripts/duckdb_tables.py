"""The statements that read the files of target-jsonl into tables of DuckDB: `sql/tables_duckdb.sql`."""

from __future__ import annotations

import json

from scripts.dialects.dialect import KEYS, SCHEMAS, STREAMS
from scripts.dialects.duckdb import DuckDB

HEAD = """\
-- Written by python -m scripts.views from the schemas of the streams: see docs/warehouse.md.
-- Reads the files that target-jsonl wrote into tables of the schema asana, which it replaces: the newest row of each
-- key. Set the variable files to their folder first: set variable files = 'output';

create schema if not exists asana;

-- One row for each line; with do_timestamp_file, target-jsonl writes a file for each run.
create or replace temporary table line as
select
    regexp_extract(filename, '(\\w+?)(-\\d{8}T\\d{6})?\\.jsonl$', 1) as stream,
    regexp_extract(filename, '(-\\d{8}T\\d{6})?\\.jsonl$', 1) as run,
    row_number() over () as place,
    json
from read_ndjson_objects(getvariable('files') || '/*.jsonl', filename = true);
"""
SNAPSHOT = " and run = (select max(run) from line where stream = '{stream}')"
"""A full table is what its newest run read; older files of it are history."""

TABLE = """
create or replace table asana.{stream} as
select unnest(from_json(json, '{types}')), current_timestamp at time zone 'UTC' as _sdc_batched_at
from line
where stream = '{stream}'{snapshot}
qualify row_number() over (partition by {key} order by run desc, place desc) = 1;
"""


def table(stream: str) -> str:
    """Return the statement for the table of a stream."""
    dialect = DuckDB()
    fields = SCHEMAS[stream]["properties"]
    types = json.dumps({name: dialect.column_type(field) for name, field in fields.items()})
    key = ", ".join(f"json ->> '$.{name}'" for name in KEYS[stream])
    is_snapshot = STREAMS[stream].replication_method == "FULL_TABLE"
    snapshot = SNAPSHOT.format(stream=stream) if is_snapshot else ""
    return TABLE.format(stream=stream, types=types, key=key, snapshot=snapshot)


def render_tables() -> str:
    """Return the whole file."""
    return HEAD + "".join(map(table, STREAMS)) + "\ndrop table line;\n"
