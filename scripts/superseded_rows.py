"""The statements that drop the superseded rows of a loader that appends: `python -m scripts.superseded_rows`."""

from __future__ import annotations

from scripts.deleted_rows import SQL
from scripts.dialects.dialect import KEYS

FILE = SQL / "drop_superseded_bigquery.sql"
LOADED_AT = "_sdc_batched_at"

DELETE = "delete from {table} as old where exists (select 1 from {table} as new where {same} and {newer})"
SCRIPT = """\
-- Written by python -m scripts.superseded_rows: see docs/loaders.md.
-- Drops the rows of the dataset asana that a later load of the same key replaced, for a loader that appends.
-- Run it after loads, not while one runs. Running it again changes nothing. Streams not selected have no table.

set @@dataset_id = 'asana';

for target in (
    select key.name, key.same
    from unnest([
{keys}
    ]) as key
    inner join asana.INFORMATION_SCHEMA.TABLES as tables on tables.table_name = key.name
)
do
    execute immediate format(
        '{delete}',
        target.name, target.name, target.same
    );
end for;
"""


def same_key(stream: str) -> str:
    """Return the condition that two rows of a stream have the same key."""
    return " and ".join(f"new.{name} = old.{name}" for name in KEYS[stream])


def statement(table: str, same: str) -> str:
    """Return the statement for one table."""
    return DELETE.format(table=table, same=same, newer=f"new.{LOADED_AT} > old.{LOADED_AT}")


def script() -> str:
    """Return the text of the file."""
    first, *others = KEYS
    structs = [f"struct('{first}' as name, '{same_key(first)}' as same)"]
    structs += [f"('{stream}', '{same_key(stream)}')" for stream in others]
    keys = ",\n".join(f"        {struct}" for struct in structs)
    return SCRIPT.format(keys=keys, delete=statement("`%s`", "%s"))


if __name__ == "__main__":
    FILE.write_text(script(), encoding="utf-8")
