"""No uninterrupted run writes a row twice, or requests what is below a task twice."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from itertools import count

import pytest
from harness import Message, Output, asana, clock, key, run_limits, sync
from methods import DAY, EXPORT, HOUR, LIST, SEARCH
from msgspec import UNSET, UnsetType, defstruct
from passes import WITHOUT_EVENTS, world_of

from fake_asana.messages import HttpRequest
from fake_asana.model.choices import PageForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.world import Sizes
from tap_asana.sync.written_rows import WrittenRows

STREAMS = ("projects", "tasks", "stories", "deletions")
TWO = Sizes(workspaces=1, users=2, teams=1, projects=1, tags=1, tasks=2, stories=1, busiest=2, attached=0)
WITH_TIME = (*STREAMS, "attachments", "time_tracking_entries")
HALF_DAY: Message = {**WITHOUT_EVENTS, "reconcile_days": 1}

every_method = pytest.mark.parametrize("method", [LIST, SEARCH, EXPORT], ids=["list", "search", "export"])


def repeated(output: Output) -> dict[tuple[str, str], int]:
    """Return the rows that a run has written more than once, with their number."""
    counts = Counter((each["stream"], key(each["stream"], each["record"])) for each in output.of("RECORD"))
    return {row: count for row, count in counts.items() if count > 1}


def requests_below(api: Api, task: str) -> list[str]:
    """Return the paths of the requests for what is below a task."""
    return [request.path for request in api.log if f"/tasks/{task}/" in request.path]


@every_method
def test_changed_tasks_of_a_new_project_are_written_once(method: Mapping[str, str]) -> None:
    """An export of changes contains them, and so does the list of the project."""
    api = world_of(TWO)
    state = sync(api, config=method, select=STREAMS).state
    task = api.world.add_task(project=api.world.add_project(next(iter(api.world.workspaces))))
    comment = api.world.comment(task)
    clock(api).advance(HOUR)
    api.log.clear()
    output = sync(api, config=method, select=STREAMS, state=state)
    assert {task, comment} <= output.gids("tasks") | output.gids("stories")
    assert repeated(output) == {}
    assert len(requests_below(api, task)) == (0 if method is EXPORT else 1)


def shared(api: Api, method: Mapping[str, str]) -> tuple[Message, list[tuple[str, str, str]]]:
    """Return the state after a read without an old project, and tasks of it, each with a subtask and a comment.

    The token sees the project from then on, and the tasks have changed.
    """
    world = api.world
    project = world.add_project(next(iter(world.workspaces)))
    tasks = [world.add_task(project=project) for _ in range(3)]
    families = [(task, world.add_task(parent=task), world.comment(task)) for task in tasks]
    hidden = world.access.viewers[method["access_token"]].hidden_projects
    hidden.add(project)
    clock(api).advance(HOUR)
    state = sync(api, config={**method, **HALF_DAY}, select=STREAMS).state
    clock(api).advance(HOUR)
    hidden.discard(project)
    for task in tasks:
        world.rename_task(task)
    clock(api).advance(60)
    return state, families


KILLS = [(LIST, 1.0), (SEARCH, 1.0), *((EXPORT, share) for share in (0.5, 0.6, 0.65, 1.0))]


@pytest.mark.parametrize(("method", "share"), KILLS)
def test_old_tasks_of_a_new_project_are_named_if_they_are_deleted(method: Mapping[str, str], share: float) -> None:
    """A pass names all that was below the project, although an export has written it; a kill follows some STATE."""
    api, config = world_of(TWO), {**method, **HALF_DAY}
    state, families = shared(api, method)
    few: Message = {**config, "requests_per_minute": 5, "reconcile_percent": 1}  # for no part of a pass
    with run_limits(export_batch_bytes=1, output_per_state_byte=0):
        output = sync(api, config=few, select=STREAMS, state=state)
    assert not repeated(output)
    if share < 1:
        places = [place for place, message in enumerate(output.messages) if message["type"] == "STATE"]
        output = output.up_to(places[int(share * len(places))])
        output = output.then(sync(api, config=few, select=STREAMS, state=output.state))
    gids = {gid for family in families for gid in family}
    assert gids <= output.gids("tasks") | output.gids("stories")
    for task, subtask, comment in families:
        api.world.delete_comment(task, comment)
        api.world.delete_task(subtask)
        api.world.delete_task(task)
    for _ in range(2):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
    assert gids <= {row["gid"] for row in output.records("deletions") if row["source"] == "reconciled"}


@every_method
@pytest.mark.parametrize("seed", [1, 2])
def test_a_pass_writes_nothing_again(method: Mapping[str, str], seed: int) -> None:
    """An increment, the events and the lists of recent days bring it first; each run with a pass reads all tasks."""
    api = world_of(TWO, seed=seed)
    world, config = api.world, {**method, "reconcile_days": 1}
    state = sync(api, config=config, select=WITH_TIME).state
    for name in ("rename_task", "comment", "like_task", "track_time"):
        clock(api).advance(12 * HOUR)
        for task in sorted(world.gids("tasks", method["access_token"])):
            getattr(world, name)(task)
        task = world.add_task(project=world.add_project(next(iter(world.workspaces))))
        world.comment(world.add_task(parent=task))
        clock(api).advance(60)
        output = sync(api, config=config, select=WITH_TIME, state=state)
        state = output.state
        assert repeated(output) == {}
        assert output.gids("tasks") == set(world.gids("tasks", method["access_token"]))


@pytest.mark.parametrize("maps", [{}, {"stream_maps": {"tasks": {"name": "name"}}}], ids=["unmapped", "mapped"])
def test_a_row_that_is_not_written_again_is_not_counted(maps: Message, caplog: pytest.LogCaptureFixture) -> None:
    """The summary has the records that were written (law 7)."""
    api, config = world_of(TWO), {**LIST, **HALF_DAY, **maps}
    state = sync(api, config=config, select=STREAMS).state
    clock(api).advance(12 * HOUR)
    for task in api.world.gids("tasks"):
        api.world.rename_task(task)
    clock(api).advance(60)
    caplog.set_level(logging.INFO, "tap_asana")
    output = sync(api, config=config, select=STREAMS, state=state)
    assert f"tasks: {len(output.records('tasks'))} records, " in caplog.text


def test_what_changes_before_a_pass_reads_it_is_written_again() -> None:
    """A comment is edited after the increment has read it, and before the pass of the same run does."""
    api, config = world_of(TWO), {**LIST, **HALF_DAY}
    state = sync(api, config=config, select=STREAMS).state
    task = min(api.world.gids("tasks"))
    comment = api.world.comment(task)
    clock(api).advance(12 * HOUR)
    reads = count()

    def edit(request: HttpRequest) -> None:
        if request.path.endswith(f"/tasks/{task}") and next(reads) == 0:
            api.world.edit_comment(task, comment)

    output = sync(api, config=config, select=STREAMS, state=state, on_request=edit)
    texts = [row["text"] for row in output.records("stories") if row["gid"] == comment]
    assert len(texts) == 2
    assert texts[-1] == "Edited."


def test_a_pass_does_not_have_the_days_of_entries_written_again() -> None:
    """It reads the entries as the list of their days has shown them: the next run need not write these days."""
    api, config = world_of(TWO), {**LIST, **HALF_DAY}
    api.world.track_time(min(api.world.gids("tasks")))
    state = sync(api, config=config, select=WITH_TIME).state
    clock(api).advance(12 * HOUR)
    state = sync(api, config=config, select=WITH_TIME, state=state).state
    clock(api).advance(60)
    few: Message = {"requests_per_minute": 5, "reconcile_percent": 1}  # for no part of a pass
    assert sync(api, config={**config, **few}, select=WITH_TIME, state=state).records("time_tracking_entries") == []


def test_a_row_that_returns_to_an_earlier_value_is_written() -> None:
    """Only the last row of an object is what the target holds."""
    rows, first, second = WrittenRows(["tasks"], 1), {"gid": "1", "name": "a"}, {"gid": "1", "name": "b"}
    assert [len(rows.unwritten("tasks", [row])) for row in (first, first, second, first)] == [1, 0, 1, 1]
    other = {"gid": "2"}  # beyond the limit
    assert [rows.unwritten("tasks", [other, other]), rows.unwritten("users", [first, first])] == [
        [other] * 2,
        [first] * 2,
    ]


def test_the_deletion_and_the_restoration_of_an_object_are_rows_of_their_own() -> None:
    """An owed list of them and the audit log bring both again, one after the other."""
    rows: list[Message] = [
        {"gid": "1", "action": action, "occurred_at": instant, "parent_gid": "2"}
        for action, instant in (("deleted", "2026-05-01"), ("undeleted", "2026-05-02"), ("deleted", "2026-05-03"))
    ]
    written = WrittenRows(["deletions"], 9)
    again = [{**row, "source": "reconciled"} for row in rows]
    assert [written.unwritten("deletions", each) for each in (rows, rows, again)] == [rows, [], []]


def test_a_missing_field_counts_as_null_in_both_kinds_of_rows() -> None:
    """An export leaves out fields that lists have, and brings objects in place of dictionaries."""
    exported = defstruct("Exported", [("gid", str), ("name", str), ("size", int | UnsetType, UNSET)])
    rows = WrittenRows(["attachments"], 2)
    listed: Message = {"name": "a", "view_url": None, "gid": "1"}
    row = exported("1", "a")
    assert [len(rows.unwritten("attachments", [each])) for each in (row, listed, row)] == [1, 0, 0]
    assert rows.unwritten("attachments", [{**listed, "view_url": "https://example.com"}, row]) != []
    assert rows.unwritten("attachments", [listed, exported("1", "a", 3)]) == [exported("1", "a", 3)]


def test_what_asana_sends_twice_is_written_once() -> None:
    """Each page has each of its rows twice."""
    api = asana(TWO, dialect=Dialect(pages=PageForm(repeats_rows=True)))
    state = sync(api, config=LIST, select=STREAMS).state
    task = min(api.world.gids("tasks"))
    comment = api.world.comment(task)
    clock(api).advance(HOUR)
    output = sync(api, config=LIST, select=STREAMS, state=state)
    assert [row["gid"] for row in output.records("stories")].count(comment) == 1
    assert {stream for stream, _ in repeated(output)} <= {"projects"}


@every_method
@pytest.mark.parametrize("kind", ["tasks", "stories"])
def test_what_an_owed_list_has_brought_is_not_read_again(method: Mapping[str, str], kind: str) -> None:
    """Asana refused a user's list, or that of a task's stories; the task has changed when the list is read."""
    api = world_of(TWO)
    user = min(api.world.gids("users"))
    task = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    api.world.assign_task(task, user)
    comment = api.world.comment(task)
    clock(api).advance(HOUR)
    refused = (
        Refusal("GET /tasks", 403, user) if kind == "tasks" else Refusal("GET /tasks/{task_gid}/stories", 403, task)
    )
    api.refusals.append(refused)
    state = sync(api, config=LIST, select=STREAMS).state
    api.refusals.clear()
    api.world.rename_task(task)
    clock(api).advance(HOUR)
    api.log.clear()
    output = sync(api, config=method, select=STREAMS, state=state)
    assert {task, comment} <= output.gids("tasks") | output.gids("stories")
    assert repeated(output) == {}
    assert len(requests_below(api, task)) <= (2 if method is EXPORT else 1)  # one shows that the export cuts no list


def test_a_task_that_is_gone_is_named_once() -> None:
    """Asana refused two lists below it, and it was deleted before they were requested again."""
    api, streams = world_of(TWO), (*STREAMS, "attachments")
    task = min(api.world.gids("tasks"))
    for template in ("GET /tasks/{task_gid}/stories", "GET /attachments"):
        api.refusals.append(Refusal(template, 403, task))
    state = sync(api, config=LIST, select=streams).state
    api.refusals.clear()
    api.world.delete_task(task)
    clock(api).advance(2 * DAY)
    api.log.clear()
    output = sync(api, config=LIST, select=streams, state=state)
    assert [row["gid"] for row in output.records("deletions") if row["source"] == "tasks"].count(task) == 1
    assert [request.path.endswith(f"/tasks/{task}") for request in api.log].count(True) == 1
