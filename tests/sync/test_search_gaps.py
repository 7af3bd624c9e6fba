"""A search that leaves out kinds of tasks loses none of them: other lists read what it lacks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import pytest
from expected_losses import unlisted_tasks
from harness import Output, asana, clock, run_limits, sync
from interruptions import archiving_largest
from methods import HOUR, METHODS, TASK_STREAMS, missing_or_stale

from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from fake_asana.server.search import Search
from fake_asana.world import Sizes
from tap_asana.state.search_reach import SEARCH_KINDS
from tap_asana.tasks.samples import COMPARED_FIELDS
from tap_asana.tasks.search_comparison import MAX_LISTS, MAX_SAMPLES

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
AUTO, QUARTER = METHODS["auto"], 900

GAPS: Mapping[str, Dialect] = {
    "archived": Dialect(search_archived=False),
    "subtasks unless asked": Dialect(search_subtasks="asked"),
    "subtasks": Dialect(search_subtasks="never"),
    "others' private tasks": Dialect(search_private="own"),
    "private tasks": Dialect(search_private="never"),
    "archived, and subtasks unless asked": Dialect(search_archived=False, search_subtasks="asked"),
    "all": Dialect(search_archived=False, search_subtasks="never", search_private="never"),
}


def run(api: Api, union: Output, pause: int = HOUR) -> Output:
    """Return some runs and the next one, some seconds later."""
    clock(api).advance(pause)
    api.log.clear()
    return union.then(sync(api, config=AUTO, state=union.state or None, select=TASK_STREAMS))


def settle(api: Api, union: Output, runs: int) -> Output:
    """Return some runs and further ones, each after a change of every task."""
    for _ in range(runs):
        change_all(api)
        union = run(api, union)
    return union


def change_all(api: Api) -> None:
    """Change every task, with a comment and a file on each."""
    for gid in sorted(api.world.tasks):
        clock(api).advance(1)
        api.world.comment(gid)
        api.world.attach(gid)


def lost(api: Api, union: Output) -> Mapping[str, object]:
    """Return what is missing, without the tasks that no list holds if no search finds them either."""
    hidden = unlisted_tasks(api.world, (), AUTO["access_token"]) if api.dialect.search_private != "found" else set()
    for gid in hidden:
        api.world.delete_task(gid)
    return missing_or_stale(api, union, AUTO["access_token"])


@pytest.mark.parametrize("dialect", GAPS.values(), ids=GAPS)
def test_what_a_search_leaves_out_is_read_by_lists(dialect: Dialect) -> None:
    """The first run and the next one lose nothing, whichever tasks a search leaves out."""
    api = asana(WORLD, dialect=dialect)
    for gid in sorted(api.world.gids("projects"))[1:3]:
        api.world.archive_project(gid)
    union = run(api, Output())
    assert lost(api, union) == {}
    change_all(api)
    assert lost(api, run(api, union)) == {}


def test_searches_after_reads_by_list_are_compared_like_those_of_a_first_read() -> None:
    """A read by lists compares nothing and keeps nothing of searches; a search proves later that searches find all."""
    api = asana(WORLD)
    api.world.archive_project(min(api.world.gids("projects")))
    union = sync(api, config=METHODS["list"], select=TASK_STREAMS)
    assert "search" not in union.bookmark("projects")
    verdicts = run(api, union).bookmark("projects")["search"]
    assert {kind: verdicts.get(kind) for kind in SEARCH_KINDS} == dict.fromkeys(SEARCH_KINDS, "found")
    assert compared(api) == 1


def test_the_newest_tasks_are_searched_for_a_kind_that_the_oldest_are_not() -> None:
    """A second search of the comparison is sent only for what the first one has not shown."""
    api = asana(WORLD)
    api.world.archive_project(max(api.world.gids("projects"), key=int))
    union = sync(api, config=METHODS["list"], select=TASK_STREAMS)
    with run_limits(max_search_tasks=10):
        verdicts = run(api, union).bookmark("projects")["search"]
    assert compared(api) == 2
    assert {kind: verdicts.get(kind) for kind in SEARCH_KINDS} == dict.fromkeys(SEARCH_KINDS, "found")


def test_what_earlier_searches_have_left_out_is_read_as_a_whole() -> None:
    """If a version that compared nothing has relied on searches, the first comparison that finds a gap reads all."""
    api = asana(WORLD, dialect=Dialect(search_subtasks="never"))
    union = run(api, Output())
    change_all(api)
    clock(api).advance(HOUR)
    union.bookmark("projects").pop("search")
    for stream in TASK_STREAMS:
        bookmark = {"method": "search", "replication_key_value": format_instant(api.world.now())}
        union.bookmark(stream).update(bookmark)
    assert lost(api, run(api, union)) == {}


def test_a_late_index_that_shows_present_fields_proves_nothing() -> None:
    """It finds tasks that were in an active project a minute ago, and shows them in an archived one alone."""
    dialect = Dialect(search_archived=False, moves_modify_tasks=True)
    api = asana(WORLD, dialect=dialect, limits=Limits(search_lag=1800, search_fresh=True))
    archived, active, *_ = sorted(api.world.gids("projects"))
    tasks = sorted(api.world.projects[archived].tasks)
    for gid in tasks:
        api.world.add_to_project(gid, active)
    api.world.archive_project(archived)
    clock(api).advance(HOUR)
    for gid in tasks:
        api.world.remove_from_project(gid, active)
    union = run(api, Output(), pause=60)
    assert "archived" not in union.bookmark("projects")["search"]
    clock(api).advance(HOUR)
    change_all(api)
    assert lost(api, run(api, union)) == {}


def test_a_project_archived_just_before_a_read_proves_nothing() -> None:
    """Archiving changes no task: a late index finds those of the project a minute later, and none some hours later."""
    api = asana(WORLD, dialect=Dialect(search_archived=False), limits=Limits(search_lag=1800))
    clock(api).advance(HOUR)
    api.world.archive_project(min(api.world.gids("projects")))
    union = run(api, Output(), pause=60)
    assert "archived" not in union.bookmark("projects")["search"]
    clock(api).advance(HOUR)
    change_all(api)
    union = run(api, union)
    assert union.bookmark("projects")["search"]["archived"] == "missing"
    assert lost(api, union) == {}


def test_what_an_index_shows_25_minutes_late_is_read_once() -> None:
    """Changes that the index hides from one run arrive with a later one, and no further run reads them again."""
    api = asana(WORLD, limits=Limits(search_lag=1500))
    first = run(api, Output())
    clock(api).advance(HOUR)
    changed = sorted(api.world.gids("tasks"))[::2]
    for gid in changed:
        api.world.comment(gid)
        api.world.attach(gid)
    hidden = run(api, first, pause=QUARTER)
    late = run(api, hidden, pause=QUARTER)
    assert hidden.gids("tasks") == first.gids("tasks")
    assert len(hidden.records("tasks")) == len(first.records("tasks"))
    assert lost(api, late) == {}
    last = run(api, late, pause=QUARTER)
    assert last.counts()["tasks"] == late.counts()["tasks"]
    assert last.counts()["stories"] == late.counts()["stories"]


def test_an_index_that_lags_for_hours_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    """Lists of a few projects show that searches miss changes: all is read again, and searches begin earlier."""
    api = asana(WORLD, limits=Limits(search_lag=2 * HOUR))
    union = settle(api, run(api, Output()), 3)
    assert "because the index is late; the next run reads everything again by lists" in caplog.text
    union = settle(api, union, 3)
    assert union.state["bookmarks"]["projects"]["partitions"][0]["search"]["lag_seconds"] > 2 * HOUR
    assert lost(api, run(api, run(api, run(api, union)))) == {}


def test_a_gap_that_nobody_expected_is_noticed(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If searches leave out tasks for an unknown reason, lists are read from the next run on."""
    caplog.set_level(logging.INFO, "tap_asana")
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.serial % 4 > 0)
    api = asana(WORLD)
    union = settle(api, run(api, Output()), 2)
    assert "the next run reads everything again by lists, and later runs use lists too" in caplog.text
    union = run(api, union)
    assert "tasks are read by list, because searches have left out changes" in caplog.text
    assert lost(api, union) == {}


