"""Names in views are those of the streams of people, projects, sections, tags, custom fields and the like.

A task keeps the names of the time at which it was read. These streams are read whole in each run (docs/freshness.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from duck import rows, with_views
from nested import Rows
from psycopg.rows import dict_row
from translated import with_bigquery_views
from warehouse import Loaded

from scripts.views import SETS, statements

NAMED = ("users", "projects", "sections", "tags", "custom_fields", "teams", "portfolios")
"""The streams of what other records name."""

NEW_NAME = "name || ' (new)'"

Query = Callable[[str], Rows]
"""Runs a query."""


@contextmanager
def in_postgres(loaded: Loaded, _: Path) -> Iterator[Query]:
    """Rename all rows in PostgreSQL, where the loader replaces them, for the time of a test."""
    with psycopg.connect(loaded.database, row_factory=dict_row) as connection:
        for stream in NAMED:
            connection.execute(f"update asana.{stream} set name = {NEW_NAME}".encode())
        yield lambda query: connection.execute(query.encode()).fetchall()
        connection.rollback()


@contextmanager
def in_duckdb(loaded: Loaded, folder: Path) -> Iterator[Query]:
    """Rename all rows in DuckDB, whose tables have the newest ones."""
    with with_views(loaded.runs, folder) as database:
        for stream in NAMED:
            database.execute(f"update asana.{stream} set name = {NEW_NAME}")
        yield lambda query: rows(database, query)


@contextmanager
def in_bigquery(loaded: Loaded, folder: Path) -> Iterator[Query]:
    """Append a row with another name for each row in BigQuery, as its loader does."""
    changed = f"{NEW_NAME} as name, _sdc_batched_at + interval 1 year as _sdc_batched_at"
    with with_bigquery_views(loaded.runs, folder) as database:
        for stream in NAMED:
            database.execute(f"insert into asana.{stream} select * replace ({changed}) from asana.{stream}")
        yield lambda query: rows(database, query)


def shown(query: Query) -> Iterator[tuple[str, str, str]]:
    """Yield each name in each view, with its column and the gid of its object."""
    for view_set in SETS:
        for view in (f'asana_{view_set}."{statement.name}"' for statement in statements(view_set)):
            for row in query(f"select * from {view}"):
                for kind in (column.removesuffix("_name") for column in row if column.endswith("_name")):
                    if gid := row.get(f"{kind}_gid"):
                        yield f"{view}.{kind}_name", gid, row[f"{kind}_name"]


@pytest.mark.parametrize("renamed", [in_postgres, in_duckdb, in_bigquery])
def test_views_show_present_names(
    loaded: Loaded, tmp_path: Path, renamed: Callable[[Loaded, Path], AbstractContextManager[Query]]
) -> None:
    """Each name in each view is the present one of the object whose gid is in the row."""
    names = {stream: {row["gid"]: f"{row['name']} (new)" for row in loaded.records[stream]} for stream in NAMED}
    present = {gid: name for of_stream in names.values() for gid, name in of_stream.items()}
    with renamed(loaded, tmp_path) as query:
        found = [each for each in shown(query) if each[1] in present]
    assert [stream for stream in NAMED if not names[stream].keys() & {gid for _, gid, _ in found}] == []
    assert {column for column, gid, name in found if name != present[gid]} == set()
