"""Event streams in the local Asana tell what happened, once, to whoever keeps its place."""

from __future__ import annotations

from typing import Any

import pytest
from asking import Asked, Json
from methods import DAY

from fake_asana.model.clock import format_instant
from fake_asana.server.api import Limits

SERVICE = "0/service"


class Stream:
    """Somebody who follows a stream of events."""

    def __init__(self, asked: Asked, path: str, **query: object) -> None:
        """Take the first token, which an error brings."""
        self.asked, self.path, self.query = asked, path, query
        status, body = asked.ask(path, **query)
        assert status == 412
        self.sync = body["sync"]

    def once(self, **extra: object) -> Json:
        """Ask once, and go on from there the next time."""
        status, body = self.asked.ask(self.path, sync=self.sync, **self.query, **extra)
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


def project_stream(asked: Asked) -> tuple[str, Stream]:
    """Follow the first project."""
    gid = next(iter(asked.world.projects))
    return gid, Stream(asked, "/events", resource=gid)


def workspace_stream(asked: Asked) -> Stream:
    """Follow the first workspace, as its service account."""
    return Stream(asked, f"/workspaces/{asked.first.gid}/events", token=SERVICE)


def brief(events: list[Json]) -> list[tuple[str, str, str]]:
    """Say of each event what happened to which kind of what."""
    return [(event["resource"]["gid"], event["resource"]["resource_type"], event["action"]) for event in events]


@pytest.fixture
def asked() -> Asked:
    """Give a world in which an hour has passed since anything happened."""
    found = Asked()
    found.clock.advance(3600)
    return found


def test_the_first_answer_is_an_error_with_a_token(asked: Asked) -> None:
    """Without a token, or with one of another stream, the answer is 412 with a token beside the errors."""
    first, second = list(asked.world.projects)[:2]
    status, body = asked.ask("/events", resource=first)
    assert (status, set(body)) == (412, {"errors", "sync"})
    assert asked.ask("/events", resource=second, sync=body["sync"])[0] == 412
    assert asked.ask("/events", resource=first, sync="bogus")[0] == 412
    assert asked.ask("/events", resource=first, sync=body["sync"])[0] == 200


def test_a_token_dies_after_a_day(asked: Asked) -> None:
    """A token is good for 24 hours, or until the server forgets it."""
    gid, stream = project_stream(asked)
    asked.clock.advance(DAY)
    stream.read()
    asked.clock.advance(DAY + 1)
    status, body = asked.ask("/events", resource=gid, sync=stream.sync)
    assert status == 412
    assert asked.ask("/events", resource=gid, sync=body["sync"])[0] == 200
    asked.world.expire_sync_tokens()
    assert asked.ask("/events", resource=gid, sync=body["sync"])[0] == 412


def test_a_stream_tells_each_event_once(asked: Asked) -> None:
    """A token stands for a place: asked again it tells the same, and the next one goes on after it."""
    gid, stream = project_stream(asked)
    first = stream.sync
    task = asked.world.add_task(project=gid)
    told = stream.read()
    assert brief(told) == [(task, "task", "added")]
    assert told[0]["parent"]["gid"] == gid
    assert stream.read() == []
    assert asked.ask("/events", resource=gid, sync=first)[1]["data"] == told


def test_a_project_tells_of_all_that_is_in_it(asked: Asked) -> None:
    """Subtasks of every level, and what people say there, are told; other projects' tasks are not."""
    world = asked.world
    gid, stream = project_stream(asked)
    task = next(iter(world.projects[gid].tasks))
    child = world.add_task(parent=task)
    grandchild = world.add_task(parent=child)
    story = world.comment(grandchild)
    world.comment(next(t.gid for t in world.tasks.values() if t.sections and gid not in {p.gid for p in t.projects()}))
    assert brief(stream.read()) == [
        *((task, "task", "changed"), (child, "task", "added")),
        *((child, "task", "changed"), (grandchild, "task", "added"), (story, "story", "added")),
    ]


def test_a_task_has_a_stream_of_its_own(asked: Asked) -> None:
    """A task tells of itself, its subtasks and its stories."""
    world = asked.world
    gid = next(gid for gid, task in world.tasks.items() if not task.parent and asked.ask(f"/tasks/{gid}")[0] == 200)
    stream = Stream(asked, "/events", resource=gid)
    story = world.comment(gid)
    assert brief(stream.read()) == [(story, "story", "added")]


def test_a_goal_has_a_stream_too(asked: Asked) -> None:
    """A goal can be followed, and does not tell of what happens elsewhere."""
    gid = next(goal.gid for goal in asked.world.goals if goal.workspace is asked.first)
    stream = Stream(asked, "/events", resource=gid, token=SERVICE)
    asked.world.comment(next(iter(asked.world.tasks)))
    assert stream.read() == []


