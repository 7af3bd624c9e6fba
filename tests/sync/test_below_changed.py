"""What is below a task comes with the task, if the task has left the list that leads there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from harness import asana, clock, sync
from methods import DAY, HOUR, METHODS, TASK_STREAMS, missing_or_stale

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes
from tap_asana.tasks.samples import COMPARED_FIELDS

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
QUARTER = 900
RUNS = 3
"""Ten minutes apart, these are enough for an index that is a quarter of an hour late; else the next run is."""


@pytest.mark.parametrize("pause", [600, HOUR])
@pytest.mark.parametrize("lag", [0, QUARTER])
@pytest.mark.parametrize(("method", "at"), [("auto", 2), ("list", 1)])
def test_what_is_below_a_task_that_moves_past_a_read_comes_once_the_index_shows_the_move(
    method: str, at: int, lag: int, pause: int
) -> None:
    """It leaves the list that leads to its subtasks, which no search found before; its own clock alone shows that.

    It moves out of an archived project before a list of that is read; `at` is the number of this list. With a start
    date, no counts of subtasks tell of them.
    """
    api = asana(WORLD, dialect=Dialect(search_archived=False, moves_modify_tasks=True), limits=Limits(search_lag=lag))
    first, *_, last = sorted(api.world.gids("projects"), key=int)
    moved = next(task for task in api.world.projects[last].ordered_tasks() if len(list(task.projects())) == 1)
    below = api.world.add_task(parent=api.world.add_task(parent=moved.gid))
    api.world.attach(below)
    api.world.archive_project(last)
    clock(api).advance(HOUR)
    lists = 0

    def move(request: HttpRequest) -> None:
        nonlocal lists
        is_read = request.query.get("opt_fields") != ",".join(COMPARED_FIELDS)
        lists += request.query.get("project") == last and is_read
        if lists == at and last in {project.gid for project in moved.projects()}:
            api.world.add_to_project(moved.gid, first)
            api.world.remove_from_project(moved.gid, last)

    start = {"start_date": "2000-01-01"}
    config = {**METHODS[method], **start, "max_concurrency": 1}
    union = sync(api, config=config, select=TASK_STREAMS, on_request=move)
    assert below not in union.gids("tasks")
    for _ in range(1 if lag < pause else RUNS):
        clock(api).advance(pause)
        config = {**METHODS["auto"], **start}
        union = union.then(sync(api, config=config, select=TASK_STREAMS, state=union.state))
    assert missing_or_stale(api, union, METHODS["auto"]["access_token"]) == {}


@pytest.mark.parametrize("lag", [0, QUARTER])
def test_what_is_below_a_task_that_moves_past_lists_comes_with_the_first_run_by_search(lag: int) -> None:
    """The last run reads lists, and its search for other tasks comes before the index shows the move.

    It counts as a run by search. As no subtask existed, nothing showed before whether searches find any.
    """
    api = asana(replace(WORLD, subtasks=0), dialect=Dialect(moves_modify_tasks=True), limits=Limits(search_lag=lag))
    for project in api.world.projects.values():
        project.archived = False
    first, *_, last = sorted(api.world.gids("projects"), key=int)
    tasks = api.world.projects[last].ordered_tasks()
    moved = next(task for task in tasks if len([*task.projects()]) == 1 and not task.tags)
    api.world.assign_task(moved.gid, None)
    clock(api).advance(2 * DAY)
    config = {**METHODS["auto"], "max_concurrency": 1}
    union = sync(api, config=config, select=TASK_STREAMS)
    clock(api).advance(HOUR)
    below = api.world.add_task(parent=moved.gid)
    api.world.comment(below)
    clock(api).advance(HOUR)

    def move(request: HttpRequest) -> None:
        is_read = request.query.get("opt_fields") != ",".join(COMPARED_FIELDS)
        if is_read and request.query.get("project") == last and last in {each.gid for each in moved.projects()}:
            api.world.add_to_project(moved.gid, first)
            api.world.remove_from_project(moved.gid, last)

    union = union.then(sync(api, config=config, select=TASK_STREAMS, state=union.state, on_request=move))
    assert {project.gid for project in moved.projects()} == {first}
    for pause in (30 * HOUR, HOUR):
        clock(api).advance(pause)
        union = union.then(sync(api, config=config, select=TASK_STREAMS, state=union.state))
    assert union.bookmark("projects")["search"]["subtasks"] == "found"
    assert missing_or_stale(api, union, config["access_token"]) == {}
