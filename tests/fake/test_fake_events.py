"""Event streams in the local Asana tell what happened, once, to whoever keeps its place."""

from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, Json
from methods import DAY

from fake_asana.model.clock import format_instant
from fake_asana.server.api import Limits

SERVICE = "0/service"


class Stream:
    """Somebody who follows a stream of events."""

    def __init__(self, client: FakeClient, path: str, **query: object) -> None:
        """Take the first token, which an error brings."""
        self.client, self.path, self.query = client, path, query
        status, body = client.request(path, **query)
        assert status == 412
        self.sync = body["sync"]

    def once(self, **extra: object) -> Json:
        """Ask once, and go on from there the next time."""
        status, body = self.client.request(self.path, sync=self.sync, **self.query, **extra)
        assert status == 200, body
        self.sync = body["sync"]
        return body

    def read(self, **extra: object) -> list[Json]:
        """Ask until there is no more."""
        found: list[Json] = []
        more = True
        while more:
            body = self.once(**extra)
            more = body["has_more"]
            found += body["data"]
        return found


def project_stream(client: FakeClient) -> tuple[str, Stream]:
    """Follow the first project."""
    gid = next(iter(client.world.projects))
    return gid, Stream(client, "/events", resource=gid)


def workspace_stream(client: FakeClient) -> Stream:
    """Follow the first workspace, as its service account."""
    return Stream(client, f"/workspaces/{client.first.gid}/events", token=SERVICE)


def brief(events: list[Json]) -> list[tuple[str, str, str]]:
    """Say of each event what happened to which kind of what."""
    return [(event["resource"]["gid"], event["resource"]["resource_type"], event["action"]) for event in events]


@pytest.fixture
def client() -> FakeClient:
    """Give a world in which an hour has passed since anything happened."""
    found = FakeClient()
    found.clock.advance(3600)
    return found


def test_the_first_answer_is_an_error_with_a_token(client: FakeClient) -> None:
    """Without a token, or with one of another stream, the answer is 412 with a token beside the errors."""
    first, second = list(client.world.projects)[:2]
    status, body = client.request("/events", resource=first)
    assert (status, set(body)) == (412, {"errors", "sync"})
    assert client.request("/events", resource=second, sync=body["sync"])[0] == 412
    assert client.request("/events", resource=first, sync="bogus")[0] == 412
    assert client.request("/events", resource=first, sync=body["sync"])[0] == 200


def test_a_token_dies_after_a_day(client: FakeClient) -> None:
    """A token is good for 24 hours, or until the server forgets it."""
    gid, stream = project_stream(client)
    client.clock.advance(DAY)
    stream.read()
    client.clock.advance(DAY + 1)
    status, body = client.request("/events", resource=gid, sync=stream.sync)
    assert status == 412
    assert client.request("/events", resource=gid, sync=body["sync"])[0] == 200
    client.world.expire_sync_tokens()
    assert client.request("/events", resource=gid, sync=body["sync"])[0] == 412


def test_a_stream_tells_each_event_once(client: FakeClient) -> None:
    """A token stands for a place: asked again it tells the same, and the next one goes on after it."""
    gid, stream = project_stream(client)
    first = stream.sync
    task = client.world.add_task(project=gid)
    told = stream.read()
    assert brief(told) == [(task, "task", "added")]
    assert told[0]["parent"]["gid"] == gid
    assert stream.read() == []
    assert client.request("/events", resource=gid, sync=first)[1]["data"] == told


def test_a_project_tells_of_all_that_is_in_it(client: FakeClient) -> None:
    """Subtasks of every level, and what people say there, are told; other projects' tasks are not."""
    world = client.world
    gid, stream = project_stream(client)
    task = next(iter(world.projects[gid].tasks))
    child = world.add_task(parent=task)
    grandchild = world.add_task(parent=child)
    story = world.comment(grandchild)
    world.comment(next(t.gid for t in world.tasks.values() if t.sections and gid not in {p.gid for p in t.projects()}))
    assert brief(stream.read()) == [
        *((task, "task", "changed"), (child, "task", "added")),
        *((child, "task", "changed"), (grandchild, "task", "added"), (story, "story", "added")),
    ]


