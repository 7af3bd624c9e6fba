"""An incremental run returns the changes since the last run, and no other tasks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from expected import expected
from harness import SMALL, TINY, Message, Output, asana, clock, discovered, sync
from methods import HOUR, TASK_STREAMS, TASKS_AND_STORIES
from nested import inner

from fake_asana.model.events import event_scope
from fake_asana.model.tasks import Task
from fake_asana.server.api import Api
from fake_asana.world import Changes, World

SNAPSHOTS = [entry["tap_stream_id"] for entry in discovered()["streams"] if entry["replication_method"] == "FULL_TABLE"]

family = pytest.mark.parametrize("stream", TASK_STREAMS)


class Day(NamedTuple):
    """Two runs with a workday between them."""

    api: Api
    first: Output
    changes: Changes
    second: Output


@pytest.fixture(scope="module", params=[1, 2, 3], ids="seed {}".format)
def day(request: pytest.FixtureRequest) -> Day:
    """Run, simulate a workday, and run again with the state of the first run."""
    api = asana(SMALL, seed=request.param)
    first = sync(api)
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    clock(api).advance(HOUR)
    return Day(api, first, changes, sync(api, state=first.state))


@family
def test_all_changes_are_returned(day: Day, stream: str) -> None:
    """The second run returns all additions and changes."""
    assert day.changes.changed[stream]
    assert day.changes.changed[stream] <= day.second.gids(stream)


def test_unchanged_tasks_are_not_returned(day: Day) -> None:
    """The second run returns no unchanged task, except subtasks of changed ones; events name silent changes."""
    changed, silent = day.changes.changed["tasks"], day.changes.untimestamped["tasks"]
    assert changed <= day.second.gids("tasks") <= changed | silent | below(day.api.world, changed)


def test_stories_of_unchanged_tasks_are_not_returned(day: Day) -> None:
    """The second run returns no story of an unchanged task, except of subtasks of changed ones."""
    changed, silent = day.changes.changed["tasks"], day.changes.untimestamped["stories"]
    holders = {record["task_gid"] for record in day.second.records("stories") if record["gid"] in silent}
    assert tasks_with_stories(day.second) <= changed | holders | below(day.api.world, changed)


def below(world: World, gids: set[str]) -> set[str]:
    """Return the subtasks of these tasks at any depth, except those in a project of their own."""
    parents = [world.tasks[gid] for gid in gids if gid in world.tasks]
    here = {gid for task in parents for gid, child in (task.subtasks or {}).items() if not child.sections}
    return here | below(world, here) if here else here


def tasks_with_stories(output: Output) -> set[str]:
    """Return the tasks whose stories a run returned; stories of goals, which every run returns, are ignored."""
    return {record["task_gid"] for record in output.records("stories") if record["task_gid"]}


@family
def test_returned_records_are_current(day: Day, stream: str) -> None:
    """The records of the second run equal those in Asana at that time, value for value."""
    truth = expected(day.api.world, stream, day.second.schemas[stream])
    rows = day.second.rows(stream)
    assert rows == {gid: truth[gid] for gid in rows}


@family
def test_both_runs_together_are_complete(day: Day, stream: str) -> None:
    """After both runs a table holds all records, except for changes without a timestamp outside of all projects."""
    truth = expected(day.api.world, stream, day.second.schemas[stream])
    rows = day.first.then(day.second).rows(stream)
    silent = {
        gid for gid in day.changes.untimestamped[stream] if gid in truth and is_unlisted(day.api.world, truth[gid])
    }
    assert truth.keys() - silent <= rows.keys() - day.changes.deleted[stream] <= truth.keys()
    stale = {gid for gid, record in truth.items() if rows.get(gid) != record}
    assert stale <= silent


def is_unlisted(world: World, record: Message) -> bool:
    """Return whether no project's events name a task, or the object of a task."""
    holder = record if record["gid"] in world.tasks else record.get("target") or record.get("parent") or record["task"]
    task = world.tasks.get(holder["gid"])
    return task is None or not event_scope(task) & world.projects.keys()


