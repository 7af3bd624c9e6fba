"""Event streams of the fake: each event once, from any sync token on."""

from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, Json

from fake_asana.model.clock import format_instant
from fake_asana.server.api import Limits

SERVICE = "0/service"
DAY = 86_400


class Stream:
    """A reader of an event stream."""

    def __init__(self, client: FakeClient, path: str, **query: object) -> None:
        """Take the first token, which comes with an error."""
        self.client, self.path, self.query = client, path, query
        status, body = client.request(path, **query)
        assert status == 412
        self.sync = body["sync"]

    def once(self, **extra: object) -> Json:
        """Request one page and keep the next token."""
        status, body = self.client.request(self.path, sync=self.sync, **self.query, **extra)
        assert status == 200, body
        self.sync = body["sync"]
        return body

    def read(self, **extra: object) -> list[Json]:
        """Request all pages."""
        events: list[Json] = []
        more = True
        while more:
            body = self.once(**extra)
            more = body["has_more"]
            events += body["data"]
        return events


def project_stream(client: FakeClient) -> tuple[str, Stream]:
    """Follow the first project."""
    gid = next(iter(client.world.projects))
    return gid, Stream(client, "/events", resource=gid)


def workspace_stream(client: FakeClient) -> Stream:
    """Follow the first workspace as its service account."""
    return Stream(client, f"/workspaces/{client.first.gid}/events", token=SERVICE)


def brief(events: list[Json]) -> list[tuple[str, str, str]]:
    """Return gid, type and action of each event."""
    return [(event["resource"]["gid"], event["resource"]["resource_type"], event["action"]) for event in events]


@pytest.fixture
def client() -> FakeClient:
    """Give a client of a world one hour after its last change."""
    client = FakeClient()
    client.clock.advance(3600)
    return client


def test_the_first_response_is_an_error_with_a_token(client: FakeClient) -> None:
    """Without a token of this stream, the response is 412 with a token next to the errors."""
    first, second = list(client.world.projects)[:2]
    status, body = client.request("/events", resource=first)
    assert (status, set(body)) == (412, {"errors", "sync"})
    assert client.request("/events", resource=second, sync=body["sync"])[0] == 412
    assert client.request("/events", resource=first, sync="bogus")[0] == 412
    assert client.request("/events", resource=first, sync=body["sync"])[0] == 200


def test_a_token_expires_after_a_day(client: FakeClient) -> None:
    """A token is valid for 24 hours, or until the server expires it."""
    gid, stream = project_stream(client)
    client.clock.advance(DAY)
    stream.read()
    client.clock.advance(DAY + 1)
    status, body = client.request("/events", resource=gid, sync=stream.sync)
    assert status == 412
    assert client.request("/events", resource=gid, sync=body["sync"])[0] == 200
    client.world.expire_sync_tokens()
    assert client.request("/events", resource=gid, sync=body["sync"])[0] == 412


def test_a_stream_returns_each_event_once(client: FakeClient) -> None:
    """The same token returns the same events, and the next token those after them."""
    gid, stream = project_stream(client)
    first = stream.sync
    task = client.world.add_task(project=gid)
    events = stream.read()
    assert brief(events) == [(task, "task", "added")]
    assert events[0]["parent"]["gid"] == gid
    assert stream.read() == []
    assert client.request("/events", resource=gid, sync=first)[1]["data"] == events


def test_a_project_stream_covers_its_tasks(client: FakeClient) -> None:
    """Subtasks of every level and their stories are included, tasks of other projects are not."""
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


def test_a_task_has_an_event_stream(client: FakeClient) -> None:
    """A task reports itself, its subtasks and its stories."""
    world = client.world
    gid = next(
        gid for gid, task in world.tasks.items() if not task.parent and client.request(f"/tasks/{gid}")[0] == 200
    )
    stream = Stream(client, "/events", resource=gid)
    story = world.comment(gid)
    assert brief(stream.read()) == [(story, "story", "added")]


def test_a_goal_has_an_event_stream(client: FakeClient) -> None:
    """A goal's stream does not report other changes."""
    gid = next(goal.gid for goal in client.world.goals if goal.workspace is client.first)
    stream = Stream(client, "/events", resource=gid, token=SERVICE)
    client.world.comment(next(iter(client.world.tasks)))
    assert stream.read() == []


def test_events_have_the_documented_fields(client: FakeClient) -> None:
    """A change names its field and has no parent; opt_fields select fields."""
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
    """Most authors are people, some are Asana itself."""
    _, stream = project_stream(client)
    for gid in list(client.world.projects[str(stream.query["resource"])].tasks)[:40]:
        client.world.comment(gid)
    users = [event["user"] for event in stream.read()]
    assert None in users
    assert any(user and user["resource_type"] == "user" for user in users)


