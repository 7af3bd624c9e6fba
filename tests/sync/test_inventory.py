"""The sums in the state of a pass hold each object of the target once, however it was read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

import pytest
from harness import ENTRIES, Hook, Message, Output, catalog_of, clock, run_limits, sync
from interruptions import interrupted
from methods import EXPORT, HOUR, LIST, SEARCH
from passes import FEW, WITHOUT_EVENTS, state_of, world_of

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from tap_asana.state.number_sets import NumberSet
from tap_asana.sync.inventory import KnownObject

STREAMS = ("tasks", "stories", "deletions")
WITH_ENTRIES = ("tasks", "time_tracking_entries", "deletions")
HALF_DAY: Message = {**WITHOUT_EVENTS, "reconcile_days": 1}
IN_PARTS: Message = {"requests_per_minute": 50, "reconcile_percent": 1}
"""A share of the request rate that a pass over few tasks needs several runs for."""

EVERY = 15
"""Requests between two comments of people at work."""


def sums(output: Output) -> tuple[Message, Message]:
    """Return the sums of what is known in the last state, and those of what the target holds."""
    known = state_of(output)["known"]
    expected = {kind: NumberSet(NumberSet.from_text(text).buckets) for kind, text in known.items()}
    expected["tasks"].update(KnownObject("tasks", gid).number for gid in output.gids("tasks"))
    stories = output.rows("stories").items()
    gids = [gid for gid, story in stories if story["target"]["gid"] in output.gids("tasks")]
    expected["below"].update(KnownObject("stories", gid).number for gid in gids)
    return known, {kind: numbers.to_text() for kind, numbers in expected.items()}


def named(output: Output) -> set[str]:
    """Return the gids of what passes found to be deleted."""
    return {row["gid"] for row in output.records("deletions") if row["source"] == "reconciled"}


def commenting(api: Api) -> Hook:
    """Return a hook that has people comment on tasks during a run."""
    numbers, gids = count(1), sorted(api.world.gids("tasks"))

    def comment(_: HttpRequest) -> None:
        if (number := next(numbers)) % EVERY == 0:
            api.world.comment(gids[number % len(gids)])

    return comment


@pytest.mark.parametrize("template", ["GET /tasks/{task_gid}/stories", "GET /tasks/{task_gid}"])
def test_what_a_pass_could_not_read_is_still_known(template: str) -> None:
    """Asana refuses a list, or a task, in one pass; the next one names what was deleted of it meanwhile."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    output = sync(api, config=config, select=STREAMS)
    task = next(gid for gid in sorted(api.world.gids("tasks")) if api.world.comment_gids(gid))
    deleted = api.world.comment_gids(task)[0]
    api.refusals.append(Refusal(template, 403, task))
    for place in range(3):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
        api.refusals.clear()
        if place == 0:
            api.world.delete_comment(task, deleted)
    known, expected = sums(output)
    assert named(output) == {deleted}
    assert known["tasks"] == expected["tasks"]


@pytest.mark.parametrize("stream", ["tasks", "stories"])
def test_what_failed_to_answer_is_looked_for_again(stream: str) -> None:
    """A deleted object whose request fails at the end of a pass is named by the next one."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    output = sync(api, config=config, select=STREAMS)
    task = next(gid for gid in sorted(api.world.gids("tasks")) if api.world.comment_gids(gid))
    deleted = task if stream == "tasks" else api.world.comment_gids(task)[0]
    if stream == "tasks":
        api.world.delete_task(task)
    else:
        api.world.delete_comment(task, deleted)
    path = "GET /tasks/{task_gid}" if stream == "tasks" else "GET /stories/{story_gid}"
    api.refusals.append(Refusal(path, 500, deleted))
    for _ in range(2):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
        assert (deleted in named(output)) == (not api.refusals)
        api.refusals.clear()


@pytest.mark.parametrize("method", [LIST, SEARCH, EXPORT], ids=["list", "search", "export"])
def test_each_object_is_known_once(method: Mapping[str, str]) -> None:
    """What was created while runs read is known once after a pass, and so is what two parts of a pass have searched."""
    api, config = world_of(FEW), {**method, **HALF_DAY}
    with run_limits(max_search_tasks=8):
        output = sync(api, config=config, select=STREAMS)
        for more in (IN_PARTS, IN_PARTS, IN_PARTS, {}):
            clock(api).advance(4 * HOUR)
            hook = commenting(api)
            output = output.then(
                sync(api, config={**config, **more}, select=STREAMS, state=output.state, on_request=hook)
            )
        for _ in range(2):
            clock(api).advance(12 * HOUR)
            output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
    assert "missing" not in state_of(output)
    known, held = sums(output)
    assert known == held


def test_a_pass_looks_for_nothing_that_was_created_after_its_begin() -> None:
    """People comment between the parts of a pass; what is known at its end has each comment once."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    output = sync(api, config=config, select=STREAMS)
    for more in (IN_PARTS, IN_PARTS, {}):
        clock(api).advance(2 * HOUR)
        for gid in sorted(api.world.gids("tasks"))[::5]:
            api.world.comment(gid)
        clock(api).advance(2 * HOUR)
        output = output.then(sync(api, config={**config, **more}, select=STREAMS, state=output.state))
        assert ("missing" in state_of(output)) == bool(more)
    known, held = sums(output)
    assert known == held
    assert not [request for request in api.log if request.template.startswith("GET /stories/")]


