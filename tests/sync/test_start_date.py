"""Moving the start date to an earlier day backfills the objects excluded so far."""

from __future__ import annotations

import pytest
from harness import PERSON, SERVICE, TINY, Message, Output, asana, clock, sync
from interruptions import interrupted
from methods import FORCED_METHODS, HOUR, METHODS, TASKS_AND_STORIES
from refused_lists import RefusingApi, refusal_with

from fake_asana.model.clock import format_instant
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from fake_asana.world import ManualClock, Sizes, World

LATE = "2026-03-01"


@pytest.mark.parametrize("method", FORCED_METHODS)
@pytest.mark.parametrize("early", ["2025-01-01", None])
def test_an_earlier_start_date_backfills(method: str, early: str | None) -> None:
    """After the start date is moved back or removed, the excluded objects are read once, even if interrupted."""
    api = asana(TINY)
    config = METHODS[method]
    tasks = api.world.expected_records("tasks", str(config["access_token"]))
    first = sync(api, select=TASKS_AND_STORIES, config={**config, "start_date": LATE})
    assert first.gids("tasks") == {gid for gid, task in tasks.items() if str(task["modified_at"]) >= LATE}
    clock(api).advance(HOUR)
    earlier = {**config, "start_date": early}
    cut = interrupted(api, 30, select=TASKS_AND_STORIES, config=earlier, state=first.state)
    second = cut.then(sync(api, select=TASKS_AND_STORIES, config=earlier, state=cut.state or first.state))
    expected = {gid for gid, task in tasks.items() if str(task["modified_at"]) >= (early or "")}
    assert len(expected) > len(first.gids("tasks")) > 0
    assert second.gids("tasks") == expected
    for start_date in (early, LATE, early):
        clock(api).advance(HOUR)
        second = sync(api, select=TASKS_AND_STORIES, config={**config, "start_date": start_date}, state=second.state)
        assert not second.records("tasks")


@pytest.mark.parametrize("method", FORCED_METHODS)
def test_changes_before_a_later_start_date_are_backfilled(method: str) -> None:
    """Changes between the last run and a later start date are read when that date is moved back."""
    api = asana(TINY)
    config = METHODS[method]
    first = sync(api, select=TASKS_AND_STORIES, config=config)
    clock(api).advance(HOUR)
    renamed = min(api.world.gids("tasks", PERSON["access_token"]))
    api.world.rename_task(renamed)
    clock(api).advance(HOUR)
    tomorrow = format_instant(api.world.now())
    clock(api).advance(HOUR)
    second = sync(api, select=TASKS_AND_STORIES, config={**config, "start_date": tomorrow}, state=first.state)
    assert renamed not in second.gids("tasks")
    clock(api).advance(HOUR)
    assert renamed in sync(api, select=TASKS_AND_STORIES, config=config, state=second.state).gids("tasks")


OLD = Sizes(workspaces=1, users=3, teams=1, projects=4, tags=2, tasks=30, stories=1, busiest=4, subtasks=30)
WITH_UPDATES = (*TASKS_AND_STORIES, "status_updates")


def after_the_date_is_removed(api: Api, config: Message, union: Output, date: str | None = LATE) -> Output:
    """Return the messages of earlier runs, of one with a start date, and of the next one without."""
    for start_date in (date, None):
        clock(api).advance(HOUR)
        dated = {**config, "start_date": start_date}
        union = union.then(sync(api, select=WITH_UPDATES, config=dated, state=union.state))
    return union


def lost(api: Api, union: Output, config: Message) -> dict[str, int]:
    """Return how many objects of each stream never came."""
    token = str(config["access_token"])
    left = {stream: set(api.world.gids(stream, token)) - union.gids(stream) for stream in WITH_UPDATES}
    return {stream: len(gids) for stream, gids in left.items() if gids}


@pytest.mark.parametrize("method", FORCED_METHODS)
def test_projects_that_became_visible_under_a_start_date_are_read_whole_later(method: str) -> None:
    """The run with the start date read them from there on: the next one without reads the rest."""
    api, config = asana(OLD), METHODS[method]
    projects = api.world.gids("projects", str(config["access_token"]))
    for project in projects:
        api.world.hide_project(project)
    first = sync(api, select=WITH_UPDATES, config=config)
    for project in projects:
        api.world.share_project(project)
    assert lost(api, after_the_date_is_removed(api, config, first), config) == {}


@pytest.mark.parametrize("method", FORCED_METHODS)
def test_a_list_owed_under_a_start_date_is_read_whole_later(method: str) -> None:
    """The run with the start date paid the debt from there on."""
    api, config = RefusingApi(World.seeded(1, OLD, ManualClock())), METHODS[method]
    people = [f"/api/1.0/tasks assignee={gid}" for gid in api.world.users]
    updates = [f"/api/1.0/status_updates parent={gid}" for gid in api.world.projects]
    subtasks = [f"/api/1.0/tasks/{gid}/subtasks" for gid in api.world.tasks]
    api.refuse_lists([*people, *updates, *subtasks], refusal_with(403))
    first = sync(api, select=WITH_UPDATES, config=config)
    api.reopen()
    assert lost(api, after_the_date_is_removed(api, config, first), config) == {}


def test_tasks_that_only_searches_find_are_read_whole_later() -> None:
    """The run with the start date was the first one that could search, and found those changed since then."""
    api, config = asana(OLD), {**SERVICE, "extraction_method": "auto"}
    (workspace,) = api.world.workspaces.values()
    workspace.missing_features |= {"search", "audit_log"}
    api.world.add_task(workspace=workspace.gid)
    clock(api).advance(HOUR)
    first = sync(api, select=WITH_UPDATES, config=config)
    assert lost(api, first, config) == {"tasks": 1}
    workspace.missing_features.remove("search")
    later = format_instant(api.world.now())
    assert lost(api, after_the_date_is_removed(api, config, first, later), config) == {}


@pytest.mark.parametrize("requests", [25, 40, 60])
@pytest.mark.parametrize("method", ["list", "search"])
def test_a_first_read_that_is_resumed_under_a_start_date_is_completed_later(method: str, requests: int) -> None:
    """The rest of the interrupted read begins at the start date."""
    api, config = asana(OLD), {**METHODS[method], "max_concurrency": 1}
    cut = interrupted(api, requests, select=WITH_UPDATES, config=config)
    assert lost(api, after_the_date_is_removed(api, config, cut), config) == {}


@pytest.mark.parametrize("method", FORCED_METHODS)
def test_a_task_of_the_start_date_itself_is_read(method: str) -> None:
    """Asana does not say whether the bounds of a search include their instant; the tap's start date does."""
    api = asana(TINY, limits=Limits(search_inclusive=frozenset()))
    config = METHODS[method]
    clock(api).advance(HOUR)
    task = api.world.add_task(parent=min(api.world.gids("tasks")))
    start_date = format_instant(api.world.tasks[task].modified)
    clock(api).advance(HOUR)
    assert task in sync(api, select=["tasks"], config={**config, "start_date": start_date}).gids("tasks")
