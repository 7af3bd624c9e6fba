"""The views of DuckDB, over tables made of the files of target-jsonl."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from asking import clock_at
from duck import rows, with_views
from warehouse import Loaded, same, view_rows

from scripts.views import SETS, SQL, statements

VIEWS = [(name, statement.name) for name in SETS for statement in statements(name)]


@pytest.fixture(scope="module")
def database(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a DuckDB with the two runs that PostgreSQL has."""
    with with_views(loaded.runs, tmp_path_factory.mktemp("duckdb")) as connected:
        connected.execute(clock_at(loaded.truths[-1].now, "timestamp"))
        yield connected


@pytest.mark.parametrize(("view_set", "view"), VIEWS, ids=[f"{name}.{view}" for name, view in VIEWS])
def test_each_view_has_the_rows_of_postgres(
    loaded: Loaded, database: duckdb.DuckDBPyConnection, view_set: str, view: str
) -> None:
    """A view has the same rows and columns in DuckDB as in PostgreSQL."""
    found = rows(database, f'select * from asana_{view_set}."{view}"')
    same(found, view_rows(loaded, view_set, view))


def test_views_work_over_streams_that_were_not_loaded() -> None:
    """Without any table each view is there, and empty, but for the clock."""
    with duckdb.connect() as empty:
        for name in SETS:
            empty.execute((SQL / f"{name}_duckdb.sql").read_text(encoding="utf-8"))
        assert [view for name, view in VIEWS if rows(empty, f'select * from asana_{name}."{view}"')] == ["clock"]
