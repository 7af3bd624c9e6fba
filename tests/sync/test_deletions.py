"""What disappeared or came back is told by the best source that there is, from the second run on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

import pytest
from harness import PERSON, SERVICE, SMALL, TINY, Message, Output, asana, clock, key, sync
from methods import HOUR
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.oracle.changes import Deletion
from fake_asana.server.api import Api
from fake_asana.world import Changes

PROJECT_EVENTS = "GET /events"
WORKSPACE_EVENTS = "GET /workspaces/{workspace_gid}/events"
LOG = "GET /workspaces/{workspace_gid}/audit_log_events"

Told = Counter[tuple[str, str, str]]


class Source(NamedTuple):
    """One way to know: who reads, what the plan lacks, and what the source calls itself."""

    config: Mapping[str, str]
    lacks: tuple[str, ...]
    name: str


SOURCES = (
    Source(SERVICE, (), "audit_log"),
    Source(SERVICE, ("audit_log",), "workspace_events"),
    Source(PERSON, (), "project_events"),
)
every_source = pytest.mark.parametrize("source", SOURCES, ids=[source.name for source in SOURCES])
by_events = pytest.mark.parametrize("source", SOURCES[1:], ids=[source.name for source in SOURCES[1:]])


def ready(source: Source) -> Api:
    """Return an Asana with the plan that leads to a source."""
    api = asana(SMALL)
    for workspace in api.world.workspaces.values() if source.lacks else ():
        api.world.downgrade(workspace, *source.lacks)
    return api


def run(api: Api, source: Source, state: Message | None = None) -> Output:
    """Read the deletions alone."""
    return sync(api, config=source.config, select=["deletions"], state=state)


def work(api: Api) -> Changes:
    """Let two days of work pass, with all that can vanish, leave its place or come back."""
    world = api.world
    mark = world.mark()
    world.mutate()
    clock(api).advance(HOUR)
    world.mutate()
    workspace = next(iter(world.workspaces.values()))
    seen = [project for project in workspace.projects.values() if project.gid not in world.hidden_projects]
    clock(api).advance(1)
    world.delete_project(seen[-1].gid)
    clock(api).advance(1)
    world.delete_team(next(iter(workspace.teams)))
    clock(api).advance(HOUR)
    return world.changes_since(mark)


def telling(api: Api, source: Source, deletions: list[Deletion], before: set[str]) -> Told:
    """Return what a source has to tell: the log all but removals, events what belongs to one of their homes."""
    workspaces = set(api.world.access.viewers[source.config["access_token"]].workspaces)
    ownership = {"project_events": before}.get(source.name, workspaces)
    return Counter(
        {
            (each.gid, each.action, each.occurred_at): 1
            for each in deletions
            if each.scope & ownership and not (source.name == "audit_log" and each.action == "removed")
        }
    )


def told(output: Output) -> Told:
    """Return what a run told."""
    return Counter((record["gid"], record["action"], record["occurred_at"]) for record in output.records("deletions"))


@every_source
def test_the_first_run_only_takes_its_bearings(source: Source) -> None:
    """What was deleted before the first run is not told, however well it is known."""
    api = ready(source)
    work(api)
    assert not run(api, source).records("deletions")


@every_source
def test_bearings_are_taken_before_anything_is_read_that_could_vanish(source: Source) -> None:
    """Only workspaces and projects, whose events are asked for, are listed before: what vanishes later will be told."""
    api = ready(source)
    sync(api, config=source.config)
    asked = [handled.template for handled in api.log]
    sources = {LOG, WORKSPACE_EVENTS, PROJECT_EVENTS}
    last = max(at for at, template in enumerate(asked) if template in sources)
    assert set(asked[:last]) - sources == {"GET /workspaces", "GET /projects"}


@every_source
def test_what_disappeared_since_the_last_run_is_told(source: Source) -> None:
    """The second run tells each thing that was deleted, undeleted or removed since, once, and the third nothing."""
    api = ready(source)
    state = run(api, source).state
    projects = set(api.world.gids("projects", source.config["access_token"]))
    clock(api).advance(HOUR)
    changes = work(api)
    second = run(api, source, state)
    wanted = telling(api, source, changes.deletions, projects)
    assert {action for _, action, _ in wanted} == {"deleted", "undeleted"} | (
        {"removed"} if source.name != "audit_log" else set()
    )
    assert told(second) == wanted
    assert {record["source"] for record in second.records("deletions")} == {source.name}
    clock(api).advance(HOUR)
    assert not run(api, source, second.state).records("deletions")


@every_source
def test_records_say_what_it_was_and_where(source: Source) -> None:
    """A deletion says the kind of thing, who did it, in which workspace, and what it was removed from."""
    api = ready(source)
    state = run(api, source).state
    clock(api).advance(HOUR)
    known = {(each.gid, each.action, each.occurred_at): each for each in work(api).deletions}
    records = run(api, source, state).records("deletions")
    assert records
    for record in records:
        found = known[record["gid"], record["action"], record["occurred_at"]]
        assert record["resource_type"] == found.resource_type
        assert (record["actor"] or {}).get("gid") == found.actor
        assert record["workspace_gid"] in found.scope
        if source.name != "audit_log":
            assert (record["parent"] or {}).get("gid") == found.parent


@by_events
def test_state_keeps_a_token_for_each_stream_of_events(source: Source) -> None:
    """State has a sync token for each workspace or visible project, and none for anything else."""
    api = ready(source)
    token = source.config["access_token"]
    followed = set(api.world.gids("workspaces" if source.config is SERVICE else "projects", token))
    assert set(tokens(run(api, source).state)) == followed


def tokens(state: Message) -> dict[str, str]:
    """Return the sync tokens of a state."""
    partitions = state["bookmarks"]["deletions"]["partitions"]
    return {gid: token for partition in partitions for gid, token in partition["sync_tokens"].items()}


@by_events
def test_more_events_than_an_answer_holds_are_followed(source: Source) -> None:
    """Where Asana has more to tell than one answer holds, it is asked until it has told all."""
    api = ready(source)
    world = api.world
    token = source.config["access_token"]
    project = max(
        (project for project in world.projects.values() if project.gid in world.gids("projects", token)),
        key=lambda project: len(project.tasks),
    ).gid
    added = [world.add_task(project=project) for _ in range(600)]
    state = run(api, source).state
    clock(api).advance(HOUR)
    for gid in added:
        world.rename_task(gid)
        world.delete_task(gid)
    api.log.clear()
    output = run(api, source, state)
    assert set(added) <= output.gids("deletions")
    asked = Counter(
        handled.query.get("resource", "")
        for handled in api.log
        if handled.template in {PROJECT_EVENTS, WORKSPACE_EVENTS}
    )
    assert max(asked.values()) > 1


@by_events
def test_forgotten_tokens_lose_a_span_and_nothing_else(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    """A token that is too old is logged with the span that is unknown; tasks lose nothing, and the next run goes on."""
    api = ready(source)
    streams = ["projects", "tasks", "deletions"]
    first = sync(api, config=source.config, select=streams)
    clock(api).advance(HOUR)
    api.world.mutate()
    clock(api).advance(HOUR)
    wanted = sync(api, config=source.config, select=["tasks"], state=first.state).gids("tasks")
    api.world.expire_sync_tokens()
    caplog.clear()
    second = sync(api, config=source.config, select=streams, state=first.state)
    assert not second.records("deletions")
    assert wanted
    assert second.gids("tasks") == wanted
    before, after = (run.bookmark("deletions")["replication_key_value"] for run in (first, second))
    gaps = [record.getMessage() for record in caplog.records if "no sync token" in record.getMessage()]
    assert gaps
    assert all(f"from {before} to {after} were missed" in gap for gap in gaps)
    clock(api).advance(HOUR)
    truth = api.world.expected_records("tasks", source.config["access_token"])
    gone = next(gid for gid, task in api.world.tasks.items() if gid in truth and task.sections and not task.subtasks)
    api.world.delete_task(gone)
    assert gone in run(api, source, second.state).gids("deletions")


def test_the_log_is_asked_from_the_bookmark_on() -> None:
    """The audit log is not read from its beginning, in the first run or later."""
    source = SOURCES[0]
    api = asana(TINY)
    state = run(api, source).state
    clock(api).advance(HOUR)
    run(api, source, state)
    starts = [handled.query["start_at"] for handled in api.log if handled.template == LOG]
    bookmark = state["bookmarks"]["deletions"]["partitions"][0]["replication_key_value"]
    assert starts[0] == bookmark
    assert set(starts[1:-1]) <= {bookmark, starts[-1]}
    assert starts[-1] < bookmark


def test_the_key_tells_deletions_apart() -> None:
    """What is deleted, brought back and deleted again is three records."""
    api = asana(TINY)
    source = SOURCES[0]
    state = run(api, source).state
    gid = next(gid for gid, task in api.world.tasks.items() if task.workspace.organization and not task.subtasks)
    for deed in (api.world.delete_task, api.world.undelete_task, api.world.delete_task):
        clock(api).advance(HOUR)
        deed(gid)
    records = [record for record in run(api, source, state).records("deletions") if record["gid"] == gid]
    assert [record["action"] for record in records] == ["deleted", "undeleted", "deleted"]
    assert len({key("deletions", record) for record in records}) == 3


class Leaving(Api):
    """An Asana whose events tell that something was removed from a person."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        if not request.path.endswith("/events") or "sync" not in request.query:
            return super().handle(request)
        things = {"resource": {"gid": "7", "resource_type": "task"}, "parent": {"gid": "12", "resource_type": "user"}}
        event = {"action": "removed", "created_at": "2026-06-01T00:00:00.000Z", "user": None, **things}
        body = {"data": [event], "sync": request.query["sync"], "has_more": False}
        return HttpResponse(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


def test_the_key_of_a_deletion_holds_no_person() -> None:
    """What was removed from a person has no parent in its key: nothing there says whose gid it would be."""
    api = Leaving(asana(TINY).world)
    first = sync(api, select=["deletions"])
    second = sync(api, select=["deletions"], state=first.state)
    assert {(record["gid"], record["parent_gid"]) for record in second.records("deletions")} == {("7", "")}


def test_one_source_is_asked_for_all_workspaces_before_the_next() -> None:
    """No workspace waits for the refusals of another: each source is asked for all of them at once."""
    api = ready(SOURCES[-1])
    run(api, SOURCES[-1])
    asked = [handled.template for handled in api.log if handled.template.endswith("events")]
    assert [source for source, _ in groupby(asked)] == [LOG, WORKSPACE_EVENTS, PROJECT_EVENTS]
    assert Counter(asked)[LOG] == len(api.world.workspaces) > 1
