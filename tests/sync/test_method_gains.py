"""Objects out of reach of a method are read once when another method becomes available."""

from __future__ import annotations

from typing import Literal

import pytest
from harness import Message, Output, asana, clock, sync
from interruptions import interrupted
from methods import HOUR, METHODS, TASK_STREAMS, missing_or_stale

from fake_asana.model.choices import TRUNCATED
from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=4, tags=1, tasks=60, stories=1, busiest=4, goals=0)
AUTO, LIST, SEARCH, EXPORT = (METHODS[name] for name in ("auto", "list", "search", "export"))


def workspace(api: Api) -> str:
    """Return the gid of the only workspace."""
    return next(iter(api.world.workspaces))


def create_unlisted_tasks(api: Api, count: int = 3) -> set[str]:
    """Create tasks in no list, each with a subtask, one of these with a subtask too, and all with a story."""
    world, gids = api.world, []
    for _ in range(count):
        clock(api).advance(5)
        gids.append(world.add_task(workspace=workspace(api)))
        gids.append(world.add_task(parent=gids[-1]))
    gids.append(world.add_task(parent=gids[-1]))
    for gid in gids:
        world.comment(gid)
        world.attach(gid)
    return set(gids)


def run(api: Api, config: Message, union: Output, streams: tuple[str, ...] = TASK_STREAMS) -> Output:
    """Return the next run, one hour later."""
    clock(api).advance(HOUR)
    api.log.clear()
    return sync(api, config=config, state=union.state or None, select=streams)


def searches(api: Api) -> int:
    """Count the searches of the last run that read tasks; only those that compare attachments name no order."""
    return sum(each.path.endswith("/tasks/search") and "sort_ascending" in each.query for each in api.log)


def test_new_search_in_a_plan_reads_unlisted_tasks() -> None:
    """Tasks without project, assignee, tag and parent are read by the first run with search, with their children."""
    api = asana(WORLD)
    plan = api.world.workspaces[workspace(api)].missing_features
    plan.add("search")
    lone = create_unlisted_tasks(api)
    first = run(api, AUTO, Output())
    assert not lone & first.gids("tasks")
    plan.remove("search")
    union = first.then(second := run(api, AUTO, first))
    assert lone <= second.gids("tasks")
    assert missing_or_stale(api, union, AUTO["access_token"]) == {}
    third = run(api, AUTO, union)
    assert third.records("tasks") == []
    assert searches(api) == 4  # two for changes and two for attachments


def test_listed_tasks_are_not_read_again_with_search() -> None:
    """The first run with search reads little more than the unlisted tasks, and no task of projects and people."""
    api = asana(WORLD)
    lone = create_unlisted_tasks(api)
    first = run(api, LIST, Output())
    second = run(api, SEARCH, first)
    assert lone <= second.gids("tasks")
    listed = {gid for gid in second.gids("tasks") - lone if any(api.world.tasks[gid].projects())}
    assert listed == set()


@pytest.mark.parametrize("before", ["list", "search"])
def test_a_new_service_account_reads_all_it_can_see(before: str) -> None:
    """The first export after another method is complete, and the next one has the changes."""
    api = asana(WORLD)
    lone = create_unlisted_tasks(api)
    first = run(api, METHODS[before], Output())
    union = first.then(second := run(api, EXPORT, first))
    assert lone <= second.gids("tasks")
    assert missing_or_stale(api, union, EXPORT["access_token"]) == {}
    assert run(api, EXPORT, union).records("tasks") == []


def test_losing_and_regaining_search_loses_nothing() -> None:
    """Changes of unlisted tasks while search is unavailable are read as soon as it is available again."""
    api = asana(WORLD)
    union = run(api, SEARCH, Output())
    union = union.then(run(api, LIST, union))
    lone = create_unlisted_tasks(api)
    union = union.then(run(api, LIST, union))
    assert not lone & union.gids("tasks")
    union = union.then(run(api, SEARCH, union))
    assert missing_or_stale(api, union, SEARCH["access_token"]) == {}


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("method", ["search", "export"])
@pytest.mark.parametrize("at", [8, 20, 32])
def test_a_kill_while_unlisted_tasks_are_read_loses_nothing(method: str, at: int) -> None:
    """A run killed while it reads unlisted tasks is resumed and reads them all."""
    api, config = asana(WORLD), METHODS[method]
    create_unlisted_tasks(api, 6)
    union = run(api, LIST, Output())
    clock(api).advance(HOUR)
    cut = interrupted(api, at, config=config, state=union.state, select=TASK_STREAMS)
    union = union.then(cut)
    union = union.then(run(api, config, union))
    assert missing_or_stale(api, union, config["access_token"]) == {}


def test_the_start_date_applies_to_unlisted_tasks() -> None:
    """Unlisted tasks not modified since the start date are not read by search either."""
    api = asana(WORLD)
    old = create_unlisted_tasks(api)
    clock(api).advance(30 * 86400)
    since = {"start_date": str(format_instant(api.world.now()))}
    clock(api).advance(HOUR)
    young = create_unlisted_tasks(api)
    first = run(api, {**LIST, **since}, Output())
    second = run(api, {**SEARCH, **since}, first)
    assert young <= second.gids("tasks")
    assert not old & second.gids("tasks")


