"""Each view of BigQuery runs, translated for DuckDB, and has the rows of PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from asking import clock_at
from duck import rows
from nested import Rows
from translated import with_bigquery_views
from warehouse import Loaded, sorted_items, view_rows

from scripts.views import SETS, statements

MIDNIGHT = "T00:00:00.000Z"
"""The end of a day that DuckDB has made a timestamp, as BigQuery does not."""


def comparable(table: Rows) -> list[str]:
    """Return the rows of a view in one order, days as days."""
    days = [
        {name: value.removesuffix(MIDNIGHT) if isinstance(value, str) else value for name, value in row.items()}
        for row in table
    ]
    return sorted(map(sorted_items, days))


def test_each_view_of_bigquery_has_the_rows_of_postgres(loaded: Loaded, tmp_path: Path) -> None:
    """A view has the same rows and columns in BigQuery as in PostgreSQL, and at least one row."""
    views = [(name, statement.name) for name in SETS for statement in statements(name)]
    with with_bigquery_views(loaded.runs, tmp_path) as database:
        database.execute(clock_at(loaded.truths[-1].now, "timestamptz"))
        found = {each: rows(database, 'select * from asana_{}."{}"'.format(*each)) for each in views}
    assert all(found.values())
    assert [each for each in views if comparable(found[each]) != comparable(view_rows(loaded, *each))] == []