def test_what_a_killed_read_has_counted_twice_is_counted_once_after_a_pass() -> None:
    """A resumed first read by searches writes tasks again."""
    api, config = world_of(FEW), {**SEARCH, **HALF_DAY, "max_concurrency": 1}
    with run_limits(output_per_state_byte=0):
        output = interrupted(api, 60, config=config, select=STREAMS)
    for hours in (0, 12):
        clock(api).advance(hours * HOUR)
        output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
        known, held = sums(output)
        assert (known == held) == bool(hours)


@pytest.mark.parametrize("method", [LIST, SEARCH], ids=["list", "search"])
def test_a_read_of_everything_counts_nothing_twice(method: Mapping[str, str]) -> None:
    """A run reads all as FULL_TABLE (docs/deletions.md); the next pass looks for no object that it has read."""
    api, config = world_of(FEW), {**method, **HALF_DAY}
    whole = {name: {**ENTRIES[name], "replication_method": "FULL_TABLE"} for name in ("tasks", "stories")}
    output = sync(api, config=config, select=STREAMS)
    for catalog in (catalog_of(STREAMS, whole), catalog_of(STREAMS)):
        clock(api).advance(6 * HOUR)
        output = output.then(sync(api, config=config, catalog=catalog, state=output.state))
    known, held = sums(output)
    assert known == held
    assert not [request for request in api.log if request.template.startswith("GET /stories/")]


def test_a_task_outside_of_all_lists_stays_known() -> None:
    """Passes by lists do not find a task that left its last project, but name its deletion when it comes."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    output = sync(api, config=config, select=STREAMS)
    placed = ((task, project) for project in api.world.projects.values() for task in project.tasks.values())
    alone = ((task, project) for task, project in placed if len(task.sections) == 1 and not task.tags)
    task, project = next((task, project) for task, project in alone if not task.parent and not task.assignee)
    api.world.remove_from_project(task.gid, project.gid)
    for _ in range(2):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
    assert task.gid not in named(output)
    api.world.delete_task(task.gid)
    for _ in range(2):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
    assert task.gid in named(output)


def test_what_lives_between_two_runs_only_is_named() -> None:
    """A comment that a run has met by chance, and that is deleted before the next one, leaves the target."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    before = set(api.world.gids("stories"))
    output = sync(api, config=config, select=STREAMS, on_request=commenting(api))
    met = {gid: row["target"]["gid"] for gid, row in output.rows("stories").items() if gid not in before}
    assert met
    for gid, task_gid in met.items():
        api.world.delete_comment(task_gid, gid)
    clock(api).advance(30 * HOUR)
    output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
    assert met.keys() <= named(output)


def whole_task(request: HttpRequest) -> bool:
    """Return whether a request is for one task: passes by lists read each in this way."""
    return request.path.rpartition("/")[0].endswith("/tasks") and request.path.rpartition("/")[2].isdecimal()


