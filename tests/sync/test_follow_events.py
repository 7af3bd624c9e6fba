"""What changes without moving a clock arrives in the next run, because the events that `deletions` reads name it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest
from expected import cut
from harness import TINY, Message, Output, asana, attempt, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, LIST, SEARCH, before_late_events

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from fake_asana.world import World

OK = 200

SINGLE = ("/{task_gid}", "/{story_gid}", "/{attachment_gid}", "/{time_tracking_entry_gid}")

HINT_FIELDS = ("task.name", "actual_time_minutes")
"""The only field of a sample, by which the tap learns what null minutes mean."""

FOLLOWED = ("projects", "deletions", *ALL_TASK_STREAMS)

BY_WORKSPACE = {**EXPORT, "extraction_method": "list"}
"""A service account, which reads the events of its workspace."""


class Source(NamedTuple):
    """Settings, and whether the plan has an audit log, which tells deletions but no other changes."""

    config: Message
    has_log: bool = False


SOURCES: Mapping[str, Source] = {
    "list": Source(LIST),
    "search": Source(SEARCH),
    "export": Source(EXPORT),
    "workspace events": Source(BY_WORKSPACE),
    "audit log": Source(BY_WORKSPACE, has_log=True),
}
every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def commented(world: World, token: str) -> list[str]:
    """Return visible tasks in a project with comments, at least three."""
    visible = world.gids("tasks", token)
    found = [gid for gid in visible if world.tasks[gid].sections and world.comment_gids(gid)]
    assert len(found) > 2
    return found


def edit_comment(world: World, task: str, _: str) -> None:
    """Edit a comment."""
    world.edit_comment(task, world.comment_gids(task)[0])


def like_comment(world: World, task: str, _: str) -> None:
    """Like a comment."""
    world.like_comment(task, world.comment_gids(task)[0])


def pin_comment(world: World, task: str, _: str) -> None:
    """Pin a comment."""
    world.pin_comment(task, world.comment_gids(task)[0])


def follow(world: World, task: str, _: str) -> None:
    """Follow a task."""
    world.add_follower(task, world.tasks[task].workspace.roster[-1].gid)


def move(world: World, task: str, _: str) -> None:
    """Move a task to another section of its project."""
    project = next(world.tasks[task].projects())
    world.move_task(task, world.add_section(project.gid))


SILENT: Mapping[str, Callable[[World, str, str], object]] = {
    "edit comment": edit_comment,
    "like comment": like_comment,
    "pin comment": pin_comment,
    "follow": follow,
    "move": move,
    "like task": lambda world, task, _: world.like_task(task),
    "depend": lambda world, task, other: world.add_dependency(task, other),
    "track time": lambda world, task, _: world.track_time(task),
}


def first_run(source: Source = SOURCES["list"]) -> tuple[Api, Output]:
    """Return an Asana an hour after a complete run."""
    api = asana(TINY)
    for workspace in () if source.has_log else api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    output = sync(api, config=source.config, select=FOLLOWED)
    clock(api).advance(HOUR)
    return api, output


def differing(api: Api, rows: Output, token: str) -> dict[str, set[str]]:
    """Return the gids, by stream, whose rows are missing or not as in Asana."""
    wrong: dict[str, set[str]] = {}
    for stream in ALL_TASK_STREAMS:
        kept, schema = rows.rows(stream), rows.schemas[stream]
        for gid, record in api.world.expected_records(stream, token).items():
            truth: Message = cut(record, schema)
            if gid not in kept or any(kept[gid][name] != truth[name] for name in kept[gid].keys() & truth.keys()):
                wrong.setdefault(stream, set()).add(gid)
    return wrong


@every_source
def test_every_silent_change_arrives_in_the_next_run(source: Source) -> None:
    """Each kind of change is made once, on a task of its own where possible; one run brings all of them."""
    api, first = first_run(source)
    token = source.config["access_token"]
    before = differing(api, first, token)
    tasks = commented(api.world, token)
    for place, change in enumerate(SILENT.values()):
        change(api.world, tasks[place % len(tasks)], tasks[(place + 1) % len(tasks)])
    changed = differing(api, first, token)
    assert changed != before
    clock(api).advance(HOUR)
    second = sync(api, config=source.config, select=FOLLOWED, state=first.state)
    assert differing(api, first.then(second), token) == before


def event_streams(api: Api, token: str) -> int:
    """Return the number of event streams that a token follows."""
    return len(api.world.gids("workspaces" if token == "0/service" else "projects", token))


def single_requests(api: Api, *, by_hints: bool = False) -> Counter[str]:
    """Return the requests for single objects since the log was cleared, by their template.

    Those for samples of time entries, which show what null minutes mean, are counted only `by_hints`, and alone.
    """
    return Counter(
        handled.template
        for handled in api.log
        if handled.template.endswith(SINGLE) and (handled.query["opt_fields"] in HINT_FIELDS) == by_hints
    )


def test_nothing_is_read_again_without_the_setting() -> None:
    """`follow_events: false` costs no request, and leaves the changes to the task's next one."""
    api, first = first_run()
    task = commented(api.world, "0/fake")[0]
    edit_comment(api.world, task, "")
    wrong = differing(api, first, "0/fake")
    api.log.clear()
    second = sync(api, config={**LIST, "follow_events": False}, select=FOLLOWED, state=first.state)
    assert not single_requests(api)
    assert differing(api, first.then(second), "0/fake") == wrong


