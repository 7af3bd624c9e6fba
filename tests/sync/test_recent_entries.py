"""Time tracked on tasks without any other change arrives in the next run, by the workspace's list of entries."""

from __future__ import annotations

import logging
from datetime import datetime, timezone

import pytest
from harness import PERSON, TINY, Message, Output, asana, attempt, clock, discovered, selecting, stream_metadata, sync
from methods import DAY, HOUR, LIST, every_method
from recent_entries import (
    ENTRIES,
    ROUTE,
    STREAMS,
    before_request,
    last_entry,
    next_run,
    requests_of,
    with_entries,
    workspaces,
    wrong_entries,
)

from fake_asana.messages import HttpRequest
from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api

EDITED_MINUTES = 7


@every_method
def test_new_and_edited_entries_arrive_in_the_next_run(config: Message) -> None:
    """No event, no change of the task, and no other entry is needed."""
    api, first, tasks = with_entries(config)
    world = api.world
    new = world.track_time(tasks[0])
    world.edit_time(last_entry(world, tasks[1]))
    assert len(wrong_entries(api, first, config)) == 2
    second = next_run(api, first, config)
    assert not wrong_entries(api, first.then(second), config)
    assert new in second.gids(ENTRIES)
    assert not second.gids("tasks")
    assert {row["task_gid"] for row in second.records(ENTRIES) if row["gid"] == new} == {tasks[0]}


def test_unchanged_entries_cost_one_request_and_are_not_written() -> None:
    """The day is that of the last run, a week before; days without a change are not written again."""
    api, first, _ = with_entries()
    second = next_run(api, first)
    assert not second.records(ENTRIES)
    assert len(requests_of(api)) == len(workspaces(api, LIST))
    week_before = datetime.fromtimestamp(clock(api)() - 2 * HOUR - 7 * DAY, timezone.utc).date()
    assert {query["entered_on_start_date"] for query in requests_of(api)} == {week_before.isoformat()}


def test_only_the_days_of_changed_entries_are_written() -> None:
    """An edit brings the entries of its day."""
    api, first, tasks = with_entries()
    world = api.world
    entry = world.time_entries.rows[last_entry(world, tasks[0])]
    world.edit_time(entry.gid)
    second = next_run(api, first)
    same_day = {each.gid for each in world.time_entries if each.entered_on == entry.entered_on}
    assert {entry.gid} <= second.gids(ENTRIES) <= same_day


def test_an_entry_read_with_its_task_is_written_once() -> None:
    """A changed task brings its entries; the list of the workspace does not repeat them."""
    api, first, tasks = with_entries()
    api.world.track_time(tasks[0])
    api.world.comment(tasks[0])
    gids = [row["gid"] for row in next_run(api, first).records(ENTRIES)]
    assert len(gids) == len(set(gids))
    assert last_entry(api.world, tasks[0]) in gids


def with_edited_entry() -> tuple[Api, Output, str, int]:
    """Return an Asana where an entry and its task have changed, the run before, the entry, and its old minutes."""
    api, first, tasks = with_entries()
    entry = last_entry(api.world, tasks[0])
    minutes = api.world.time_entries.rows[entry].minutes
    api.world.edit_time(entry, EDITED_MINUTES)
    api.world.comment(tasks[0])
    return api, first, entry, minutes


def test_an_edit_that_is_undone_is_right_again() -> None:
    """Between both edits the task brought its entries, while the list of the workspace was refused."""
    api, first, entry, minutes = with_edited_entry()
    api.refuse(ROUTE, 403)
    second = next_run(api, first)
    assert second.rows(ENTRIES)[entry]["duration_minutes"] == EDITED_MINUTES
    api.refusals.clear()
    api.world.edit_time(entry, minutes)
    third = next_run(api, second)
    assert not wrong_entries(api, first.then(second).then(third))


@pytest.mark.usefixtures("eager")
def test_an_edit_that_is_undone_after_a_kill_is_right_again() -> None:
    """The killed run has written the entry with its task, and has not come to the list of the workspace."""
    api, first, entry, minutes = with_edited_entry()
    clock(api).advance(HOUR)

    def end() -> None:
        raise ZeroDivisionError

    killed = attempt(api, config=LIST, select=STREAMS, state=first.state, on_request=before_request(1, end)).confirmed()
    assert killed.rows(ENTRIES)[entry]["duration_minutes"] == EDITED_MINUTES
    api.world.edit_time(entry, minutes)
    assert not wrong_entries(api, first.then(killed).then(next_run(api, killed)))


@pytest.mark.parametrize("status", [402, 403])
def test_a_refused_list_loses_nothing(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """All else is read; a later run lists the days since the last one that could."""
    caplog.set_level(logging.INFO)
    api, first, tasks = with_entries()
    api.refuse(ROUTE, status)
    new = api.world.track_time(tasks[0])
    second = next_run(api, first)
    clock(api).advance(30 * DAY)
    third = next_run(api, second)
    assert not third.gids(ENTRIES)
    told = [line for line in caplog.messages if "arrives with their next change" in line]
    assert len(told) == (0 if status == 402 else 2 * len(workspaces(api, LIST)))
    api.refusals.clear()
    fourth = next_run(api, third)
    assert new in fourth.gids(ENTRIES)
    assert not wrong_entries(api, first.then(second).then(third).then(fourth))


def test_an_asana_that_names_no_tasks_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """An entry without its task belongs nowhere: one line says so, and no further page is requested."""
    caplog.set_level(logging.INFO)
    api, first, tasks = with_entries(dialect=Dialect(unlisted_fields=False))
    api.world.track_time(tasks[0])
    caplog.clear()
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config={**LIST, "page_size": 3}, select=STREAMS, state=first.state)
    assert not second.records(ENTRIES)
    assert len(requests_of(api)) == len(workspaces(api, LIST))
    assert any("Asana does not name the tasks" in line for line in caplog.messages)


