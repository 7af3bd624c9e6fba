"""Searches that find tasks in the trash: their rows are named as deleted, although no event of the token tells it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

import pytest
from harness import Message, Output, asana, clock, sync
from methods import HOUR, SEARCH
from passes import FEW

from fake_asana.model.choices import RefusalForm, TrashForm
from fake_asana.server.api import Api, Dialect
from fake_asana.world import Sizes

COMPARED = Sizes(workspaces=1, users=4, teams=2, projects=2, tags=1, tasks=27, stories=1, busiest=7, subtasks=40)
"""A world in which comparisons show that searches find all kinds of tasks, so that passes search."""

WORLDS = pytest.mark.parametrize("sizes", [FEW, COMPARED], ids=["lists", "searches"])
TRASHED = Dialect(trash=TrashForm(searched=True))
DAY: Message = {**SEARCH, "reconcile_days": 1, "follow_events": False}


def world_of(sizes: Sizes, dialect: Dialect = TRASHED) -> Api:
    """Return an Asana whose searches find tasks in the trash; no project is archived in the world of comparisons."""
    api = asana(sizes, dialect=dialect)
    for project in api.world.projects.values() if sizes is COMPARED else ():
        project.archived = False
    return api


def later(api: Api, output: Output, config: Message, streams: Sequence[str]) -> Output:
    """Return the output with that of a run 13 hours later."""
    clock(api).advance(13 * HOUR)
    return output.then(sync(api, config=config, select=streams, state=output.state))


def delete_subtask(api: Api) -> str:
    """Delete a subtask, which a first read finds by search alone; return its gid."""
    seen = api.world.gids("tasks", SEARCH["access_token"])
    gid = next(gid for gid, task in api.world.tasks.items() if gid in seen and task.parent)
    api.world.delete_task(gid)
    clock(api).advance(HOUR)
    return gid


def sources(output: Output, gid: str) -> set[str]:
    """Return the sources of the rows that name an object as deleted."""
    return {row["source"] for row in output.records("deletions") if row["gid"] == gid and row["action"] == "deleted"}


def requested(api: Api) -> list[str]:
    """Return the tasks that were requested by their gids."""
    paths = [each.path.removeprefix("/api/1.0") for each in api.log]
    return [path for path in paths if path.startswith("/tasks/") and path.count("/") == len(("/tasks", "/gid"))]


def test_a_task_without_stories_is_named_by_the_next_run() -> None:
    """Their list answers 404, and is owed; when it is requested again, so is the task."""
    api, streams = world_of(FEW), ("tasks", "stories")
    gid = delete_subtask(api)
    output = sync(api, config=SEARCH, select=("deletions", *streams))
    assert gid in output.gids("tasks")
    assert sources(later(api, output, SEARCH, ("deletions", *streams)), gid) == {"tasks"}


@pytest.mark.parametrize(
    ("streams", "source"), [(("tasks",), "reconciled"), (("tasks", "stories"), "tasks")], ids=["tasks", "stories"]
)
def test_a_pass_names_what_a_first_read_has_found(streams: Sequence[str], source: str) -> None:
    """It requests each task whose lists prove nothing, unless an owed list has named it; a restored one is found."""
    api, selected = world_of(FEW), ("deletions", *streams)
    gid = delete_subtask(api)
    output = sync(api, config=DAY, select=selected)
    output = later(api, output, DAY, selected)
    assert sources(output, gid) == {source}
    api.world.undelete_task(gid)
    restored = later(api, Output(output.of("STATE")), DAY, selected)
    assert gid in restored.gids("tasks")
    assert not sources(restored, gid)


@WORLDS
def test_a_pass_names_what_an_increment_has_found(sizes: Sizes) -> None:
    """An old task in the trash is new to the target, and no state knows it."""
    api, selected = world_of(sizes), ("deletions", "tasks")
    seen = api.world.gids("tasks", SEARCH["access_token"])
    assigned = next(each for each in api.world.tasks.values() if each.gid in seen and each.assignee and not each.parent)
    api.world.delete_task(assigned.gid)
    output = sync(api, config=DAY, select=selected)
    assert assigned.gid not in output.gids("tasks")
    output = later(api, output, DAY, selected)
    assert assigned.gid in output.gids("tasks")
    assert "reconciled" in sources(later(api, output, DAY, selected), assigned.gid)


@WORLDS
def test_a_pass_counts_what_asana_refuses_in_the_trash(sizes: Sizes, caplog: pytest.LogCaptureFixture) -> None:
    """With 403 for the trash, a task there looks like a hidden one: it stays, and the line of the pass says so."""
    caplog.set_level(logging.INFO, "tap_asana")
    api = world_of(sizes, replace(TRASHED, refusals=RefusalForm(trashed=403)))
    seen, selected = api.world.gids("tasks", SEARCH["access_token"]), ("deletions", "tasks")
    output = sync(api, config=DAY, select=selected)
    gid = next(each.gid for each in api.world.tasks.values() if each.gid in seen and each.assignee and not each.parent)
    api.world.delete_task(gid)
    output = later(api, output, DAY, selected)
    caplog.clear()
    output = later(api, output, DAY, selected)
    assert "reconciled" not in sources(later(api, output, DAY, selected), gid)
    assert "that Asana refuses are hidden, or in the trash" in caplog.text


def test_lists_below_tasks_prove_them() -> None:
    """A pass requests no task by itself whose stories or attachments were listed."""
    api, selected = world_of(COMPARED), ("deletions", "tasks", "stories")
    output = sync(api, config=DAY, select=selected)
    api.log.clear()
    later(api, output, DAY, selected)
    assert requested(api) == []


def test_a_deleted_task_is_searched_but_unknown() -> None:
    """The fake Asana answers 404 for what its searches find in the trash."""
    api = world_of(FEW)
    gid = delete_subtask(api)
    output = sync(api, config=SEARCH, select=("tasks", "stories"))
    assert gid in output.gids("tasks")
    refused = [each.path for each in api.log if gid in each.path and each.status == HTTPStatus.NOT_FOUND]
    assert refused == [f"/api/1.0/tasks/{gid}/stories"]