@pytest.mark.parametrize(("count", "most", "calls"), [(250, 100, 3), (100, 100, 1), (0, 100, 1)])
def test_a_page_has_at_most_a_hundred_events(client: FakeClient, count: int, most: int, calls: int) -> None:
    """Further events are in the next pages, announced by `has_more`."""
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


def test_a_workspace_page_has_a_thousand_events(client: FakeClient) -> None:
    """The stream of a workspace has larger pages and is always compact."""
    stream = workspace_stream(client)
    for _ in range(1001):
        client.world.add_task(workspace=client.first.gid)
    body = stream.once(opt_fields="action")
    assert (len(body["data"]), body["has_more"]) == (1000, True)
    assert "resource" in body["data"][0]
    assert len(stream.read()) == 1


def test_only_service_accounts_follow_a_workspace(client: FakeClient) -> None:
    """A person gets 403, and a plan without workspace events 402."""
    path = f"/workspaces/{client.first.gid}/events"
    assert client.error(path)[0] == 403
    client.first.missing_features.add("workspace_events")
    assert client.error(path, token=SERVICE)[0] == 402


def test_streams_need_a_visible_resource(client: FakeClient) -> None:
    """A hidden project gets 403, an unknown one 404, and a missing one 400."""
    hidden = min(client.world.hidden_projects)
    assert client.error("/events", resource=hidden)[0] == 403
    assert client.error("/events", resource="123")[0] == 404
    assert client.error("/events")[0] == 400


def test_all_sources_of_deletions_agree(client: FakeClient) -> None:
    """Workspace streams, project streams, audit log and expected changes agree on deletions."""
    world = client.world
    workspace_events = workspace_stream(client)
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
    expected = [deletion for deletion in world.changes_since(mark).deletions if client.first.gid in deletion.scope]
    actions = {"deleted", "undeleted", "removed"}
    reported = [event for event in workspace_events.read() if event["action"] in actions]
    in_streams = {(e["resource"]["gid"], e["action"], e["created_at"]) for s in projects for e in s.read()}
    assert brief(reported) == [(deletion.gid, deletion.resource_type, deletion.action) for deletion in expected]
    assert {deletion.action for deletion in expected} == actions
    assert {deletion.resource_type for deletion in expected} >= {"task", "story", "attachment", "project"}
    ownership = {str(stream.query["resource"]) for stream in projects}
    in_projects = {
        (deletion.gid, deletion.action, deletion.occurred_at) for deletion in expected if deletion.scope & ownership
    }
    assert {event for event in in_streams if event[1] in actions} == in_projects
    log = world.expected_records("audit_log_events", SERVICE).values()
    logged: list[Any] = [
        (entry["resource"]["gid"], entry["created_at"], entry["actor"].get("gid"))  # type: ignore[index, attr-defined]  # both are records
        for entry in log
        if entry["event_category"] == "deletion"
    ]
    assert logged == [
        (deletion.gid, deletion.occurred_at, deletion.actor) for deletion in expected if deletion.action != "removed"
    ]


def test_an_undeleted_task_is_unchanged(client: FakeClient) -> None:
    """Only the clock of an undeleted task differs; subtasks, stories and files return with it."""
    world = client.world
    gid = next(t.gid for t in world.tasks.values() if t.subtasks and t.sections and not t.parent and not t.dependents)
    before = {
        stream: world.expected_records(stream, SERVICE) for stream in ("tasks", "stories", "attachments", "projects")
    }
    mark = world.mark()
    world.delete_task(gid)
    deleted = {stream: set(before[stream]) - set(world.gids(stream, SERVICE)) for stream in before}
    client.clock.advance(60)
    world.undelete_task(gid)
    after = {stream: world.expected_records(stream, SERVICE) for stream in before}
    changes = world.changes_since(mark)
    for stream, records in before.items():
        for row_gid, record in records.items():
            now = after[stream][row_gid]
            assert now == (record if stream != "tasks" else {**record, "modified_at": now["modified_at"]})
        assert deleted[stream] <= changes.changed[stream]
        assert not changes.deleted.get(stream)
    assert {after["tasks"][row_gid]["modified_at"] for row_gid in deleted["tasks"]} == {format_instant(world.now())}


def test_a_purged_task_cannot_return(client: FakeClient) -> None:
    """A purged task cannot be undeleted, and only the audit log reports the purge."""
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


def test_the_lifetime_of_a_token_is_configurable() -> None:
    """A shorter lifetime of sync tokens is a limit of the server."""
    client = FakeClient(Limits(sync_life=10))
    gid, stream = project_stream(client)
    client.clock.advance(11)
    assert client.request("/events", resource=gid, sync=stream.sync)[0] == 412