def test_a_state_without_a_method_counts_as_by_list() -> None:
    """States of older versions have no method, so unlisted tasks are read once more."""
    api = asana(WORLD)
    lone = create_unlisted_tasks(api)
    first = run(api, SEARCH, Output())
    state = first.state
    for name in TASK_STREAMS:
        assert state["bookmarks"][name]["partitions"][0].pop("method") == "search"
    clock(api).advance(HOUR)
    second = sync(api, config=SEARCH, state=state, select=TASK_STREAMS)
    assert lone <= second.gids("tasks")


def create_inseparable_tasks(api: Api) -> set[str]:
    """Create more subtasks with equal attributes than a response holds, below a task of a project."""
    top = api.world.add_task(project=next(iter(api.world.projects)))
    return {top, *(api.world.add_task(parent=top) for _ in range(150))}


@pytest.mark.parametrize("before", [None, "list", "search"])
def test_after_a_fallback_to_lists_unlisted_tasks_are_searched(
    before: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """If a search cannot separate subtasks, they are read by list, and unlisted tasks by a search."""
    caplog.set_level("INFO")
    api = asana(WORLD)
    union = run(api, METHODS[before], Output()) if before else Output()
    clock(api).advance(HOUR)
    tasks = create_unlisted_tasks(api) | create_inseparable_tasks(api)
    second = run(api, AUTO, union)
    assert "are alike" in caplog.text
    assert tasks <= second.gids("tasks")
    assert missing_or_stale(api, union.then(second), AUTO["access_token"]) == {}
    assert second.bookmark("tasks")["method"] == "search"
    third = run(api, AUTO, union.then(second))
    assert third.records("tasks") == []


def test_inseparable_unlisted_tasks_are_named_and_read_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Too many equal unlisted tasks are reported in a warning, and read later."""
    api = asana(WORLD, dialect=Dialect(search_ties="first"))
    lone = {api.world.add_task(workspace=workspace(api)) for _ in range(150)}
    first = run(api, AUTO, Output())
    assert not lone <= first.gids("tasks")
    assert "not all tasks without project, tag and listed assignee could be read" in caplog.text
    clock(api).advance(HOUR)
    for gid in sorted(lone)[:75]:
        api.world.complete_task(gid)
    second = run(api, AUTO, first)
    assert lone <= first.then(second).gids("tasks")
    assert missing_or_stale(api, first.then(second), AUTO["access_token"]) == {}


def test_tasks_of_an_unavailable_project_are_read_by_new_search() -> None:
    """The tasks of an unavailable project are read by the first run with search."""
    api = asana(WORLD)
    project = next(iter(api.world.projects))
    lone = {api.world.add_task(project=project) for _ in range(3)}
    api.world.access.deny(project)
    first = run(api, LIST, Output())
    assert not lone & first.gids("tasks")
    second = run(api, SEARCH, first)
    assert lone <= second.gids("tasks")


@pytest.mark.parametrize("later", [False, True], ids=["first read", "increment"])
def test_a_truncated_search_falls_back_to_lists(*, later: bool) -> None:
    """A truncated search does not count as empty: tasks are read by list."""
    api = asana(WORLD)
    union = run(api, AUTO, Output()) if later else Output()
    clock(api).advance(HOUR)
    changed = {gid for gid, task in api.world.tasks.items() if any(task.projects())}
    for gid in changed:
        api.world.rename_task(gid)
    api.refuse("GET /workspaces/{workspace_gid}/tasks/search", 400, message=TRUNCATED)
    second = run(api, AUTO, union)
    assert changed <= second.gids("tasks")
    assert second.bookmark("tasks")["method"] == "list"


@pytest.mark.parametrize("answer", ["taken", "ignored", "refused"])
@pytest.mark.parametrize("before", [None, "list"])
def test_unassigned_tasks_are_read_in_every_dialect(
    before: str | None, answer: Literal["taken", "ignored", "refused"]
) -> None:
    """Asana may accept, ignore or reject the filter for unassigned tasks; it is not documented."""
    api = asana(WORLD, dialect=Dialect(search_unassigned=answer, search_not_unassigned=True))
    lone = create_unlisted_tasks(api)
    union = run(api, METHODS[before], Output()) if before else Output()
    second = run(api, AUTO, union)
    assert lone <= second.gids("tasks")
    assert missing_or_stale(api, union.then(second), AUTO["access_token"]) == {}
    third = run(api, AUTO, union.then(second))
    assert third.records("tasks") == []
    assert searches(api) == 4


@pytest.mark.parametrize("before", [None, "list"])
def test_unassigned_tasks_are_searched_once(before: str | None) -> None:
    """If the search that excludes people finds unassigned tasks, no other search asks for them."""
    api = asana(WORLD)
    lone = create_unlisted_tasks(api)
    union = run(api, METHODS[before], Output()) if before else Output()
    api.log.clear()
    union = union.then(run(api, AUTO, union))
    assert lone <= union.gids("tasks")
    assert missing_or_stale(api, union, AUTO["access_token"]) == {}
    queries = [handled.query for handled in api.log if handled.path.endswith("/tasks/search")]
    assert any("assignee.not" in query for query in queries)
    assert not any("assignee.any" in query for query in queries)
    assert union.bookmark("projects")["search"]["unassigned"] == "found"