@pytest.mark.parametrize("stream", SNAPSHOTS)
def test_full_table_streams_are_complete(day: Day, stream: str) -> None:
    """Every stream without a replication key is complete after every run."""
    assert day.second.rows(stream) == expected(day.api.world, stream, day.second.schemas[stream])


def old_task(world: World, fits: Callable[[Task], object]) -> str:
    """Return the gid of a visible task with this property."""
    viewer = world.access.viewers["0/fake"]
    return next(task.gid for task in world.tasks.values() if viewer.sees(task) and fits(task))


def subtask(task: Task) -> bool:
    """Report whether only its parent leads to a task."""
    return task.parent is not None and not (task.sections or task.assignee or task.tags)


def only_tagged(task: Task) -> bool:
    """Report whether only a tag leads to a task."""
    return bool(task.tags) and not (task.sections or task.assignee or task.parent)


def only_assigned(task: Task) -> bool:
    """Report whether only its assignee leads to a task."""
    return task.assignee is not None and not (task.sections or task.tags or task.parent)


@pytest.mark.parametrize("fits", [subtask, only_tagged, only_assigned, lambda task: task.sections])
def test_a_comment_returns_its_task(fits: Callable[[Task], object]) -> None:
    """A comment on an old task in any list returns the task and the comment, and otherwise only its subtasks."""
    api = asana()
    state = sync(api, select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    gid = old_task(api.world, fits)
    comment = api.world.comment(gid)
    second = sync(api, state=state, select=TASK_STREAMS)
    assert {gid} <= second.gids("tasks") <= {gid} | below(api.world, {gid})
    assert comment in second.gids("stories")


@pytest.mark.parametrize("place", ["project", "assignee"])
def test_a_changed_subtask_of_unmodified_parents_is_returned(place: str) -> None:
    """A changed subtask is returned even if none of its ancestors was modified."""
    api = asana(TINY)
    world = api.world
    project = next(iter(world.projects))
    top = world.add_task(project=project) if place == "project" else world.add_task(assignee=next(iter(world.users)))
    middle = world.add_task(parent=top)
    leaf = world.add_task(parent=middle)
    clock(api).advance(HOUR)
    state = sync(api, select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    world.rename_task(leaf)
    assert sync(api, select=TASK_STREAMS, state=state).gids("tasks") == {leaf}


def test_the_first_subtask_of_an_old_task_is_returned() -> None:
    """A new subtask is returned even if its parent had none before and was not modified."""
    api = asana(TINY)
    state = sync(api, select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    new = api.world.add_task(parent=old_task(api.world, lambda task: task.sections and not task.subtasks))
    assert sync(api, select=TASK_STREAMS, state=state).gids("tasks") == {new}


def test_without_changes_no_task_is_returned() -> None:
    """Without changes no task and no story of a task is returned, and the bookmarks advance."""
    api = asana(TINY)
    first = sync(api, select=TASK_STREAMS)
    clock(api).advance(HOUR)
    second = sync(api, select=TASK_STREAMS, state=first.state)
    assert not second.records("tasks")
    assert not tasks_with_stories(second)
    for stream in TASK_STREAMS:
        before, after = (run.bookmark(stream)["replication_key_value"] for run in (first, second))
        assert before < after


@pytest.mark.parametrize(("lookback", "comes"), [(0, False), (599, False), (600, True), (601, True)])
def test_the_lookback_precedes_the_bookmark(lookback: int, *, comes: bool) -> None:
    """A read starts at the bookmark minus the lookback, inclusively."""
    api = asana(TINY)
    gid = old_task(api.world, lambda task: task.sections)
    api.world.rename_task(gid)
    clock(api).advance(600)
    state = sync(api, select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    assert sync(api, select=TASK_STREAMS, state=state, config={"lookback_seconds": lookback}).gids("tasks") == (
        {gid} if comes else set()
    )


def test_a_stream_selected_later_is_read_completely() -> None:
    """Stories selected after tasks have been read for some time return all past stories (law 2)."""
    api = asana(TINY)
    first = sync(api, select=["tasks"])
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    clock(api).advance(HOUR)
    second = sync(api, state=first.state, select=TASKS_AND_STORIES)
    assert second.gids("tasks") == changes.changed["tasks"]
    assert second.gids("stories") == set(api.world.gids("stories"))


def test_a_reselected_stream_resumes_from_its_bookmark() -> None:
    """A stream deselected for some runs continues from its own bookmark (law 2)."""
    api = asana(TINY)
    state = sync(api, select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    comment = api.world.comment(old_task(api.world, lambda task: task.sections))
    clock(api).advance(HOUR)
    without = sync(api, state=state, select=["tasks"]).state
    clock(api).advance(HOUR)
    assert comment in sync(api, select=TASK_STREAMS, state=without).gids("stories")


def test_the_state_of_other_streams_is_kept() -> None:
    """A run of one stream keeps the state of all others, even of unknown streams."""
    api = asana(TINY)
    state = sync(api, select=TASK_STREAMS).state
    former = {"context": {"workspace_gid": "1"}, "replication_key_value": "2026-01-31T08:00:00.000Z"}
    state["bookmarks"]["former"] = {"partitions": [former]}
    clock(api).advance(HOUR)
    later = sync(api, state=state, select=["tasks"]).state
    for stream in ("stories", "attachments", "former"):
        assert later["bookmarks"][stream] == state["bookmarks"][stream]


def test_the_time_zone_of_the_machine_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine far west of Asana's time zone, the second run returns the same changes."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    api = asana(TINY)
    state = sync(api, select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    gid = old_task(api.world, lambda task: task.sections)
    api.world.rename_task(gid)
    assert sync(api, select=TASK_STREAMS, state=state).gids("tasks") == {gid}


@pytest.fixture(autouse=True)
def usual_time() -> Iterator[None]:
    """Restore the machine's own time zone after a test that changed it."""
    yield
    time.tzset()


def test_the_start_date_does_not_precede_the_bookmark() -> None:
    """A task changed after the start date and before the bookmark is not read again."""
    api = asana(TINY)
    state = sync(api, select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    second = sync(api, select=TASK_STREAMS, state=state, config={"start_date": "2020-01-01"})
    assert not second.records("tasks")


@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_project_is_read_completely_later(status: int) -> None:
    """When a refused project becomes readable, its old tasks are returned with all their children."""
    api = asana(TINY)
    project = max(api.world.projects.values(), key=lambda project: len(project.tasks))
    api.world.access.deny(project.gid, status)
    first = sync(api, select=TASK_STREAMS)
    api.world.access.denied_statuses.clear()
    clock(api).advance(HOUR)
    both = first.then(sync(api, select=TASK_STREAMS, state=first.state))
    for stream in TASK_STREAMS:
        assert both.gids(stream) == set(api.world.gids(stream))


def test_stories_are_incremental_without_tasks() -> None:
    """With only stories selected, only those of changed tasks are returned."""
    api = asana(TINY)
    state = sync(api, select=["stories"]).state
    clock(api).advance(HOUR)
    gid = old_task(api.world, lambda task: task.sections)
    comment = api.world.comment(gid)
    second = sync(api, state=state, select=["stories"])
    assert comment in second.gids("stories")
    assert tasks_with_stories(second) == {gid}


def test_a_workspace_added_later_is_read_completely() -> None:
    """The first read of a workspace returns all of its tasks."""
    api = asana()
    one, other = list(api.world.workspaces)[:2]
    state = sync(api, select=TASK_STREAMS, config={"workspaces": [one]}).state
    clock(api).advance(HOUR)
    truth = api.world.expected_records("tasks")
    second = sync(api, select=TASK_STREAMS, state=state, config={"workspaces": [one, other]})
    assert second.gids("tasks") == {gid for gid, task in truth.items() if inner(task, "workspace", "gid") == other}