def test_what_searches_have_left_out_before_it_was_noticed_is_read_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change in a project whose turn to be checked has not come is missed; it arrives when another one is noticed."""
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.serial % 4 > 0)
    api = asana(WORLD)
    union = run(api, Output())
    hidden = [task for task in api.world.tasks.values() if task.serial % 4 == 0 and task.sections]
    task = max(hidden, key=lambda each: min(int(project.gid) for project in each.projects()))
    api.world.rename_task(task.gid)
    clock(api).advance(HOUR)
    union = run(api, union)
    truth = api.world.expected_records("tasks")[task.gid]["modified_at"]
    assert union.rows("tasks")[task.gid]["modified_at"] != truth
    for other in hidden:
        if other is not task:
            api.world.rename_task(other.gid)
    clock(api).advance(HOUR)
    union = run(api, run(api, union))
    assert union.rows("tasks")[task.gid]["modified_at"] == truth


def test_the_check_reads_further_pages_and_takes_turns(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change beyond the first page is noticed too, and state knows which projects were compared last."""
    api, union = asana(WORLD), Output()
    largest = max(api.world.projects.values(), key=lambda project: len(project.tasks))
    last = largest.ordered_tasks()[-1]
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.gid != last.gid)
    turns = []
    for _ in range(4):
        clock(api).advance(HOUR)
        config = {**AUTO, "page_size": len(largest.tasks) - 1}
        union = union.then(sync(api, config=config, state=union.state or None, select=["tasks"]))
        turns.append(union.bookmark("projects")["search"].get("checked_project"))
        change_all(api)
    projects = sorted(api.world.gids("projects"), key=int)
    assert turns == [None, *(projects[(2 * number - 1) % len(projects)] for number in (1, 2, 3))]
    assert f"such as that of task {last.gid}; the next run reads everything again" in caplog.text


def test_a_project_archived_in_the_middle_of_a_run_is_read_whole_by_the_next() -> None:
    """Its lists were read before, without the attachments that only searches would have found. No story names them."""
    api = asana(replace(WORLD, attached=90), dialect=Dialect(search_archived=False))
    archive = archiving_largest(api)
    clock(api).advance(HOUR)
    first = sync(api, config=AUTO, select=TASK_STREAMS, on_request=archive)
    assert "attachments" in lost(api, first)
    assert lost(api, run(api, first)) == {}


@pytest.mark.parametrize("dialect", [Dialect(), Dialect(search_archived=False)], ids=["found", "archived"])
def test_a_comparison_costs_little(dialect: Dialect) -> None:
    """It takes two searches if nothing is left out, and less than five requests of an increment in any case."""
    api = asana(WORLD, dialect=dialect)
    union = run(api, Output())
    assert compared(api) <= (2 if dialect == Dialect() else MAX_LISTS + MAX_SAMPLES + 2)
    run(api, union)
    assert compared(api) < 5


def compared(api: Api) -> int:
    """Return the requests of the last run that only compare searches with lists."""
    return sum(handled.query.get("opt_fields") == ",".join(COMPARED_FIELDS) for handled in api.log)
