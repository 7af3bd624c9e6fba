"""The views of sql/ in a database, as analysts see them, and the records that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

STREAMS = (
    *("users", "teams", "team_memberships", "workspace_memberships", "projects", "sections", "tags"),
    *("tasks", "stories", "deletions"),
)
Row = dict[str, Any]
Rows = list[Row]


class Loaded(NamedTuple):
    """A database with the views, and the records that are to be seen in them."""

    database: str
    records: Mapping[str, Rows]
    gone: set[str]


def told(value: object) -> object:
    """Return a value as a record tells it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def seen(loaded: Loaded, schema: str, view: str) -> Rows:
    """Return the rows of a view, without the moment of loading."""
    query = sql.SQL("select * from {}.{}").format(sql.Identifier(f"asana_{schema}"), sql.Identifier(view))
    with psycopg.connect(loaded.database) as connection:
        cursor = connection.execute(query)
        names = [column.name for column in cursor.description or ()]
        return [
            {name: told(value) for name, value in zip(names, row, strict=True) if name != "_fivetran_synced"}
            for row in cursor
        ]


def same(found: Rows, wanted: Rows) -> None:
    """Check that two tables hold the same rows, in any order, and that there are some."""
    assert wanted
    assert sorted(map(sorted_items, found)) == sorted(map(sorted_items, wanted))


def sorted_items(row: Row) -> str:
    """Return a row as text that does not depend on the order of its columns; a whole number is a number."""
    return repr(sorted((name, float(value) if type(value) is int else value) for name, value in row.items()))


def inner(row: Row, *path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what stands at a path in a record, or null."""
    value: Any = row
    for name in path:
        value = (value or {}).get(name)
    return value