def test_the_setting_without_deletions_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """`follow_events: true` cannot be obeyed if the stream that reads events is not selected (law 12)."""
    sync(asana(TINY), config={**LIST, "follow_events": True}, select=["projects", "tags"])
    assert sum("deletions is not selected" in line for line in caplog.messages) == 1
    caplog.clear()
    sync(asana(TINY), config=LIST, select=["projects", "tags"])
    assert not any("deletions is not selected" in line for line in caplog.messages)


@every_source
def test_only_what_is_not_read_anyway_costs_a_request(source: Source) -> None:
    """An object that changed without a clock costs one request, one with a clock none more, and no list is repeated."""
    api, first = first_run(source)
    token = source.config["access_token"]
    tasks = commented(api.world, token)
    world = api.world
    world.like_task(tasks[0])
    edit_comment(world, tasks[1], "")
    like_comment(world, tasks[1], "")
    for gid in tasks[2:]:
        edit_comment(world, gid, "")
        world.like_task(gid)
        world.comment(gid)
    clock(api).advance(HOUR)
    api.log.clear()
    queries = Counter[tuple[object, ...]]()

    def count(request: HttpRequest) -> None:
        queries[request.path, tuple(sorted(request.query.items()))] += request.method == "GET"

    second = sync(api, config=source.config, select=FOLLOWED, state=first.state, on_request=count)
    answered = [handled.template for handled in api.log if handled.status == OK]
    assert sum(template.endswith("/events") for template in answered) == event_streams(api, token)
    assert single_requests(api) == {"GET /tasks/{task_gid}": 1, "GET /stories/{story_gid}": 1}
    # Some changed tasks have null minutes. The first run has learnt from others what that means: nothing is sampled.
    assert single_requests(api, by_hints=True) == {}
    assert {query for query, number in queries.items() if number > 1 and "/jobs/" not in str(query)} == set()
    assert {row["gid"] for row in second.records("tasks")} >= set(tasks) - {tasks[1]}
    api.log.clear()
    clock(api).advance(HOUR)
    sync(api, config=source.config, select=FOLLOWED, state=second.state)
    assert not single_requests(api) + single_requests(api, by_hints=True)


