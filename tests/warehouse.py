"""The views of sql/ in a database, as seen by analysts, and the records they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import NamedTuple

import psycopg
from answers import Answers, Truth
from harness import Output
from nested import Row, Rows
from psycopg import sql

from scripts.views import SETS, statements
from tap_asana.tap import TapAsana

STREAMS = tuple(sorted({stream for name in SETS for each in statements(name) for stream in each.streams}))
"""The streams that the views read."""

SNAPSHOTS = {
    name
    for name, stream in TapAsana(validate_config=False).streams.items()
    if stream.replication_method == "FULL_TABLE"
}
"""The streams whose tables hold what their last run read."""

LOADED = "_fivetran_synced"
"""The time of loading, which the rows of a test leave out."""


class Loaded(NamedTuple):
    """A database with the views, and the records expected in them."""

    database: str
    records: Mapping[str, Rows]
    gone: set[str]
    runs: tuple[Output, ...]
    truths: tuple[Truth, ...]
    """What the person sees at each run."""

    answers: tuple[Answers, ...]
    """PostgreSQL's answers to the questions after each run."""


def as_record_value(value: object) -> object:
    """Return a database value as it is in a record."""
    if isinstance(value, datetime):
        value = value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def view_rows(loaded: Loaded, schema: str, view: str) -> Rows:
    """Return the rows of a view, without the time of loading."""
    query = sql.SQL("select * from {}.{}").format(sql.Identifier(f"asana_{schema}"), sql.Identifier(view))
    with psycopg.connect(loaded.database) as connection:
        cursor = connection.execute(query)
        names = [column.name for column in cursor.description or ()]
        return [
            {name: as_record_value(value) for name, value in zip(names, row, strict=True) if name != LOADED}
            for row in cursor
        ]


def same(found: Rows, expected: Rows) -> None:
    """Check that two tables hold the same rows in any order, and at least one."""
    assert expected
    assert sorted(map(sorted_items, found)) == sorted(map(sorted_items, expected))


def sorted_items(row: Row) -> str:
    """Return a row as text, regardless of the order of its columns; numbers are rounded."""
    return repr(sorted((name, f"{value:.7g}" if type(value) in {int, float} else value) for name, value in row.items()))