def test_events_look_as_documented(asked: Asked) -> None:
    """A change names its field and has no parent; opt_fields cut an event down."""
    world = asked.world
    gid, stream = project_stream(asked)
    task = next(iter(world.projects[gid].tasks))
    token = stream.sync
    world.assign_task(task, asked.first.roster[1].gid)
    event = next(event for event in stream.read() if event["action"] == "changed")
    assert set(event) == {"user", "created_at", "type", "action", "resource", "parent", "change"}
    assert event["change"]["field"] == "assignee"
    assert event["change"]["new_value"]["gid"] == asked.first.roster[1].gid
    assert (event["parent"], event["created_at"]) == (None, format_instant(world.now()))
    stream.sync = token
    small = stream.read(opt_fields="action,resource.name")[0]
    assert set(small) == {"action", "resource"}
    assert set(small["resource"]) == {"gid", "name"}


def test_some_events_have_no_user(asked: Asked) -> None:
    """Most is done by people, some by Asana itself."""
    _, stream = project_stream(asked)
    for gid in list(asked.world.projects[str(stream.query["resource"])].tasks)[:40]:
        asked.world.comment(gid)
    users = [event["user"] for event in stream.read()]
    assert None in users
    assert any(user and user["resource_type"] == "user" for user in users)


@pytest.mark.parametrize(("count", "most", "calls"), [(250, 100, 3), (100, 100, 1), (0, 100, 1)])
def test_a_call_brings_a_hundred_events(asked: Asked, count: int, most: int, calls: int) -> None:
    """What is more is told by the next calls, and `has_more` says so."""
    gid, stream = project_stream(asked)
    for _ in range(count):
        asked.world.add_task(project=gid)
    sizes = []
    more = True
    while more:
        body = stream.once()
        more = body["has_more"]
        sizes.append(len(body["data"]))
    assert len(sizes) == calls
    assert (sum(sizes), max(sizes) <= most) == (count, True)


def test_a_workspace_brings_a_thousand(asked: Asked) -> None:
    """The service account's stream of everything is longer, and compact whatever is asked for."""
    stream = workspace_stream(asked)
    for _ in range(1001):
        asked.world.add_task(workspace=asked.first.gid)
    body = stream.once(opt_fields="action")
    assert (len(body["data"]), body["has_more"]) == (1000, True)
    assert "resource" in body["data"][0]
    assert len(stream.read()) == 1


def test_only_service_accounts_follow_a_workspace(asked: Asked) -> None:
    """A person is forbidden to, and a plan without it answers 402."""
    path = f"/workspaces/{asked.first.gid}/events"
    assert asked.refusal(path)[0] == 403
    asked.first.missing_features.add("workspace_events")
    assert asked.refusal(path, token=SERVICE)[0] == 402


def test_streams_keep_to_what_can_be_seen(asked: Asked) -> None:
    """A hidden project's stream is forbidden, that of an unknown thing is not there, and one must be named."""
    hidden = min(asked.world.hidden_projects)
    assert asked.refusal("/events", resource=hidden)[0] == 403
    assert asked.refusal("/events", resource="123")[0] == 404
    assert asked.refusal("/events")[0] == 400


def test_deletions_are_told_by_all_who_know(asked: Asked) -> None:
    """Workspace, projects and audit log agree about what was deleted and came back, and so do the changes."""
    world = asked.world
    everything = workspace_stream(asked)
    projects = [
        Stream(asked, "/events", resource=gid, token=SERVICE)
        for gid, project in world.projects.items()
        if project.workspace is asked.first
    ]
    mark = world.mark()
    for seed in range(3):
        asked.clock.advance(3600)
        world.mutate(seed)
    world.delete_project(next(iter(asked.first.projects)))
    known = [found for found in world.changes_since(mark).deletions if asked.first.gid in found.scope]
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


def test_what_comes_back_is_what_it_was(asked: Asked) -> None:
    """An undeleted task lies where it lay, with its subtasks, stories and files, and its clock has moved."""
    world = asked.world
    gid = next(t.gid for t in world.tasks.values() if t.subtasks and t.sections and not t.parent and not t.dependents)
    before = {
        stream: world.expected_records(stream, SERVICE) for stream in ("tasks", "stories", "attachments", "projects")
    }
    mark = world.mark()
    world.delete_task(gid)
    gone = {stream: set(before[stream]) - set(world.gids(stream, SERVICE)) for stream in before}
    asked.clock.advance(60)
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


def test_a_purged_task_stays_away(asked: Asked) -> None:
    """What was purged from the trash cannot come back; only the audit log tells of it."""
    world = asked.world
    gid = next(t.gid for t in world.tasks.values() if t.workspace is asked.first and not t.subtasks)
    world.delete_task(gid)
    mark = world.mark()
    world.purge_task(gid)
    with pytest.raises(KeyError):
        world.undelete_task(gid)
    assert world.changes_since(mark).deletions == []
    log = asked.get(f"/workspaces/{asked.first.gid}/audit_log_events", token=SERVICE, resource_gid=gid)
    assert [entry["event_type"] for entry in log] == ["task_deleted", "task_permanently_deleted"]


def test_a_token_may_live_shorter() -> None:
    """How long a sync token lives is a setting."""
    asked = Asked(Limits(sync_life=10))
    gid, stream = project_stream(asked)
    asked.clock.advance(11)
    assert asked.ask("/events", resource=gid, sync=stream.sync)[0] == 412