def test_a_failure_is_followed_by_the_next_run(caplog: pytest.LogCaptureFixture) -> None:
    """If Asana cannot answer for an object, one line says so, and the next run reads the same events again."""
    api, first = first_run()
    token = "0/fake"
    before = differing(api, first, token)
    liked, edited = commented(api.world, token)[:2]
    story = api.world.comment_gids(edited)[0]
    api.world.like_task(liked)
    edit_comment(api.world, edited, "")
    clock(api).advance(HOUR)
    api.world.access.deny(story, 500)
    second = sync(api, config=LIST, select=FOLLOWED, state=first.state)
    assert sum("the next run reads their events again" in line for line in caplog.messages) == 1
    assert differing(api, first.then(second), token) == {**before, "stories": before.get("stories", set()) | {story}}
    api.world.access.denied_statuses.pop(story)
    third = sync(api, config=LIST, select=FOLLOWED, state=second.state)
    assert differing(api, first.then(second).then(third), token) == before


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("kill", [1, 2, 4])
def test_a_kill_between_events_and_objects_loses_nothing(kill: int) -> None:
    """A run that ends before some request for an object, started again, brings all changes."""
    api, first = first_run()
    token = "0/fake"
    before = differing(api, first, token)
    for task in commented(api.world, token)[:4]:
        edit_comment(api.world, task, "")
        api.world.like_task(task)
    clock(api).advance(HOUR)
    counts = Counter[str]()

    def end(request: HttpRequest) -> None:
        counts["single"] += "/stories/" in request.path
        if counts["single"] >= kill:
            raise ZeroDivisionError

    killed = attempt(api, config=LIST, select=FOLLOWED, state=first.state, on_request=end)
    assert killed.error is not None
    kept = killed.confirmed()
    resumed = sync(api, config=LIST, select=FOLLOWED, state=kept.state or first.state)
    assert differing(api, first.then(kept).then(resumed), token) == before
    assert set(resumed.counts()) <= set(resumed.schemas), "a target needs the schema of each record"


def test_a_deleted_object_is_not_requested() -> None:
    """Events show that an edited comment and a liked task were deleted afterwards."""
    api, first = first_run()
    kept, deleted = commented(api.world, "0/fake")[:2]
    story = api.world.comment_gids(kept)[0]
    edit_comment(api.world, kept, "")
    api.world.like_task(deleted)
    clock(api).advance(1)
    api.world.delete_comment(kept, story)
    api.world.delete_task(deleted)
    clock(api).advance(HOUR)
    paths = []
    sync(api, config=LIST, select=FOLLOWED, state=first.state, on_request=lambda request: paths.append(request.path))
    assert not [path for path in paths if path.rpartition("/")[2] in {story, deleted}]


@every_source
def test_expired_tokens_are_told_with_their_span_in_one_line(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    """One warning for each workspace names the span, and the run after it follows events again."""
    api, first = first_run(source)
    task = commented(api.world, source.config["access_token"])[0]
    api.world.expire_sync_tokens()
    caplog.clear()
    second = sync(api, config=source.config, select=FOLLOWED, state=first.state)
    lines = [line for line in caplog.messages if "no sync token goes back that far" in line]
    starts, ends = (run.bookmark("deletions")["replication_key_value"] for run in (first, second))
    assert len(lines) == len(api.world.access.viewers[source.config["access_token"]].workspaces)
    spans = [re.search(r"from (\S+) to (\S+) were missed: .*modified_at", line) for line in lines]
    assert all(span and span[1] == before_late_events(starts) and ends <= span[2] for span in spans)
    clock(api).advance(HOUR)
    edit_comment(api.world, task, "")
    third = sync(api, config=source.config, select=FOLLOWED, state=second.state)
    assert api.world.comment_gids(task)[0] in third.gids("stories")


def test_a_log_that_fails_and_leaves_the_plan_loses_no_deletion() -> None:
    """While the audit log fails, sync tokens stay at its bookmark, so events tell what it can tell no more."""
    source = SOURCES["audit log"]
    api, first = first_run(source)
    gone = commented(api.world, source.config["access_token"])[0]
    api.world.delete_task(gone)
    clock(api).advance(HOUR)
    api.refuse("GET /workspaces/{workspace_gid}/audit_log_events", 503)
    second = sync(api, config=source.config, select=FOLLOWED, state=first.state)
    assert gone not in second.gids("deletions")
    api.refusals.clear()
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    third = sync(api, config=source.config, select=FOLLOWED, state=second.state)
    assert gone in third.gids("deletions")
