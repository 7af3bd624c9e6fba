"""What searches have left out is read again for each stream that has relied on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from harness import Hook, Output, asana, clock, run_limits, sync
from interruptions import archiving_largest, interrupted, refusing_searches
from methods import HOUR, SEARCH, TASK_STREAMS, TASKS_AND_STORIES, missing_or_stale

from fake_asana.messages import HttpRequest
from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect
from fake_asana.model.tasks import Task
from fake_asana.server.api import Api
from fake_asana.server.search import Search
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
CONFIG = {**SEARCH, "max_concurrency": 1}


def hidden_tasks(api: Api) -> list[Task]:
    """Return the tasks in projects that no search finds in these worlds, those of the last project last."""
    hidden = [task for task in api.world.tasks.values() if task.serial % 4 == 0 and task.sections]
    return sorted(hidden, key=first_project)


def first_project(task: Task) -> int:
    """Return the project of a task whose changes are compared with searches first."""
    return min(int(project.gid) for project in task.projects())


def run(api: Api, union: Output, streams: Collection[str], pause: int = HOUR, on_request: Hook | None = None) -> Output:
    """Return some runs and the next one of these streams, some seconds later."""
    clock(api).advance(pause)
    return union.then(sync(api, config=SEARCH, select=streams, state=union.state or None, on_request=on_request))


@pytest.mark.parametrize("second", [TASKS_AND_STORIES, ["tasks"]])
def test_a_gap_is_read_again_for_a_stream_that_is_read_behind_a_new_one(second: Collection[str]) -> None:
    """The read of the new stream comes first, maybe in a run of its own; it shows that searches leave out subtasks."""
    api = asana(WORLD, dialect=Dialect(search_subtasks="never"))
    clock(api).advance(48 * HOUR)
    for gid in api.world.gids("tasks"):
        api.world.comment(api.world.add_task(parent=gid))
    with run_limits(max_uncompared_lists=0):
        union = run(api, Output(), ["stories"])
        union = run(api, union, second, 48 * HOUR)
        assert union.bookmark("projects")["search"]["subtasks"] == "missing"
        union = run(api, union, TASKS_AND_STORIES)
        assert union.bookmark("projects")["search"].keys().isdisjoint({"whole", "whole_for"})
    assert set(api.world.gids("stories")) <= union.gids("stories")


def test_a_change_that_no_search_has_found_is_read_again_if_a_new_stream_is_read_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The check after the first read finds another one; the read of the new stream in the same run is not enough."""
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.serial % 4 > 0)
    api = asana(WORLD)
    union = run(api, Output(), ["tasks"])
    *others, task = hidden_tasks(api)
    api.world.rename_task(task.gid)
    union = run(api, union, ["tasks"], 2 * HOUR)
    for other in others:
        api.world.rename_task(other.gid)
    union = run(api, union, TASKS_AND_STORIES, 2 * HOUR)
    union = run(api, union, TASKS_AND_STORIES)
    truth = api.world.expected_records("tasks")
    assert union.rows("tasks")[task.gid]["modified_at"] == truth[task.gid]["modified_at"]


def test_what_searches_have_left_out_is_read_again_for_a_stream_that_the_next_run_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run with fewer streams reads everything again, and a later one does so for the others; no run after that."""
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.serial % 4 > 0)
    api = asana(WORLD)
    union = run(api, Output(), TASK_STREAMS)
    *others, task = hidden_tasks(api)
    api.world.comment(task.gid)
    union = run(api, union, TASK_STREAMS)
    for other in others:
        api.world.comment(other.gid)
    union = run(api, union, TASK_STREAMS)
    assert union.bookmark("projects")["search"]["whole"]
    union = run(api, union, ["tasks", "projects"])
    assert union.bookmark("projects")["search"]["whole_for"] == ["attachments", "stories"]
    union = run(api, union, TASK_STREAMS)
    assert union.bookmark("projects")["search"].keys().isdisjoint({"whole", "whole_for"})
    assert missing_or_stale(api, union, SEARCH["access_token"]) == {}


def test_a_newly_archived_project_is_read_whole_for_a_stream_that_the_next_run_leaves_out() -> None:
    """It was archived between its list and the search for attachments of the first run, and no story tells of these."""
    api = asana(replace(WORLD, attached=90), dialect=Dialect(search_archived=False))
    archive = archiving_largest(api)
    clock(api).advance(HOUR)
    union = sync(api, config=CONFIG, select=TASK_STREAMS, on_request=archive)
    assert missing_or_stale(api, union, SEARCH["access_token"])
    union = run(api, union, ["tasks", "projects"])
    assert {*union.bookmark("projects")["search"]["archived_for"]} == {"attachments", "stories"}
    union = run(api, union, TASK_STREAMS)
    assert "archived_for" not in union.bookmark("projects")["search"]
    assert missing_or_stale(api, union, SEARCH["access_token"]) == {}


def test_what_searches_have_left_out_is_read_again_once_a_start_date_is_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The run that reads everything again has a start date later than a change that the searches have left out."""
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.serial % 4 > 0)
    api = asana(WORLD)
    union = run(api, Output(), TASKS_AND_STORIES)
    for task in hidden_tasks(api):
        api.world.rename_task(task.gid)
        api.world.comment(task.gid)
    while not union.bookmark("projects").get("search", {}).get("whole"):
        union = run(api, union, [*TASKS_AND_STORIES, "projects"])
    start_date = format_instant(api.world.now())
    for date in (start_date, None):
        clock(api).advance(HOUR)
        config = {**SEARCH, "start_date": date}
        union = union.then(sync(api, config=config, select=[*TASKS_AND_STORIES, "projects"], state=union.state))
    assert "whole" not in union.bookmark("projects")["search"]
    truth, rows = api.world.expected_records("tasks"), union.rows("tasks")
    assert {gid for gid in truth if rows[gid]["modified_at"] != truth[gid]["modified_at"]} == set()
    assert set(api.world.gids("stories")) <= union.gids("stories")


