"""Deletions, restorations and removals are read from the best available source, from the second run on."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

import pytest
from harness import KEYS, PERSON, SERVICE, SMALL, TINY, Message, Output, asana, clock, key, sync
from methods import HOUR, before_late_events
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
    """A source of deletions: settings, features outside the plan, and name."""

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
    """Return an Asana with a plan that leads to this source."""
    api = asana(SMALL)
    for workspace in api.world.workspaces.values() if source.lacks else ():
        api.world.downgrade(workspace, *source.lacks)
    return api


def run(api: Api, source: Source, state: Message | None = None) -> Output:
    """Read the deletions only."""
    return sync(api, config=source.config, select=["deletions"], state=state)


def work(api: Api) -> Changes:
    """Simulate two days with all kinds of deletions, removals and restorations."""
    world = api.world
    mark = world.mark()
    world.mutate()
    clock(api).advance(HOUR)
    world.mutate()
    workspace = next(iter(world.workspaces.values()))
    visible = [project for project in workspace.projects.values() if project.gid not in world.hidden_projects]
    clock(api).advance(1)
    world.delete_project(visible[-1].gid)
    clock(api).advance(1)
    world.delete_team(next(iter(workspace.teams)))
    clock(api).advance(HOUR)
    return world.changes_since(mark)


def expected_deletions(api: Api, source: Source, deletions: list[Deletion], before: set[str]) -> Told:
    """Return the deletions that a source reports: the log all but removals, events those in a followed scope."""
    workspaces = set(api.world.access.viewers[source.config["access_token"]].workspaces)
    ownership = {"project_events": before}.get(source.name, workspaces)
    return Counter(
        {
            (each.gid, each.action, each.occurred_at): 1
            for each in deletions
            if each.scope & ownership and not (source.name == "audit_log" and each.action == "removed")
        }
    )


def deletions_of(output: Output) -> Told:
    """Return the deletions in an output."""
    return Counter((record["gid"], record["action"], record["occurred_at"]) for record in output.records("deletions"))


@every_source
def test_the_first_run_returns_no_deletions(source: Source) -> None:
    """Deletions before the first run are not returned, even if the source knows them."""
    api = ready(source)
    work(api)
    assert not run(api, source).records("deletions")


@every_source
def test_no_part_of_a_key_is_empty(source: Source) -> None:
    """Deletions and restorations have the gid of the workspace in place of a parent."""
    api = ready(source)
    state = run(api, source).state
    work(api)
    records = run(api, source, state).records("deletions")
    assert all(record[name] for record in records for name in KEYS["deletions"])
    parentless = {record["parent_gid"] for record in records if not record.get("parent")}
    assert parentless <= {record["workspace_gid"] for record in records}
    assert parentless


@every_source
def test_sync_tokens_are_fetched_first(source: Source) -> None:
    """Only workspaces and projects, the subjects of events, are listed before: later deletions are reported."""
    api = ready(source)
    sync(api, config=source.config)
    operations = [handled.template for handled in api.log]
    sources = {LOG, WORKSPACE_EVENTS, PROJECT_EVENTS}
    last = max(at for at, template in enumerate(operations) if template in sources)
    assert set(operations[:last]) - sources == {"GET /workspaces", "GET /projects"}


@every_source
def test_deletions_since_the_last_run_are_returned_once(source: Source) -> None:
    """The second run returns each deletion, restoration and removal since the first once, and the third none."""
    api = ready(source)
    state = run(api, source).state
    projects = set(api.world.gids("projects", source.config["access_token"]))
    clock(api).advance(HOUR)
    changes = work(api)
    second = run(api, source, state)
    expected = expected_deletions(api, source, changes.deletions, projects)
    assert {action for _, action, _ in expected} == {"deleted", "undeleted"} | (
        {"removed"} if source.name != "audit_log" else set()
    )
    assert deletions_of(second) == expected
    assert {record["source"] for record in second.records("deletions")} == {source.name}
    clock(api).advance(HOUR)
    assert not run(api, source, second.state).records("deletions")


@every_source
def test_records_hold_type_actor_workspace_and_parent(source: Source) -> None:
    """A record holds the resource type, the actor, the workspace, and the parent of a removal."""
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
def test_state_holds_a_token_per_event_source(source: Source) -> None:
    """State has a sync token for each workspace or visible project, and no others."""
    api = ready(source)
    token = source.config["access_token"]
    followed = set(api.world.gids("workspaces" if source.config is SERVICE else "projects", token))
    assert set(tokens(run(api, source).state)) == followed


def tokens(state: Message) -> dict[str, str]:
    """Return the sync tokens in a state."""
    partitions = state["bookmarks"]["deletions"]["partitions"]
    return {gid: token for partition in partitions for gid, token in partition["sync_tokens"].items()}


@by_events
def test_all_pages_of_events_are_read(source: Source) -> None:
    """If a response does not hold all events, requests continue until all are read."""
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
    counts = Counter(
        handled.query.get("resource", "")
        for handled in api.log
        if handled.template in {PROJECT_EVENTS, WORKSPACE_EVENTS}
    )
    assert max(counts.values()) > 1


@by_events
def test_expired_tokens_lose_deletions_only(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    """An expired token logs the missed interval; no task is lost, and the next run continues."""
    api = ready(source)
    streams = ["projects", "tasks", "deletions"]
    first = sync(api, config=source.config, select=streams)
    clock(api).advance(HOUR)
    api.world.mutate()
    clock(api).advance(HOUR)
    expected = sync(api, config=source.config, select=["tasks"], state=first.state).gids("tasks")
    api.world.expire_sync_tokens()
    caplog.clear()
    second = sync(api, config=source.config, select=streams, state=first.state)
    assert not second.records("deletions")
    assert expected
    assert second.gids("tasks") == expected
    before, after = (run.bookmark("deletions")["replication_key_value"] for run in (first, second))
    gaps = [record.getMessage() for record in caplog.records if "no sync token" in record.getMessage()]
    assert gaps
    spans = [re.search(r"from (\S+) to (\S+) were missed", gap) for gap in gaps]
    assert all(span and span[1] == before_late_events(before) and after <= span[2] for span in spans)
    clock(api).advance(HOUR)
    truth = api.world.expected_records("tasks", source.config["access_token"])
    gone = next(gid for gid, task in api.world.tasks.items() if gid in truth and task.sections and not task.subtasks)
    api.world.delete_task(gone)
    assert gone in run(api, source, second.state).gids("deletions")


def test_the_audit_log_is_requested_from_the_bookmark() -> None:
    """The audit log is never read from its beginning, not even in the first run."""
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


def test_repeated_deletions_have_distinct_keys() -> None:
    """A deletion, a restoration and a second deletion are three records."""
    api = asana(TINY)
    source = SOURCES[0]
    state = run(api, source).state
    gid = next(gid for gid, task in api.world.tasks.items() if task.workspace.organization and not task.subtasks)
    for change in (api.world.delete_task, api.world.undelete_task, api.world.delete_task):
        clock(api).advance(HOUR)
        change(gid)
    records = [record for record in run(api, source, state).records("deletions") if record["gid"] == gid]
    assert [record["action"] for record in records] == ["deleted", "undeleted", "deleted"]
    assert len({key("deletions", record) for record in records}) == 3


class RemovedFromPerson(Api):
    """An Asana whose events report a removal from a person."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        if not request.path.endswith("/events") or "sync" not in request.query:
            return super().handle(request)
        things = {"resource": {"gid": "7", "resource_type": "task"}, "parent": {"gid": "12", "resource_type": "user"}}
        event = {"action": "removed", "created_at": "2026-06-01T00:00:00.000Z", "user": None, **things}
        body = {"data": [event], "sync": request.query["sync"], "has_more": False}
        return HttpResponse(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


def test_the_key_of_a_deletion_holds_no_person() -> None:
    """A removal from a person has no parent in its key, which would show that gid in the clear."""
    api = RemovedFromPerson(asana(TINY).world)
    first = sync(api, select=["deletions"])
    second = sync(api, select=["deletions"], state=first.state)
    parents = [(record["parent_gid"], record["workspace_gid"]) for record in second.records("deletions")]
    assert parents == [(gid, gid) for gid in api.world.workspaces]


def test_each_source_is_tried_for_all_workspaces_at_once() -> None:
    """No workspace waits for the refusals of another: each source is requested for all before the next source."""
    api = ready(SOURCES[-1])
    run(api, SOURCES[-1])
    operations = [handled.template for handled in api.log if handled.template.endswith("events")]
    assert [source for source, _ in groupby(operations)] == [LOG, WORKSPACE_EVENTS, PROJECT_EVENTS]
    assert Counter(operations)[LOG] == len(api.world.workspaces) > 1
