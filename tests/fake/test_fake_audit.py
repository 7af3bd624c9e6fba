"""The audit log of the local Asana is a list without an end, of ninety days."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_client import FakeClient, Json

from fake_asana.model.clock import DAY_MS, format_instant
from fake_asana.server.api import Limits

SERVICE = "0/service"


@pytest.fixture
def client() -> FakeClient:
    """Give a world in which a day's work was done."""
    found = FakeClient()
    found.clock.advance(3600)
    found.world.mutate()
    return found


def path(client: FakeClient) -> str:
    """Say where the first organization's log is."""
    return f"/workspaces/{client.first.gid}/audit_log_events"


def read(client: FakeClient, limit: object = 100, **query: object) -> list[Json]:
    """Read pages until one is empty."""
    found: list[Json] = []
    while True:
        status, body = client.request(path(client), token=SERVICE, limit=limit, **query)
        assert status == 200, body
        assert body["next_page"]["offset"]
        if not body["data"]:
            return found
        found += body["data"]
        query["offset"] = body["next_page"]["offset"]


def test_only_service_accounts_read_the_log(client: FakeClient) -> None:
    """A person is forbidden to, and a plan without it answers 402."""
    assert client.refusal(path(client))[0] == 403
    client.first.missing_features.add("audit_log")
    assert client.refusal(path(client), token=SERVICE)[0] == 402


@pytest.mark.parametrize("limit", [7, 100])
def test_the_log_comes_oldest_first(client: FakeClient, limit: int) -> None:
    """Pages of any size hold every entry once, by time, and there are some hundreds."""
    found = read(client, limit)
    instants = [entry["created_at"] for entry in found]
    assert instants == sorted(instants)
    assert {entry["gid"]: entry for entry in found} == client.world.expected_records("audit_log_events", SERVICE)
    assert len(found) > 250


def test_the_list_never_ends(client: FakeClient) -> None:
    """An empty page has a next one, which brings what has happened since."""
    start = format_instant(client.world.now() + 1)
    status, body = client.request(path(client), token=SERVICE, limit=100, start_at=start)
    assert (status, body["data"]) == (200, [])
    client.clock.advance(60)
    task = next(t.gid for t in client.first.story_targets.tasks if not t.subtasks)
    client.world.delete_task(task)
    onward = body["next_page"]["offset"]
    start = format_instant(client.world.now() - 60_000 + 1)
    _, body = client.request(path(client), token=SERVICE, limit=100, start_at=start, offset=onward)
    assert [entry["resource"]["gid"] for entry in body["data"]] == [task]
    assert len(client.request(path(client), token=SERVICE)[1]["data"]) == 100


def test_the_log_can_be_narrowed(client: FakeClient) -> None:
    """By type, by actor and thing, and from a time on and before another."""
    found = read(client)
    middle = found[len(found) // 2]
    late = [entry for entry in found if entry["created_at"] >= middle["created_at"]]
    assert read(client, start_at=middle["created_at"]) == late
    assert read(client, end_at=middle["created_at"]) == found[: len(found) - len(late)]
    of: dict[str, Callable[[Json], object]] = {
        "event_type": lambda entry: entry["event_type"],
        "actor_type": lambda entry: entry["actor"]["actor_type"],
        "actor_gid": lambda entry: entry["actor"].get("gid"),
        "resource_gid": lambda entry: entry["resource"]["gid"],
    }
    last = next(entry for entry in reversed(found) if "gid" in entry["actor"])
    for name, part in of.items():
        assert read(client, **{name: part(last)}) == [entry for entry in found if part(entry) == part(last)]


def test_entries_are_kept_ninety_days(client: FakeClient) -> None:
    """What is older is gone, from the log and from the truth."""
    oldest = read(client)[0]["created_at"]
    assert format_instant(client.world.now() - 90 * DAY_MS) <= oldest
    client.clock.advance(91 * 86_400)
    assert read(client) == []
    assert client.world.expected_records("audit_log_events", SERVICE) == {}


def test_comments_are_told_apart(client: FakeClient) -> None:
    """A deleted comment is an event of its own, and so is each other kind of thing."""
    types = {entry["event_type"] for entry in read(client) if entry["event_category"] == "deletion"}
    assert types >= {"task_deleted", "comment_deleted", "attachment_deleted"}
    client.world.delete_team(next(iter(client.first.teams)))
    client.world.delete_project(next(iter(client.first.projects)))
    types = {entry["event_type"] for entry in read(client)}
    assert types >= {"team_deleted", "project_deleted"}


def test_an_entry_has_every_documented_part(client: FakeClient) -> None:
    """Actors are people and Asana itself, contexts of several sorts, and opt_fields are not heard."""
    found = read(client, opt_fields="gid")
    assert {frozenset(entry) for entry in found} == {
        frozenset({"gid", "created_at", "event_type", "event_category", "actor", "resource", "details", "context"}),
    }
    assert {entry["context"]["context_type"] for entry in found} >= {"web", "api"}
    assert any(isinstance(entry["context"].get("on_behalf_of_user_id"), int) for entry in found)
    assert any(entry["details"].get("new_value") == "admin" for entry in found)
    assert any(entry["details"].get("group") for entry in found)


def test_an_offset_of_the_log_expires_too() -> None:
    """Its pages are no more patient than others."""
    client = FakeClient(Limits(token_life=10))
    offset = client.request(path(client), token=SERVICE, limit=5)[1]["next_page"]["offset"]
    client.clock.advance(11)
    assert client.refusal(path(client), token=SERVICE, limit=5, offset=offset)[0] == 400
