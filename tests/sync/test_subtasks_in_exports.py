"""Exports may leave out subtasks: the first subtask of a workspace shows it, wherever it is (law 10)."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace

import pytest
from harness import TINY, Message, asana, attempt, clock, sync
from interruptions import killing_before
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, TASKS_AND_STORIES, exports_of, missing_gids

from fake_asana.model.dialect import Dialect


def test_an_export_with_the_first_subtask_of_a_workspace_is_compared() -> None:
    """Nothing showed the first run whether exports contain subtasks; the increment with the first one tells."""
    api = asana(replace(TINY, subtasks=0), dialect=Dialect(exports_subtasks=False, search_subtasks="never"))
    first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert "subtasks" not in exports_of(first)
    clock(api).advance(HOUR)
    parent = next(task for task in api.world.tasks.values() if list(task.projects()))
    api.world.comment(api.world.add_task(parent=parent.gid))
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=first.state)
    assert exports_of(second)["subtasks"] == "missing"
    assert missing_gids(api, first.then(second), EXPORT) == {}


def test_a_changed_subtask_in_a_list_that_is_not_compared_shows_that_exports_lack_it() -> None:
    """It has a project of its own, and the tap finds it below its parent."""
    dialect = Dialect(exports_subtasks=False, search_subtasks="never")
    api = asana(replace(TINY, workspaces=1, subtasks=0), dialect=dialect)
    first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    api.log.clear()
    sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=first.state)
    compared = {request.query["project"] for request in api.log if "project" in request.query}
    others = [project for gid, project in api.world.projects.items() if gid not in compared]
    parent = next(task for task in api.world.tasks.values() if compared & {each.gid for each in task.projects()})
    child = api.world.add_task(parent=parent.gid)
    api.world.add_to_project(child, others[0].gid)
    clock(api).advance(HOUR)
    api.world.comment(child)
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=first.state)
    assert exports_of(second)["subtasks"] == "missing"
    assert missing_gids(api, first.then(second), EXPORT) == {}


@pytest.mark.parametrize("streams", [["stories"], TASKS_AND_STORIES])
def test_subtasks_that_exports_have_left_out_come_although_the_read_of_a_new_stream_shows_it(
    streams: Collection[str],
) -> None:
    """An increment loses the first subtask, below a task that is unchanged and in no compared list."""
    dialect = Dialect(exports_subtasks=False, search_subtasks="never")
    api = asana(replace(TINY, workspaces=1, subtasks=0, projects=12), dialect=dialect)
    tasks = [task for task in api.world.tasks.values() if list(task.projects())]
    for task in tasks:
        api.world.assign_task(task.gid, None)
    clock(api).advance(HOUR)
    union = sync(api, config=EXPORT, select=["tasks"])
    api.log.clear()
    sync(api, config=EXPORT, select=["tasks"], state=union.state)
    compared = {request.query["project"] for request in api.log if "project" in request.query}
    parent = next(task for task in tasks if compared.isdisjoint(each.gid for each in task.projects()))
    subtask = api.world.add_task(parent=parent.gid)
    for selected in (["tasks"], streams, TASKS_AND_STORIES):
        clock(api).advance(HOUR)
        assert subtask not in union.gids("tasks")
        union = union.then(sync(api, config=EXPORT, select=selected, state=union.state))
    assert exports_of(union)["subtasks"] == "missing"
    assert subtask in union.gids("tasks")


@pytest.mark.parametrize("config", [EXPORT, {**EXPORT, "start_date": "2001-01-01T00:00:00Z"}], ids=["all", "since"])
def test_subtasks_left_out_by_a_resumed_first_export_come_although_its_own_increment_shows_it(config: Message) -> None:
    """The subtasks with which the first file is compared change before it is read, so that they prove nothing."""
    dialect = Dialect(exports_subtasks=False, search_subtasks="never")
    api = asana(replace(TINY, workspaces=1, subtasks=0), dialect=dialect)
    parents = [api.world.add_task(project=min(api.world.projects, key=int)) for _ in range(12)]
    unchanged, *others = (api.world.add_task(parent=parent) for parent in (parents[1], *parents[:1], *parents[2:]))
    clock(api).advance(HOUR)
    at_job = killing_before(lambda request: "/jobs/" in request.path)
    union = attempt(api, config=config, select=["tasks"], on_request=at_job).confirmed()
    clock(api).advance(HOUR)
    for subtask in others:
        api.world.comment(subtask)
    clock(api).advance(HOUR)
    api.log.clear()
    union = union.then(sync(api, config=config, select=["tasks"], state=union.state))
    assert "subtasks" in exports_of(union)
    assert [handled.template for handled in api.log].count("POST /exports/resource") == 1  # the first file is accepted
    clock(api).advance(HOUR)
    union = union.then(sync(api, config=config, select=["tasks"], state=union.state))
    assert {unchanged, *others} <= union.gids("tasks")


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_file_without_subtasks_needs_their_lists(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """While Asana refuses one, lists are read in place of the export, and the subtasks are owed (seed 9600009908)."""
    caplog.set_level(logging.INFO, "tap_asana")
    api = asana(replace(TINY, subtasks=0), dialect=Dialect(exports_subtasks=False, search_subtasks="never"))
    task = min(gid for gid, each in api.world.tasks.items() if each.sections and not each.subtasks)
    subtask = api.world.add_task(parent=task)
    api.refuse("GET /tasks/{task_gid}/subtasks", status, gid=task)
    first = sync(api, config=EXPORT, select=["tasks"])
    assert subtask not in first.gids("tasks")
    assert f"the export contains no subtasks, and a list of some is refused ({status})" in caplog.text
    assert "1 lists still owed" in caplog.text
    api.refusals.clear()
    clock(api).advance(HOUR)
    assert subtask in sync(api, config=EXPORT, select=["tasks"], state=first.state).gids("tasks")


def test_a_pass_shows_that_exports_leave_out_subtasks() -> None:
    """The first subtask is new, below a task that has not changed and is far down its list (seed 9600021068)."""
    api = asana(replace(TINY, subtasks=0), dialect=Dialect(exports_subtasks=False, search_private="never"))
    workspace = next(iter(api.world.workspaces))
    tasks = [api.world.add_task(workspace=workspace, assignee=min(api.world.users)) for _ in range(5)]
    clock(api).advance(HOUR)
    config = {**EXPORT, "page_size": 1, "reconcile_days": 1}
    output = sync(api, config=config, select=["tasks"])
    clock(api).advance(HOUR)
    subtask = api.world.add_task(parent=tasks[2])
    for _ in range(4):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=["tasks"], state=output.state))
    assert subtask in output.gids("tasks")
