"""The views of DuckDB, over tables made of the files of target-jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

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


def over_files(folder: Path, **files: Sequence[Mapping[str, Any]]) -> duckdb.DuckDBPyConnection:
    """Return a database with the views over files, given by their names and records."""
    for name, records in files.items():
        lines = "".join(f"{json.dumps(record)}\n" for record in records)
        (folder / f"{name.replace('_at_', '-')}.jsonl").write_text(lines, encoding="utf-8")
    database = duckdb.connect()
    database.execute(f"set variable files = '{folder}'")
    for name in ("tables", "views"):
        database.execute((SQL / f"{name}_duckdb.sql").read_text(encoding="utf-8"))
    return database


def test_the_newest_file_counts(tmp_path: Path) -> None:
    """A file without a time in its name, from before do_timestamp_file was set, is older than those with one."""
    names = {"tasks": "old", "tasks_at_20260101T000000": "newer", "tasks_at_20260102T000000": "newest"}
    files = {file: [{"gid": "1", "name": name}] for file, name in names.items()}
    with over_files(tmp_path, **files) as database:
        assert database.execute("select name from asana_views.current_task").fetchall() == [("newest",)]


def test_users_are_members_where_memberships_were_not_loaded(tmp_path: Path) -> None:
    """Without the stream workspace_memberships, each user is a member, and has a workload."""
    with over_files(tmp_path, users=[{"gid": "1", "name": "Ana"}]) as database:
        assert database.execute("select user_name, is_member from asana_views.person").fetchall() == [("Ana", True)]
        assert database.execute("select count(*) from asana_views.workload").fetchall() == [(14,)]


def story(gid: str, subtype: str, **details: object) -> dict[str, Any]:
    """Return a story of the task `t`, an hour later than the one with the gid before."""
    return {
        "gid": gid,
        "task_gid": "t",
        "resource_subtype": subtype,
        "created_at": f"2026-01-01T0{gid}:00:00.000Z",
        **details,
    }


TASK = {"gid": "t", "created_at": "2026-01-01T00:00:00.000Z"}


def test_a_stay_at_a_value_ends_where_the_field_left_the_task(tmp_path: Path) -> None:
    """Stays before the last change have an end; the last one is seen only while the task has the field."""
    changes = [
        story("1", "text_custom_field_changed", custom_field={"gid": "f"}, old_text_value="low", new_text_value="high"),
        story("2", "text_custom_field_changed", custom_field={"gid": "f"}, old_text_value="high", new_text_value="low"),
    ]
    query = "select field_value, left_at is null from asana_views.task_custom_field_time order by entered_at"
    ended = [("low", False), ("high", False)]
    with over_files(tmp_path, tasks=[{**TASK, "custom_fields": [{"gid": "f"}]}], stories=changes) as database:
        assert database.execute(query).fetchall() == [*ended, ("low", True)]
        database.execute("update asana.tasks set custom_fields = '[]'")
        assert database.execute(query).fetchall() == ended


def test_stays_in_a_deleted_project_are_left_out(tmp_path: Path) -> None:
    """A loader may keep the sections of a deleted project; without the stream of projects, all projects count."""
    move = story("1", "section_changed", old_section={"gid": "s1"}, new_section={"gid": "s2"})
    sections = [{"gid": gid, "project": {"gid": "p"}} for gid in ("s1", "s2")]
    query = "select count(*) from asana_views.task_section_time"
    with over_files(tmp_path, tasks=[TASK], stories=[move], sections=sections, projects=[{"gid": "p"}]) as database:
        assert database.execute(query).fetchone() == (2,)
        database.execute("update asana.projects set gid = 'other'")
        assert database.execute(query).fetchone() == (0,)
        database.execute("delete from asana.projects")
        assert database.execute(query).fetchone() == (2,)