def test_a_task_has_a_stream_of_its_own(client: FakeClient) -> None:
    """A task tells of itself, its subtasks and its stories."""
    world = client.world
    parents = (gid for gid, task in world.tasks.items() if not task.parent)
    gid = next(gid for gid in parents if client.request(f"/tasks/{gid}")[0] == 200)
    stream = Stream(client, "/events", resource=gid)
    story = world.comment(gid)
    assert brief(stream.read()) == [(story, "story", "added")]


def test_a_goal_has_a_stream_too(client: FakeClient) -> None:
    """A goal can be followed, and does not tell of what happens elsewhere."""
    gid = next(goal.gid for goal in client.world.goals if goal.workspace is client.first)
    stream = Stream(client, "/events", resource=gid, token=SERVICE)
    client.world.comment(next(iter(client.world.tasks)))
    assert stream.read() == []


def test_events_look_as_documented(client: FakeClient) -> None:
    """A change names its field and has no parent; opt_fields cut an event down."""
    world = client.world
    gid, stream = project_stream(client)
    task = next(iter(world.projects[gid].tasks))
    token = stream.sync
    world.assign_task(task, client.first.roster[1].gid)
    event = next(event for event in stream.read() if event["action"] == "changed")
    assert set(event) == {"user", "created_at", "type", "action", "resource", "parent", "change"}
    assert event["change"]["field"] == "assignee"
    assert event["change"]["new_value"]["gid"] == client.first.roster[1].gid
    assert (event["parent"], event["created_at"]) == (None, format_instant(world.now()))
    stream.sync = token
    small = stream.read(opt_fields="action,resource.name")[0]
    assert set(small) == {"action", "resource"}
    assert set(small["resource"]) == {"gid", "name"}


def test_some_events_have_no_user(client: FakeClient) -> None:
    """Most is done by people, some by Asana itself."""
    _, stream = project_stream(client)
    for gid in list(client.world.projects[str(stream.query["resource"])].tasks)[:40]:
        client.world.comment(gid)
    users = [event["user"] for event in stream.read()]
    assert None in users
    assert any(user and user["resource_type"] == "user" for user in users)


@pytest.mark.parametrize(("count", "most", "calls"), [(250, 100, 3), (100, 100, 1), (0, 100, 1)])
def test_a_call_brings_a_hundred_events(client: FakeClient, count: int, most: int, calls: int) -> None:
    """What is more is told by the next calls, and `has_more` says so."""
    gid, stream = project_stream(client)
    for _ in range(count):
        client.world.add_task(project=gid)
    sizes = []
    more = True
    while more:
        body = stream.once()
        more = body["has_more"]
        sizes.append(len(body["data"]))
    assert len(sizes) == calls
    assert (sum(sizes), max(sizes) <= most) == (count, True)


def test_a_workspace_brings_a_thousand(client: FakeClient) -> None:
    """The service account's stream of everything is longer, and compact whatever is asked for."""
    stream = workspace_stream(client)
    for _ in range(1001):
        client.world.add_task(workspace=client.first.gid)
    body = stream.once(opt_fields="action")
    assert (len(body["data"]), body["has_more"]) == (1000, True)
    assert "resource" in body["data"][0]
    assert len(stream.read()) == 1


def test_only_service_accounts_follow_a_workspace(client: FakeClient) -> None:
    """A person is forbidden to, and a plan without it answers 402."""
    path = f"/workspaces/{client.first.gid}/events"
    assert client.refusal(path)[0] == 403
    client.first.missing_features.add("workspace_events")
    assert client.refusal(path, token=SERVICE)[0] == 402


def test_streams_keep_to_what_can_be_seen(client: FakeClient) -> None:
    """A hidden project's stream is forbidden, that of an unknown thing is not there, and one must be named."""
    hidden = min(client.world.hidden_projects)
    assert client.refusal("/events", resource=hidden)[0] == 403
    assert client.refusal("/events", resource="123")[0] == 404
    assert client.refusal("/events")[0] == 400


