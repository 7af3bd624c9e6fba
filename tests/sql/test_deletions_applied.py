"""The tables after a person's runs and the statements of docs/deletions.md hold what Asana holds."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from duck import write_files
from harness import KEYS, PERSON, STREAMS, Output, asana, sync
from reads import full_table

from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.world import Sizes
from scripts.views import SQL

WITHOUT_TRUTH = {"deletions", "audit_log_events"}
"""Streams that hold what happened, and not what there is."""

WORLD = Sizes(workspaces=2, users=6, teams=2, projects=6, tags=2, tasks=80, stories=1, busiest=9, subtasks=30)
"""A small world with many subtasks."""

CONFIG = {**PERSON, "extraction_method": "auto"}
"""Search finds the tasks of people who left, which no list holds."""

OF_TASKS = ("tasks", "stories", "attachments", "time_tracking_entries")
"""The incremental streams that docs/deletions.md has read completely when events are lost."""


def tables(runs: list[Output], folder: Path) -> dict[str, set[str]]:
    """Return the keys in the tables of DuckDB after these runs and the statements, run twice."""
    write_files(runs, folder)
    database = duckdb.connect(config={"threads": 1})
    database.execute(f"set variable files = '{folder}'")
    for name in ("tables", "apply_deletions", "apply_deletions"):
        database.execute((SQL / f"{name}_duckdb.sql").read_text(encoding="utf-8"))
    return {
        stream: {
            ":".join(row)
            for row in database.execute(f"select {', '.join(KEYS[stream])} from asana.{stream}").fetchall()
        }
        for stream in STREAMS
        if stream not in WITHOUT_TRUTH
    }


def different(api: Api, found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return, by stream, the keys that only the table or only Asana holds."""
    apart = {stream: keys ^ api.world.expected_records(stream).keys() for stream, keys in found.items()}
    return {stream: keys for stream, keys in apart.items() if keys}


def change(api: Api) -> str:
    """Trash tasks with all that hangs from them, delete a project, and remove a person; return the project's gid."""
    world = api.world
    project = max(world.projects.values(), key=lambda project: len(project.tasks))
    with_children = next(
        task for task in world.tasks.values() if task.subtasks and task.sections and task.gid not in project.tasks
    )
    world.delete_task(with_children.gid)
    world.delete_project(project.gid)
    reader = world.access.viewers[PERSON["access_token"]].user
    member = next(row for row in world.workspace_memberships.values() if row.active and row.user is not reader)
    world.remove_user(member.user.gid, member.workspace.gid)
    return project.gid


def trash_outside_projects(api: Api) -> str:
    """Trash a task without a project, which no event tells a person; return its gid."""
    visible = api.world.expected_records("tasks").values()
    gid = str(next(row["gid"] for row in visible if not (row["projects"] or row["parent"])))
    api.world.delete_task(gid)
    return gid


@pytest.mark.parametrize("status", [200, 403], ids=["last events", "lost events"])
def test_the_tables_equal_asana_after_deletions(status: int, tmp_path: Path) -> None:
    """What was deleted is gone with its children; where events were lost, tasks are right after a complete read."""
    api = asana(WORLD, dialect=Dialect(deleted_project_events=status))
    first = sync(api, config=CONFIG)
    before = {stream: set(api.world.expected_records(stream)) for stream in OF_TASKS}
    change(api)
    outside = trash_outside_projects(api) if status != 200 else ""
    assert before["tasks"] - api.world.expected_records("tasks").keys()
    second = sync(api, config=CONFIG, state=first.state)
    runs = [first, second]
    apart = different(api, tables(runs, tmp_path))
    if status != 200:
        assert apart["tasks"] > {outside}
        assert apart.keys() <= set(OF_TASKS)
        for stream in OF_TASKS:
            for file in tmp_path.glob(f"{stream}-*.jsonl"):
                file.unlink()
        apart = different(api, tables([sync(api, config=CONFIG, catalog=full_table(*OF_TASKS))], tmp_path))
    assert apart == {}