def test_an_entry_that_only_a_pass_has_met_is_named() -> None:
    """Time is tracked while the pass reads, and deleted before the next run: no list of recent entries has shown it."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    output = sync(api, config=config, select=WITH_ENTRIES)
    last, entries = max(api.world.gids("tasks")), list[str]()

    def track(request: HttpRequest) -> None:
        if whole_task(request) and not entries:
            entries.append(api.world.track_time(last))

    for _ in range(3):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=WITH_ENTRIES, state=output.state, on_request=track))
        if entries and entries[0] in api.world.gids("time_tracking_entries"):
            assert entries[0] in output.gids("time_tracking_entries")
            api.world.delete_time(entries[0])
    assert set(entries) <= named(output)


def test_an_entry_of_the_run_that_begins_a_pass_is_named_by_the_next_one() -> None:
    """The run has written it before the pass began, which reads what is older; later runs list it unchanged."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    output = sync(api, config=config, select=WITH_ENTRIES)
    last, entries = max(api.world.gids("tasks")), list[str]()

    def track(request: HttpRequest) -> None:
        if "entered_on_start_date" in request.query and not entries:
            entries.append(api.world.track_time(last))

    for part, share in enumerate((IN_PARTS, {}, {})):
        clock(api).advance((6, 6, 12)[part] * HOUR)
        parts = {**config, **share}
        output = output.then(sync(api, config=parts, select=WITH_ENTRIES, state=output.state, on_request=track))
        assert ("place" in state_of(output)) == (part == 0)
        if part == 1:
            assert set(entries) <= output.gids("time_tracking_entries")
            api.world.delete_time(entries[0])
    assert set(entries) <= named(output)


def test_an_entry_for_a_day_of_last_month_is_named_by_the_next_pass() -> None:
    """It is made between two parts of a pass, and no run lists the entries of such a day."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    output, last, entry = Output(), max(api.world.gids("tasks")), ""
    for part in range(8):
        entry = api.world.track_time(last, days_back=31) if part == 2 else entry
        more = IN_PARTS if part < 5 else {}
        output = output.then(sync(api, config={**config, **more}, select=WITH_ENTRIES, state=output.state))
        if part == 2:
            assert "place" in state_of(output)
        if part == 5:
            assert entry in output.gids("time_tracking_entries")
            api.world.delete_time(entry)
        clock(api).advance((4 if part < 5 else 12) * HOUR)
    assert entry in named(output)


@pytest.mark.parametrize("kind", ["a project that was refused", "a project shared", "an owed list"])
def test_old_objects_that_arrive_late_are_named_if_they_are_deleted(kind: str) -> None:
    """The second run writes them for the first time, and people delete them before a pass has read them."""
    api, config = world_of(FEW), {**LIST, **HALF_DAY}
    tasks = [each for each in api.world.tasks.values() if not each.assignee and not each.tags]
    task, project = max((each.gid, holders[0].gid) for each in tasks if len(holders := [*each.projects()]) == 1)
    comment = api.world.comment(task)
    if kind == "a project shared":
        api.world.hide_project(project)
    elif kind == "an owed list":
        api.refusals.append(Refusal("GET /tasks/{task_gid}/stories", 403, task))
    else:
        api.refusals.append(Refusal("GET /tasks", 403, project))
    clock(api).advance(HOUR)
    output = sync(api, config=config, select=STREAMS)
    assert comment not in output.gids("stories")
    api.refusals.clear()
    api.world.share_project(project)
    clock(api).advance(HOUR)
    output = output.then(sync(api, config={**config, **IN_PARTS}, select=STREAMS, state=output.state))
    assert comment in output.gids("stories")
    gone = {comment} if kind == "an owed list" else {task, comment}
    api.world.delete_comment(task, comment)
    if kind != "an owed list":
        api.world.delete_task(task)
    for _ in range(2):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
    assert gone <= named(output)


def test_an_entry_that_only_events_have_named_is_named_by_the_next_pass() -> None:
    """It is for a day of last month, on a task without another change, and is deleted before a pass has read it."""
    api, config = world_of(FEW), {**EXPORT, "reconcile_days": 2}
    output = sync(api, config=config, select=WITH_ENTRIES)
    task = next(gid for gid in sorted(api.world.gids("tasks")) if api.world.tasks[gid].sections)
    clock(api).advance(HOUR)
    entry = api.world.track_time(task, days_back=31)
    for hours in (1, 30, 30):
        clock(api).advance(hours * HOUR)
        output = output.then(sync(api, config=config, select=WITH_ENTRIES, state=output.state))
        if hours == 1:  # a pass by export is not due yet
            assert entry in output.gids("time_tracking_entries")
            api.world.delete_time(entry)
    assert entry in named(output)