def test_deletions_are_told_by_all_who_know(client: FakeClient) -> None:
    """Workspace, projects and audit log agree about what was deleted and came back, and so do the changes."""
    world = client.world
    everything = workspace_stream(client)
    projects = [
        Stream(client, "/events", resource=gid, token=SERVICE)
        for gid, project in world.projects.items()
        if project.workspace is client.first
    ]
    mark = world.mark()
    for seed in range(3):
        client.clock.advance(3600)
        world.mutate(seed)
    world.delete_project(next(iter(client.first.projects)))
    known = [found for found in world.changes_since(mark).deletions if client.first.gid in found.scope]
    actions = {"deleted", "undeleted", "removed"}
    told = [event for event in everything.read() if event["action"] in actions]
    seen = {(e["resource"]["gid"], e["action"], e["created_at"]) for s in projects for e in s.read()}
    assert brief(told) == [(found.gid, found.resource_type, found.action) for found in known]
    assert {found.action for found in known} == actions
    assert {found.resource_type for found in known} >= {"task", "story", "attachment", "project"}
    ownership = {str(stream.query["resource"]) for stream in projects}
    in_projects = {(found.gid, found.action, found.occurred_at) for found in known if found.scope & ownership}
    assert {event for event in seen if event[1] in actions} == in_projects
    log = world.expected_records("audit_log_events", SERVICE).values()
    logged: list[Any] = [
        (entry["resource"]["gid"], entry["created_at"], entry["actor"].get("gid"))  # type: ignore[index, attr-defined]  # both are records
        for entry in log
        if entry["event_category"] == "deletion"
    ]
    assert logged == [(found.gid, found.occurred_at, found.actor) for found in known if found.action != "removed"]


def test_what_comes_back_is_what_it_was(client: FakeClient) -> None:
    """An undeleted task lies where it lay, with its subtasks, stories and files, and its clock has moved."""
    world = client.world
    gid = next(t.gid for t in world.tasks.values() if t.subtasks and t.sections and not t.parent and not t.dependents)
    before = {
        stream: world.expected_records(stream, SERVICE) for stream in ("tasks", "stories", "attachments", "projects")
    }
    mark = world.mark()
    world.delete_task(gid)
    gone = {stream: set(before[stream]) - set(world.gids(stream, SERVICE)) for stream in before}
    client.clock.advance(60)
    world.undelete_task(gid)
    after = {stream: world.expected_records(stream, SERVICE) for stream in before}
    changes = world.changes_since(mark)
    for stream, records in before.items():
        for one, record in records.items():
            now = after[stream][one]
            assert now == (record if stream != "tasks" else {**record, "modified_at": now["modified_at"]})
        assert gone[stream] <= changes.changed[stream]
        assert not changes.deleted.get(stream)
    assert {after["tasks"][one]["modified_at"] for one in gone["tasks"]} == {format_instant(world.now())}


def test_a_purged_task_stays_away(client: FakeClient) -> None:
    """What was purged from the trash cannot come back; only the audit log tells of it."""
    world = client.world
    gid = next(t.gid for t in world.tasks.values() if t.workspace is client.first and not t.subtasks)
    world.delete_task(gid)
    mark = world.mark()
    world.purge_task(gid)
    with pytest.raises(KeyError):
        world.undelete_task(gid)
    assert world.changes_since(mark).deletions == []
    log = client.get(f"/workspaces/{client.first.gid}/audit_log_events", token=SERVICE, resource_gid=gid)
    assert [entry["event_type"] for entry in log] == ["task_deleted", "task_permanently_deleted"]


def test_a_token_may_live_shorter() -> None:
    """How long a sync token lives is a setting."""
    client = FakeClient(Limits(sync_life=10))
    gid, stream = project_stream(client)
    client.clock.advance(11)
    assert client.request("/events", resource=gid, sync=stream.sync)[0] == 412