@pytest.mark.parametrize("days", [0, 2], ids=["on a known day", "on a new day"])
def test_entries_of_archived_projects_stay_out(days: int) -> None:
    """Without archived projects, a task is asked for where the settings may exclude it, once for all its entries."""
    config = {**LIST, "include_archived_projects": False}
    api, first, tasks = with_entries(config)
    world = api.world
    archived = next(task for task in tasks if len(world.tasks[task].sections) == 1)
    project = next(world.tasks[archived].projects())
    world.archive_project(project.gid)
    clock(api).advance(days * DAY)
    new = {task: [world.track_time(task), world.track_time(task)] for task in tasks}
    second = next_run(api, first, config)
    kept = {task for task in tasks if any(not each.archived for each in world.tasks[task].projects())}
    assert {task for task, gids in new.items() if {*gids} & second.gids(ENTRIES)} == kept
    holders = requests_of(api, "GET /tasks/{task_gid}")
    assert 0 < len(holders) <= len(tasks)


def test_a_move_to_another_day_that_is_undone_is_right_again() -> None:
    """The run between has read the entry with its task, but no list: no day is known to be as it was."""
    api, first, tasks = with_entries()
    entry = api.world.time_entries.rows[last_entry(api.world, tasks[0])]
    api.refuse(ROUTE, 403)
    entry.entered -= 3 * DAY * 1000
    api.world.rename_task(tasks[0])
    second = next_run(api, first)
    assert entry.gid in second.gids(ENTRIES)
    entry.entered += 3 * DAY * 1000
    api.refusals.clear()
    assert not wrong_entries(api, first.then(second).then(next_run(api, second)))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("page", [2, 4])
def test_a_killed_read_is_repeated(page: int) -> None:
    """A run that ends between two pages, started again, brings all changes."""
    api, first, tasks = with_entries()
    for task in tasks:
        api.world.track_time(task)
        api.world.edit_time(last_entry(api.world, task), 5)
    clock(api).advance(HOUR)

    def end() -> None:
        raise ZeroDivisionError

    config = {**LIST, "page_size": 3, "max_concurrency": 1}
    hook = before_request(page, end)
    killed = attempt(api, config=config, select=STREAMS, state=first.state, on_request=hook)
    assert isinstance(killed.error, ZeroDivisionError)
    kept = killed.confirmed()
    resumed = sync(api, config=config, select=STREAMS, state=kept.state or first.state)
    assert not wrong_entries(api, first.then(kept).then(resumed))


def test_a_full_table_needs_no_further_list() -> None:
    """A stream that the catalog reads whole has every entry already; lists show only what a null of a task means.

    One request in flight fixes the order of the tasks: in one of the two workspaces a task shows its minutes before any
    other has null, and nothing is listed there.
    """
    catalog = selecting(discovered(), [ENTRIES])
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == ENTRIES)
    stream_metadata(entry)["replication-method"] = "FULL_TABLE"
    api = asana(TINY)
    output = sync(api, config={**LIST, "max_concurrency": 1}, catalog=catalog)
    assert output.gids(ENTRIES) == set(api.world.gids(ENTRIES))
    assert [query["opt_fields"] for query in requests_of(api)] == ["task.name"] * (len(workspaces(api, LIST)) - 1)


def test_a_full_table_from_a_start_date_needs_the_list() -> None:
    """A new entry moves no clock: a read of the whole table from a start date does not request those of older tasks."""
    api, catalog = asana(TINY), selecting(discovered(), [ENTRIES])
    (entry,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == ENTRIES)
    entry["replication_method"] = "FULL_TABLE"
    (old, *_) = api.world.gids("tasks", PERSON["access_token"])
    clock(api).advance(DAY)
    config = {**LIST, "start_date": format_instant(api.world.now())}
    state = sync(api, config=config, catalog=catalog).state
    new = api.world.track_time(old)
    assert new in sync(api, config=config, catalog=catalog, state=state).gids(ENTRIES)


def test_unchanged_entries_take_no_request() -> None:
    """Only passes need to know whether the settings include the tasks of entries that the last run has written."""
    api, config = asana(TINY), {**LIST, "start_date": "2020-01-01T00:00:00Z"}
    state, tracked = sync(api, config=config, select=STREAMS).state, list[str]()

    def track(request: HttpRequest) -> None:
        if "entered_on_start_date" in request.query and not tracked:
            tracked.extend(api.world.track_time(task) for task in api.world.gids("tasks"))

    clock(api).advance(HOUR)
    output = sync(api, config=config, select=STREAMS, state=state, on_request=track)
    assert output.gids(ENTRIES) & {*tracked}
    clock(api).advance(HOUR)
    api.log.clear()
    sync(api, config=config, select=STREAMS, state=output.state)
    assert not [request for request in api.log if request.template == "GET /tasks/{task_gid}"]