def test_a_newly_archived_project_is_read_whole_once_a_start_date_is_removed() -> None:
    """It was archived between its list and the search for attachments of the first run; the next one has a date."""
    api = asana(replace(WORLD, attached=90), dialect=Dialect(search_archived=False))
    archive = archiving_largest(api)
    clock(api).advance(HOUR)
    start_date = format_instant(api.world.now())
    clock(api).advance(HOUR)
    config = {**SEARCH, "max_concurrency": 1}
    union = sync(api, config=config, select=TASK_STREAMS, on_request=archive)
    assert missing_or_stale(api, union, SEARCH["access_token"])
    for date in (start_date, None):
        clock(api).advance(HOUR)
        dated = {**config, "start_date": date}
        union = union.then(sync(api, config=dated, select=TASK_STREAMS, state=union.state))
    assert missing_or_stale(api, union, SEARCH["access_token"]) == {}


def test_a_read_of_everything_for_a_third_bookmark_is_none_for_the_streams_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The check after the first stream demands it, and a search for the second is refused, so that lists replace it."""
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.serial % 4 > 0)
    api = asana(WORLD)
    union = run(api, Output(), TASKS_AND_STORIES)
    of_stories = union.bookmark("stories")["replication_key_value"]
    *others, task = hidden_tasks(api)
    api.world.rename_task(task.gid)
    union = run(api, union, ["tasks"], 2 * HOUR)
    for other in others:
        api.world.rename_task(other.gid)
    refuse = refusing_searches(api, lambda since: since < of_stories)
    union = run(api, union, TASK_STREAMS, 2 * HOUR, on_request=refuse)
    assert union.bookmark("projects")["search"]["whole_for"] == ["stories", "tasks"]
    union = run(api, union, TASK_STREAMS)
    assert union.bookmark("projects")["search"].keys().isdisjoint({"whole", "whole_for"})
    truth = api.world.expected_records("tasks")
    assert union.rows("tasks")[task.gid]["modified_at"] == truth[task.gid]["modified_at"]


@pytest.mark.usefixtures("eager")
def test_no_read_of_everything_resumes_where_lists_have_replaced_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check after the first stream demands it, and these lists of changes for the second one are killed."""
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.serial % 4 > 0)
    api = asana(WORLD)
    union = run(api, Output(), TASKS_AND_STORIES)
    of_tasks = union.bookmark("tasks")["replication_key_value"]
    *others, task = hidden_tasks(api)
    story = api.world.comment(task.gid)
    union = run(api, union, ["stories"], 2 * HOUR)
    for other in others:
        if first_project(other) < first_project(task):
            api.world.rename_task(other.gid)
    refuse = refusing_searches(api, lambda since: since > of_tasks)

    def kill(request: HttpRequest) -> bool:
        refuse(request)
        return {"assignee", "modified_since"} <= request.query.keys()

    clock(api).advance(2 * HOUR)
    union = union.then(interrupted(api, kill, config=CONFIG, select=TASKS_AND_STORIES, state=union.state))
    assert union.bookmark("stories")["window"]["positions"]
    api.refusals.clear()
    for _ in range(2):
        union = run(api, union, TASKS_AND_STORIES, 60)
    assert story in union.gids("stories")


def test_what_a_comparison_under_a_start_date_shows_is_read_again_once_the_date_is_removed() -> None:
    """The run that compares reads everything at once, from a start date later than what searches have left out."""
    api, streams = asana(WORLD, dialect=Dialect(search_subtasks="never")), [*TASK_STREAMS, "projects"]
    for gid in [task.gid for task in api.world.tasks.values() if task.parent]:
        if gid in api.world.tasks:
            api.world.delete_task(gid)
    with run_limits(max_uncompared_lists=0):
        union = run(api, Output(), streams, 48 * HOUR)
        for gid in [task.gid for task in api.world.tasks.values() if task.sections][:3]:
            api.world.add_task(parent=gid)
        union = run(api, run(api, union, streams), streams)
        start_date = format_instant(api.world.now())
        union = run(api, union, streams, 18 * HOUR)
        assert "subtasks" not in union.bookmark("projects")["search"]
        for date in (start_date, None):
            clock(api).advance(9 * HOUR)
            union = union.then(sync(api, config={**SEARCH, "start_date": date}, select=streams, state=union.state))
            assert union.bookmark("projects")["search"]["subtasks"] == "missing"
            assert union.bookmark("tasks").get("read_since") == date
    assert missing_or_stale(api, union, SEARCH["access_token"]) == {}
