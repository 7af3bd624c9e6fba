"""With reconcile_days, what moves no clock and what no event names is right within so many days."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus

import pytest
from freshness import Way, wrong_rows
from harness import PERSON, Message, Output, asana, clock, sync
from interruptions import interrupted
from kinds_of_change import CHANGES
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, LIST, SEARCH
from passes import DAYS, FEW, WITHOUT_EVENTS, state_of, world_of
from scene import Scene

from fake_asana.model.attachments import Attachment, attachments_of_task
from fake_asana.model.choices import FreshnessForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.world import Sizes

ONE_WORKSPACE = Sizes(workspaces=1, users=5, teams=2, projects=6, tags=4, tasks=70, stories=2, busiest=6)
STREAMS = ("workspaces", "projects", "sections", "tags", "users", "custom_fields", "deletions", *ALL_TASK_STREAMS)
KILLS = ((25, 60), (7, 1000), (8, 150), (8, 1000), (12, 200))
"""Hours before some runs, and the requests before which they are killed; none has 1,000."""


def later(api: Api, output: Output, hours: float, config: Message, streams: tuple[str, ...] = STREAMS) -> Output:
    """Return the output with that of a run some hours later."""
    clock(api).advance(hours * HOUR)
    return output.then(sync(api, config=config, select=streams, state=output.state))


def reconciled(output: Output) -> dict[str, str]:
    """Return the kinds of the objects that a pass found to be deleted, by gid."""
    rows = output.records("deletions")
    return {row["gid"]: row["resource_type"] for row in rows if row["source"] == "reconciled"}


@pytest.mark.parametrize("method", [LIST, SEARCH, EXPORT], ids=["list", "search", "export"])
def test_every_change_arrives_within_the_days(method: Message) -> None:
    """It does without events, whose tokens have expired, and with runs that are killed.

    A pass does not find what left a list that every run reads whole; versions end its rows.
    """
    api, config = world_of(ONE_WORKSPACE), {**method, **WITHOUT_EVENTS}
    scene = Scene(api.world)
    output = sync(api, config=config, select=STREAMS)
    output = later(api, output, 6, config)
    for change in CHANGES.values():
        change(scene)
    for hours, kill_before in KILLS:
        clock(api).advance(hours * HOUR)
        output = output.then(interrupted(api, kill_before, config=config, select=STREAMS, state=output.state))
    output = later(api, output, DAYS * 24 - sum(hours for hours, _ in KILLS), config)
    token = config["access_token"]
    deleted = {
        (each, gid) for each in ("sections", "users") for gid in output.gids(each) - set(api.world.gids(each, token))
    }
    assert wrong_rows(api, Way("", config, STREAMS), output) == deleted
    assert {"task", "story", "attachment", "time_tracking_entry"} == {*reconciled(output).values()}


def test_the_days_are_a_period_of_two_passes(caplog: pytest.LogCaptureFixture) -> None:
    """A run reads what is due before the next one, and a line marks the end of the pass."""
    api, config = world_of(ONE_WORKSPACE), {**LIST, **WITHOUT_EVENTS}
    caplog.set_level(logging.INFO, "tap_asana.sync.reconcile")
    output = sync(api, config=config, select=STREAMS)
    places = []
    for _ in range(3):
        output = later(api, output, 12, config)
        places.append(state_of(output).get("tasks", 0))
    tasks = len(api.world.gids("tasks"))
    assert 0 < places[0] < places[1] < tasks
    assert places[2] == 0
    lines = [record.getMessage() for record in caplog.records if "reconciled" in record.getMessage()]
    assert len(lines) == 1
    assert f"reconciled {tasks} tasks between" in lines[0]
    assert lines[0].endswith(": 0 deleted, and 0 stories, attachments and time entries")


@pytest.mark.parametrize(
    ("method", "sizes", "rate", "way"),
    [(LIST, FEW, 20, LIST), (SEARCH, ONE_WORKSPACE, 60, SEARCH), (SEARCH, FEW, 20, LIST), (EXPORT, FEW, 20, EXPORT)],
    ids=["list", "search", "search that may leave tasks out", "export"],
)
def test_a_share_of_the_request_rate_is_kept(
    method: Message, sizes: Sizes, rate: int, way: Message, caplog: pytest.LogCaptureFixture
) -> None:
    """All requests of a pass count: for lists of gids, files, time entries, and what is missing at its end.

    A pass that is late says what would help.
    """
    api = world_of(sizes)
    for gid in sorted(api.world.gids("tasks"))[:12]:
        api.world.track_time(gid, days_back=60)
    output = sync(api, config={**method, **WITHOUT_EVENTS}, select=STREAMS)
    for task in [task for task in api.world.tasks.values() if not task.parent][:4]:
        api.world.delete_task(task.gid)
    sent = len(api.log)
    later(api, output, 0, {**method, "follow_events": False})
    unchanged = len(api.log) - sent
    config = {**method, **WITHOUT_EVENTS, "reconcile_days": 1, "requests_per_minute": rate, "reconcile_percent": 1}
    allowed, numbers, states = 120 * rate // 100, [], []
    for _ in range(11):
        sent = len(api.log)
        output = later(api, output, 2, config)
        numbers.append(len(api.log) - sent - unchanged)
        states.append(state_of(output))
    sums = [sum(numbers[: run + 1]) for run in range(len(numbers))]
    assert all(total <= allowed * (run + 1) for run, total in enumerate(sums))
    assert sums[-1] > allowed * len(numbers) / 3
    assert {state["method"] for state in states if "method" in state} == {way["extraction_method"]}
    assert {*reconciled(output).values()} >= {"task"}
    assert "the rest is late: a higher reconcile_percent or more reconcile_days are needed" in caplog.text


def test_requests_beyond_the_share_are_made_up_for() -> None:
    """What a list of all tasks takes is unknown before the first one: the next runs have as many requests less."""
    api = world_of(FEW)
    config = {**SEARCH, **WITHOUT_EVENTS, "reconcile_days": 1, "requests_per_minute": 10, "reconcile_percent": 1}
    output = sync(api, config={**SEARCH, **WITHOUT_EVENTS}, select=STREAMS)
    excess = []
    for hours in (1, 0.5, 1, 1):
        output = later(api, output, hours, config)
        excess.append(state_of(output).get("excess", 0))
    taken = state_of(output)["first"]
    assert excess == [taken - 6, taken - 9, taken - 15, 0]


@pytest.mark.parametrize("method", [LIST, SEARCH], ids=["list", "search"])
def test_attachments_of_copies_arrive_within_a_pass(method: Mapping[str, str]) -> None:
    """Nothing announces the file of a copied task, and the pass asks every task for its files."""
    api = world_of(FEW)
    config = {**method, "reconcile_days": 1}
    task = api.world.tasks[min(api.world.gids("tasks"))]
    copied = Attachment(*api.world.new_gid(), task, api.world.now())
    task.attachments = [*attachments_of_task(task), copied]
    output = sync(api, config=config, select=ALL_TASK_STREAMS)
    assert "known" not in output.bookmark("tasks")["reconciliation"]
    if method is LIST:
        assert copied.gid not in output.gids("attachments")
    output = later(api, output, 12, config, ALL_TASK_STREAMS)
    assert copied.gid in output.gids("attachments")


@pytest.mark.parametrize("status", [402, 403])
def test_a_list_that_only_a_pass_requests_is_owed(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """If it is refused, the run names it, and each later run requests it, as after any other read (law 6)."""
    api, config = world_of(FEW), {**LIST, "reconcile_days": 1}
    task = api.world.tasks[min(api.world.gids("tasks"))]
    copied = Attachment(*api.world.new_gid(), task, api.world.now())
    task.attachments = [*attachments_of_task(task), copied]
    output = sync(api, config=config, select=ALL_TASK_STREAMS)
    api.refusals.append(Refusal("GET /attachments", status, task.gid))
    caplog.set_level(logging.INFO, "tap_asana.monitor")
    output = later(api, output, 12, config, ALL_TASK_STREAMS)
    (summary,) = [line for line in caplog.messages if line.startswith("attachments: ") and " records, " in line]
    assert f"1 parents skipped with {status} (/attachments?parent={task.gid})" in summary
    assert ("lists still owed" in summary) == (status != HTTPStatus.PAYMENT_REQUIRED)
    api.refusals.clear()
    output = later(api, output, 0, config, ALL_TASK_STREAMS)
    assert (copied.gid in output.gids("attachments")) == (status != HTTPStatus.PAYMENT_REQUIRED)


def test_without_days_attachments_are_asked_of_all_tasks() -> None:
    """The default asks for what is announced only where a pass brings the rest."""
    api = world_of(FEW)
    sync(api, config=PERSON, select=ALL_TASK_STREAMS)
    asked = {each.query["parent"] for each in api.log if each.path.endswith("/attachments")}
    assert asked >= set(api.world.gids("tasks"))


def test_a_hidden_task_is_not_deleted(caplog: pytest.LogCaptureFixture) -> None:
    """A task of a project that is not shared any more is refused, which is no deletion, and is counted."""
    api, config = world_of(FEW), {**LIST, "reconcile_days": 1}
    caplog.set_level(logging.INFO, "tap_asana.sync.reconcile")
    output = sync(api, config=config, select=STREAMS)
    project = max(api.world.gids("projects"), key=lambda gid: len(api.world.projects[gid].tasks))
    deleted, *_ = api.world.projects[project].tasks
    api.world.delete_task(deleted)
    api.world.hide_project(project)
    output = later(api, output, 36, config)
    stories = {gid for gid, story in output.rows("stories").items() if story["target"]["gid"] == deleted}
    assert deleted in reconciled(output)
    assert reconciled(output).keys() <= {deleted, *stories}
    assert re.search(r": 1 deleted, .*; \d+ that Asana refuses are hidden, or in the trash$", caplog.text, re.MULTILINE)


def test_a_state_without_a_pass_begins_one(caplog: pytest.LogCaptureFixture) -> None:
    """Deletions are found from its second pass on, and another method begins it again."""
    api, config = world_of(FEW), {**LIST, "reconcile_days": 1}
    caplog.set_level(logging.INFO, "tap_asana.sync.reconcile")
    output = sync(api, config=LIST, select=STREAMS)
    output = later(api, output, 1, config)
    output = later(api, output, 12, config)
    assert "deletions are found from the next pass on" in caplog.text
    output = later(api, output, 1, {**config, "requests_per_minute": 20})
    assert "place" in state_of(output)
    output = later(api, output, 1, {**config, **EXPORT})
    assert "begins again, because their method or selection has changed" in caplog.text
    assert "began" not in state_of(output)
    output = later(api, output, 1, LIST)
    assert "reconciliation" not in output.bookmark("tasks")


def test_another_method_in_the_middle_of_a_pass_loses_no_deletion() -> None:
    """The pass begins again with all that the target holds, whether it had read an object before or not."""
    api, config = world_of(FEW), {"reconcile_days": 1, "follow_events": False}
    output = sync(api, config={**LIST, **config}, select=STREAMS)
    output = later(api, output, 1, {**LIST, **config, "requests_per_minute": 20})
    place = int(state_of(output)["place"][0])
    tasks = sorted((gid for gid in api.world.gids("tasks") if not api.world.tasks[gid].subtasks), key=int)
    deleted = {tasks[0], tasks[-1]}
    assert int(tasks[0]) <= place < int(tasks[-1])
    for gid in deleted:
        api.world.delete_task(gid)
    output = later(api, output, 36, {**EXPORT, **config})
    assert {gid for gid, kind in reconciled(output).items() if kind == "task"} == deleted


def test_a_kill_before_the_first_export_is_made_loses_no_deletion() -> None:
    """The state knows from the begin of the first read on that the target holds nothing yet."""
    api, config = world_of(FEW), {**EXPORT, **WITHOUT_EVENTS, "reconcile_days": 1}
    output = interrupted(api, lambda request: request.path.startswith("/api/1.0/jobs/"), config=config, select=STREAMS)
    output = later(api, output, 1, config)
    deleted = max(api.world.gids("tasks"), key=int)
    api.world.delete_task(deleted)
    assert deleted in reconciled(later(api, output, 36, config))


def test_the_state_of_a_pass_names_no_task() -> None:
    """It has one place, and sums whose size does not depend on the number of tasks (law 3)."""
    api, sizes, streams = world_of(ONE_WORKSPACE), set[int](), ("tasks", "stories", "deletions")
    output = sync(api, config={**LIST, "reconcile_days": 1}, select=streams)
    for days in (10, 1):
        output = later(api, output, 12, {**LIST, "reconcile_days": days}, streams)
        place = state_of(output).pop("place", [])
        assert not {gid for gid in api.world.gids("tasks") if gid in str(state_of(output))}
        assert len(place) <= 1
        sizes.add(len(str(state_of(output)["known"])))
    assert max(sizes) < 12_000


def test_days_without_tasks_say_so(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing that is asked for is ignored silently."""
    sync(world_of(FEW), config={**LIST, "reconcile_days": 1}, select=["projects"])
    assert "reconcile_days: nothing is read again, because none of tasks" in caplog.text


