"""A task counts as written by a search only if all that is below it was read too, so that the next run may skip it."""

from __future__ import annotations

from itertools import count

import pytest
from harness import Hook, Output, asana, clock, run_limits, sync
from interruptions import interrupted
from methods import HOUR, SEARCH, TASK_STREAMS, missing_or_stale

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
CONFIG = {**SEARCH, "max_concurrency": 1}
SEARCH_ROUTE = "GET /workspaces/{workspace_gid}/tasks/search"
LATE_SECONDS = 1500
SOON = 1200
"""Seconds after a change in which a run remembers the changed task, and the next one searches for it again."""


def run(api: Api, union: Output, pause: int = HOUR, on_request: Hook | None = None) -> Output:
    """Return some runs and the next one, some seconds later."""
    clock(api).advance(pause)
    state = union.state or None
    return union.then(sync(api, config=CONFIG, select=TASK_STREAMS, state=state, on_request=on_request))


def lost(api: Api, union: Output) -> object:
    """Return what two further runs do not bring either."""
    return missing_or_stale(api, run(api, run(api, union)), CONFIG["access_token"])


def world_with_an_unlisted_task(dialect: Dialect | None = None) -> tuple[Api, str]:
    """Return a workspace and a task of it that is in no list, two days old."""
    api = asana(WORLD, dialect=dialect)
    task = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    clock(api).advance(48 * HOUR)
    return api, task


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [17, 19, 21])
def test_a_resumed_search_leaves_a_change_behind_its_position_to_the_next_run(at: int) -> None:
    """The index shows the change only after the kill, and the search from the other end finds it there."""
    api = asana(WORLD, limits=Limits(search_lag=LATE_SECONDS))
    union = run(api, Output(), 0)
    clock(api).advance(HOUR)
    read = [task for task in api.world.tasks.values() if task.gid in union.gids("tasks")]
    tasks = sorted(read, key=lambda task: task.created)
    for task in (tasks[20], tasks[30]):
        api.world.comment(task.gid)
    clock(api).advance(HOUR)
    api.world.comment(tasks[3].gid)
    clock(api).advance(SOON)
    union = union.then(interrupted(api, at, config=CONFIG, select=TASK_STREAMS, state=union.state))
    union = run(api, union, 900)
    assert lost(api, union) == {}


def refusing_second(api: Api, parameter: str, refusal: Refusal) -> Hook:
    """Return a hook that adds a refusal before the second search, or the second one with a parameter."""
    places = count(1)

    def refuse(request: HttpRequest) -> None:
        is_counted = request.path.endswith("/tasks/search") and (not parameter or parameter in request.query)
        if is_counted and next(places) == 2:
            api.refusals.append(refusal)

    return refuse


@pytest.mark.parametrize("subtasks", ["found", "never"])
def test_the_tasks_of_a_search_that_fails_come_with_the_next_run(subtasks: str) -> None:
    """A search finds a changed task that is in no list, and the next search is refused.

    Where searches leave out subtasks, it is the search for what lists do not reach.
    """
    api, task = world_with_an_unlisted_task(Dialect(search_subtasks="never") if subtasks == "never" else None)
    union = run(api, Output())
    clock(api).advance(HOUR)
    api.world.comment(task)
    refuse = refusing_second(api, "" if subtasks == "found" else "is_subtask", Refusal(SEARCH_ROUTE, 403))
    union = run(api, union, SOON, refuse)
    assert api.refusals
    api.refusals.clear()
    assert lost(api, union) == {}


def test_a_changed_subtask_that_only_a_failed_search_has_found_comes_with_the_next_run() -> None:
    """It is below an unchanged task that is in no list: the lists that replace the search do not lead there."""
    api, task = world_with_an_unlisted_task()
    subtask = api.world.add_task(parent=task)
    clock(api).advance(48 * HOUR)
    union = run(api, Output())
    clock(api).advance(HOUR)
    api.world.comment(subtask)
    union = run(api, union, SOON, refusing_second(api, "", Refusal(SEARCH_ROUTE, 403, times=1)))
    assert union.bookmark("tasks")["method"] == "search"
    assert lost(api, union) == {}


def test_a_read_of_everything_skips_no_task_that_the_last_run_has_written() -> None:
    """Searches leave out subtasks, which a later run finds out; it reads what is below the task that changed last."""
    api, task = world_with_an_unlisted_task(Dialect(search_subtasks="never"))
    for gid in [gid for gid, each in api.world.tasks.items() if each.parent is not None]:
        api.world.delete_task(gid)
    with run_limits(max_uncompared_lists=0):
        union = run(api, Output(), 0)
        api.world.add_task(parent=task)
        api.world.add_task(parent=next(gid for gid, each in api.world.tasks.items() if [*each.projects()]))
        clock(api).advance(5 * HOUR)
        api.world.comment(task)
        union = run(api, union, SOON)
        union = run(api, union, 48 * HOUR)
        assert union.bookmark("projects")["search"]["subtasks"] == "missing"
        assert lost(api, union) == {}


def test_the_tasks_of_a_search_that_finds_older_tasks_once_and_fails_come_with_the_next_run() -> None:
    """A change that the index hides from the search for changes is shown to the next search, which is then refused."""
    api = asana(WORLD, limits=Limits(search_lag=LATE_SECONDS))
    task = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    clock(api).advance(48 * HOUR)
    by_list = {**CONFIG, "extraction_method": "list"}
    union = sync(api, config=by_list, select=TASK_STREAMS)
    clock(api).advance(HOUR)
    api.world.comment(task)
    searches = 0

    def refuse(request: HttpRequest) -> None:
        nonlocal searches
        if request.query.get("is_subtask") == "false":
            searches += 1
            if searches == 1:
                clock(api).advance(LATE_SECONDS - SOON)
            else:
                api.refusals.append(Refusal(SEARCH_ROUTE, 403))

    union = run(api, union, SOON, refuse)
    assert api.refusals
    api.refusals.clear()
    assert lost(api, union) == {}


def test_a_change_that_only_the_second_read_of_a_run_finds_is_left_to_the_next_run() -> None:
    """The index shows it between the two: the first read has found no recent task at all."""
    api = asana(WORLD, limits=Limits(search_lag=LATE_SECONDS))
    union = run(api, Output(), 0)
    clock(api).advance(HOUR)
    union = union.then(sync(api, config=CONFIG, select=["tasks"], state=union.state))
    clock(api).advance(HOUR)
    renamed = min(api.world.gids("tasks", CONFIG["access_token"]))
    api.world.rename_task(renamed)
    searches = count(1)

    def show(request: HttpRequest) -> None:
        if request.path.endswith("/tasks/search") and next(searches) == 3:
            clock(api).advance(10)

    union = run(api, union, LATE_SECONDS - 5, show)
    assert lost(api, union) == {}
