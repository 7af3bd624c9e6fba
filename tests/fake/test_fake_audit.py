"""The audit log of the fake: an endless list of the last ninety days."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_client import FakeClient, Json

from fake_asana.model.clock import DAY_MS, format_instant
from fake_asana.server.api import Limits

SERVICE = "0/service"


@pytest.fixture
def client() -> FakeClient:
    """Give a client of a world after a simulated workday."""
    client = FakeClient()
    client.clock.advance(3600)
    client.world.mutate()
    return client


def log_path(client: FakeClient) -> str:
    """Return the path of the first organization's log."""
    return f"/workspaces/{client.first.gid}/audit_log_events"


def read_log(client: FakeClient, limit: object = 100, **query: object) -> list[Json]:
    """Read pages until one is empty."""
    entries: list[Json] = []
    while True:
        status, body = client.request(log_path(client), token=SERVICE, limit=limit, **query)
        assert status == 200, body
        assert body["next_page"]["offset"]
        if not body["data"]:
            return entries
        entries += body["data"]
        query["offset"] = body["next_page"]["offset"]


def test_only_service_accounts_read_the_log(client: FakeClient) -> None:
    """A person gets 403, and a plan without the log 402."""
    assert client.error(log_path(client))[0] == 403
    client.first.missing_features.add("audit_log")
    assert client.error(log_path(client), token=SERVICE)[0] == 402


@pytest.mark.parametrize("limit", [7, 100])
def test_the_log_is_sorted_by_time(client: FakeClient, limit: int) -> None:
    """Pages of any size contain each of some hundred entries once, oldest first."""
    entries = read_log(client, limit)
    instants = [entry["created_at"] for entry in entries]
    assert instants == sorted(instants)
    assert {entry["gid"]: entry for entry in entries} == client.world.expected_records("audit_log_events", SERVICE)
    assert len(entries) > 250


def test_the_log_never_ends(client: FakeClient) -> None:
    """An empty page has a next page, which returns the entries since."""
    status, body = client.request(
        log_path(client), token=SERVICE, limit=100, start_at=format_instant(client.world.now() + 1)
    )
    assert (status, body["data"]) == (200, [])
    client.clock.advance(60)
    task = next(t.gid for t in client.first.story_targets.tasks if not t.subtasks)
    client.world.delete_task(task)
    offset = body["next_page"]["offset"]
    start = format_instant(client.world.now() - 60_000 + 1)
    _, body = client.request(log_path(client), token=SERVICE, limit=100, start_at=start, offset=offset)
    assert [entry["resource"]["gid"] for entry in body["data"]] == [task]
    assert len(client.request(log_path(client), token=SERVICE)[1]["data"]) == 100


def test_the_log_is_filtered(client: FakeClient) -> None:
    """Filters are the type, the actor, the resource, and the bounds of time."""
    entries = read_log(client)
    middle = entries[len(entries) // 2]
    later = [entry for entry in entries if entry["created_at"] >= middle["created_at"]]
    assert read_log(client, start_at=middle["created_at"]) == later
    assert read_log(client, end_at=middle["created_at"]) == entries[: len(entries) - len(later)]
    values: dict[str, Callable[[Json], object]] = {
        "event_type": lambda entry: entry["event_type"],
        "actor_type": lambda entry: entry["actor"]["actor_type"],
        "actor_gid": lambda entry: entry["actor"].get("gid"),
        "resource_gid": lambda entry: entry["resource"]["gid"],
    }
    last = next(entry for entry in reversed(entries) if "gid" in entry["actor"])
    for name, value_of in values.items():
        assert read_log(client, **{name: value_of(last)}) == [
            entry for entry in entries if value_of(entry) == value_of(last)
        ]


def test_entries_expire_after_ninety_days(client: FakeClient) -> None:
    """Older entries disappear from the log and from the expected records."""
    oldest = read_log(client)[0]["created_at"]
    assert format_instant(client.world.now() - 90 * DAY_MS) <= oldest
    client.clock.advance(91 * 86_400)
    assert read_log(client) == []
    assert client.world.expected_records("audit_log_events", SERVICE) == {}


def test_deletions_are_logged_by_kind(client: FakeClient) -> None:
    """A deleted comment has an event type of its own, like each other kind of resource."""
    types = {entry["event_type"] for entry in read_log(client) if entry["event_category"] == "deletion"}
    assert types >= {"task_deleted", "comment_deleted", "attachment_deleted"}
    client.world.delete_team(next(iter(client.first.teams)))
    client.world.delete_project(next(iter(client.first.projects)))
    types = {entry["event_type"] for entry in read_log(client)}
    assert types >= {"team_deleted", "project_deleted"}


def test_an_entry_has_every_documented_field(client: FakeClient) -> None:
    """Actors include Asana itself, contexts are of several types, and opt_fields are ignored."""
    entries = read_log(client, opt_fields="gid")
    assert {frozenset(entry) for entry in entries} == {
        frozenset({"gid", "created_at", "event_type", "event_category", "actor", "resource", "details", "context"}),
    }
    assert {entry["context"]["context_type"] for entry in entries} >= {"web", "api"}
    assert any(isinstance(entry["context"].get("on_behalf_of_user_id"), int) for entry in entries)
    assert any(entry["details"].get("new_value") == "admin" for entry in entries)
    assert any(entry["details"].get("group") for entry in entries)


def test_an_offset_of_the_log_expires() -> None:
    """Offset tokens of the log have the usual lifetime."""
    client = FakeClient(Limits(token_life=10))
    offset = client.request(log_path(client), token=SERVICE, limit=5)[1]["next_page"]["offset"]
    client.clock.advance(11)
    assert client.error(log_path(client), token=SERVICE, limit=5, offset=offset)[0] == 400