@pytest.mark.parametrize("is_selected", [True, False], ids=["deletions", "no deletions"])
def test_passes_without_deletions_say_so(is_selected: bool, caplog: pytest.LogCaptureFixture) -> None:  # noqa: FBT001 - a parameter of the test
    """Each run of a pass warns once that it finds nothing that was deleted, unless `deletions` is selected."""
    select = ["projects", "tasks", *(["deletions"] if is_selected else [])]
    sync(world_of(FEW), config={**LIST, "reconcile_days": 1}, select=select)
    lines = [line for line in caplog.messages if line.startswith("reconcile_days: what was deleted is not found")]
    assert len(lines) == (not is_selected)


def test_too_many_deletions_are_named_in_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """State names some hundred deletions of a small workspace; more leave a warning."""
    api = world_of(Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=330, stories=0, busiest=300))
    output = sync(api, config={**LIST, "reconcile_days": 1}, select=["tasks", "deletions"])
    output = later(api, output, 12, {**LIST, "reconcile_days": 1}, ("tasks", "deletions"))
    for task in [task for task in api.world.tasks.values() if not task.parent]:
        api.world.delete_task(task.gid)
    later(api, output, 12, {**LIST, "reconcile_days": 1}, ("tasks", "deletions"))
    assert "more tasks than state can name were deleted or moved" in caplog.text


@pytest.mark.parametrize("method", [LIST, SEARCH, EXPORT], ids=["list", "search", "export"])
def test_a_pass_names_no_task_that_this_run_has_just_read(method: Message) -> None:
    """Asana lists a new task, and answers 404 for its gid for a minute; the next pass names it once it was deleted."""
    api = asana(FEW, dialect=Dialect(freshness=FreshnessForm(late_gids=60)))
    config, streams = {**method, **WITHOUT_EVENTS, "reconcile_days": 1}, ("deletions", *ALL_TASK_STREAMS)
    output = sync(api, config=config, select=streams)
    clock(api).advance(24 * HOUR)
    new = api.world.add_task(project=min(api.world.projects))
    clock(api).advance(10)
    output = output.then(sync(api, config=config, select=streams, state=output.state))
    assert new in output.gids("tasks")
    assert new not in output.gids("deletions")
    api.world.delete_task(new)
    for _ in range(2):
        clock(api).advance(24 * HOUR)
        output = output.then(sync(api, config=config, select=streams, state=output.state))
    assert new in output.gids("deletions")
