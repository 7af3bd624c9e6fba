"""The sync tokens of each resource's events."""

from __future__ import annotations

import json
from typing import Any

from tap_asana.state.resume_points import SyncTokens


def test_sync_tokens_are_kept_by_resource() -> None:
    """The next run continues the events of each resource from its own token, in its own workspace."""
    state: dict[str, Any] = {}
    tokens = SyncTokens(state, "1")
    assert tokens.get("17") is None
    tokens.store("17", "old")
    tokens.store("18", "other")
    tokens.store("17", "new")
    stored = json.loads(json.dumps(state))
    assert [SyncTokens(stored, "1").get(gid) for gid in ("17", "18", "19")] == ["new", "other", None]
    assert SyncTokens(stored, "2").get("17") is None


def test_tokens_of_removed_resources_are_dropped() -> None:
    """The state drops the tokens of resources no longer read, and keeps the others."""
    state: dict[str, Any] = {}
    tokens = SyncTokens(state, "1")
    tokens.drop({"17"})
    tokens.store("17", "a")
    tokens.store("18", "b")
    tokens.drop({"18", "19"})
    assert state["partitions"][0]["sync_tokens"] == {"17": "a"}


def test_a_project_without_a_token_is_expected_until_its_events_are_known() -> None:
    """State keeps since when the events of a project are unknown: the earliest time, until a token is stored."""
    state: dict[str, Any] = {}
    tokens = SyncTokens(state, "1")
    tokens.expect("17", "2026-01-01T00:00:00.000Z")
    tokens.expect("17", "2026-01-02T00:00:00.000Z")
    assert (tokens.get("17"), tokens.unknown_since("17")) == ("", "2026-01-01T00:00:00.000Z")
    tokens.drop({"17"})
    tokens.expect("17", "2026-01-02T00:00:00.000Z")
    assert (tokens.get("17"), tokens.may_miss("17")) == (None, True)
    tokens.store("17", "a")
    assert tokens.unknown_since("17") is None


def test_tokens_are_of_projects_after_a_read_of_their_events() -> None:
    """Without such a read, or with a token of the whole workspace, no project has to be noted."""
    states: list[dict[str, Any]] = [{}, {}, {}]
    for state in states[1:]:
        SyncTokens(state, "1").drop(())
    SyncTokens(states[2], "1").store("1", "a")
    assert [SyncTokens(state, "1").are_of_projects for state in states] == [False, True, False]
