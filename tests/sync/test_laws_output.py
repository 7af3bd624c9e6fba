"""Laws 8 and 9: versions of full-table streams, and secrets in logs."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

import pytest
import requests
from harness import TINY, Output, asana, attempt, clock, discovered, sync
from interruptions import Killed, killing
from tap_process import tap

from fake_asana.server.faults import Faults
from fake_asana.server.oauth import OAuth
from fake_asana.world import World
from scripts.pipeline import control, served
from tap_asana.errors import AsanaError

SNAPSHOTS = tuple(
    entry["tap_stream_id"] for entry in discovered()["streams"] if entry["replication_method"] == "FULL_TABLE"
)
VERSIONED: Mapping[str, object] = {"emit_activate_version_messages": True}

CANARY = "CANARY"
"""A mark in all texts by people of the world."""


def versions(output: Output) -> dict[str, list[int]]:
    """Return the announced versions of a run, by stream."""
    found: dict[str, list[int]] = {}
    for message in output.of("ACTIVATE_VERSION"):
        found.setdefault(message["stream"], []).append(message["version"])
    return found


def test_a_full_table_stream_announces_its_version_once_and_last() -> None:
    """ACTIVATE_VERSION is written once for each full-table stream, after its last record (law 8)."""
    api = asana(TINY)
    for workspace in api.world.workspaces.values():
        workspace.missing_features.clear()
    output = sync(api, config=VERSIONED)
    assert set(versions(output)) == set(SNAPSHOTS)
    for stream in SNAPSHOTS:
        kinds = [message["type"] for message in output.messages if message.get("stream") == stream]
        assert kinds.count("ACTIVATE_VERSION") == 1
        assert kinds[-1] == "ACTIVATE_VERSION"


def test_every_record_has_the_announced_version() -> None:
    """Every record of a full-table stream has the announced version: otherwise the target would delete it (law 8)."""
    api = asana(TINY)
    for workspace in api.world.workspaces.values():
        workspace.missing_features.clear()
    output = sync(api, config=VERSIONED)
    for stream, announced in versions(output).items():
        written = {message.get("version") for message in output.of("RECORD") if message["stream"] == stream}
        assert written == set(announced)


def test_consecutive_runs_have_increasing_versions() -> None:
    """Two runs within a second announce two versions, the second one higher: otherwise nothing would be deleted."""
    api = asana(TINY)
    first, second = (versions(sync(api, config=VERSIONED, select=["users"]))["users"] for _ in range(2))
    assert first < second


def test_versions_are_announced_only_if_configured() -> None:
    """Without the setting there are no ACTIVATE_VERSION messages, and records have no version (law 8)."""
    output = sync(asana(TINY), config={"emit_activate_version_messages": False})
    assert versions(output) == {}
    assert not [message for message in output.of("RECORD") if "version" in message]


@pytest.mark.parametrize("status", [403, 404])
def test_an_incomplete_stream_announces_no_version(status: int) -> None:
    """A stream with a skipped parent announces no version; other streams are not affected (law 8)."""
    api = asana(TINY)
    api.world.access.deny(next(iter(api.world.projects)), status)
    announced = versions(sync(api, config=VERSIONED))
    assert "sections" not in announced
    assert {"users", "projects"} <= announced.keys()


def test_streams_without_known_parents_announce_no_version() -> None:
    """If the parents could not be listed, their child streams announce no version (law 8)."""
    api = asana(TINY)
    api.world.access.deny(next(iter(api.world.workspaces)), 403)
    output = sync(api, config=VERSIONED)
    assert set(versions(output)) == {"workspaces"}


def test_an_interrupted_stream_announces_no_version() -> None:
    """A full-table stream interrupted by the end of the run announces no version (law 8)."""
    output = attempt(asana(TINY), config=VERSIONED, select=["projects", "sections"], on_request=killing(6))
    assert isinstance(output.error, Killed)
    assert set(versions(output)) == {"projects"}


def with_canary(world: World) -> World:
    """Put the canary into all names and texts by people."""
    rows = (world.workspaces, world.users, world.teams, world.projects, world.sections, world.tags, world.briefs)
    for row in (row for kind in rows for row in kind.values()):
        row.name = f"{CANARY} {row.name}"
    for task in world.tasks.values():
        task.title = f"{CANARY} {task.name}"
    for gid in list(world.tasks)[:10]:
        world.comment(gid, f"{CANARY} said somebody")
    return world


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return the complete log, as printed."""
    formatter = logging.Formatter("%(name)s %(message)s")
    return "\n".join(map(formatter.format, caplog.records))


def test_logs_contain_no_user_data(caplog: pytest.LogCaptureFixture) -> None:
    """No task text, name, email address or token is in the log of a run with many faults (law 9)."""
    caplog.set_level("DEBUG")
    api = asana(TINY, faults=Faults(0.2))
    with_canary(api.world)
    api.world.access.deny(next(iter(api.world.projects)), 403)
    api.world.access.deny(list(api.world.tasks)[-1], 404)
    output = sync(api)
    clock(api).advance(3600)
    sync(api, state=output.state)
    assert sum(CANARY in json.dumps(record) for record in output.records("tasks")) > 20
    assert sum("@example.com" in json.dumps(record) for record in output.records("users")) > 2
    log = logged(caplog)
    assert "tasks" in log
    assert not [word for word in (CANARY, "@example.com", "0/fake") if word in log]


@pytest.mark.parametrize("status", [400, 403])
def test_fatal_errors_contain_no_user_data(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """The line that ends a run contains no task text and no secret (law 9)."""
    caplog.set_level("DEBUG")
    api = asana(TINY, faults=Faults(1.0, ("500",)) if status == 403 else None)
    with_canary(api.world)
    api.world.access.deny(next(iter(api.world.projects)), 400)
    if status == 400:
        api.refuse("GET /workspaces", 400)
    output = attempt(api)
    assert isinstance(output.error, AsanaError)
    assert not [word for word in (CANARY, "@example.com", "0/fake") if word in f"{output.error} {logged(caplog)}"]


OAUTH: Mapping[str, str] = {
    "client_id": OAuth.client_id + "-5ecret",
    "client_secret": "c-5ecret",
    "refresh_token": "r-5ecret",
}


def test_oauth_secrets_are_not_logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither OAuth secrets nor access tokens are logged (law 9)."""
    caplog.set_level("DEBUG")
    for name, value in OAUTH.items():
        monkeypatch.setattr(OAuth, name, value)
    api = asana(TINY)
    sync(api, config={**OAUTH, "access_token": None}, select=["users"])
    assert api.oauth.token_requests == 1
    tokens = list(api.oauth.expiry)
    api.oauth.revoke()
    failed = attempt(api, config={**OAUTH, "access_token": None})
    assert isinstance(failed.error, AsanaError)
    text = f"{failed.error} {logged(caplog)}"
    assert not [secret for secret in (*OAUTH.values(), *tokens) if secret in text]


def test_the_process_logs_no_secrets_at_debug_level() -> None:
    """At log level DEBUG, the process logs no token, no email address and no word of a task (law 9)."""
    with served("--tasks", "30", "--projects", "4", "--fault-rate", "0.02", "--fault-kinds", "429,reset") as address:
        settings = {"TAP_ASANA_ACCESS_TOKEN": "0/fake", "TAP_ASANA_API_URL": address}
        process = tap("--config", "ENV", TAP_ASANA_LOGLEVEL="DEBUG", **settings)
        tasks = requests.get(control(address, "truth/tasks"), timeout=60).json()
        stories = requests.get(control(address, "truth/stories"), timeout=60).json()
    assert process.returncode == 0
    assert "DEBUG" in process.stderr
    texts = {task["name"] for task in tasks} | {story["text"] for story in stories if story["type"] == "comment"}
    long = {text for text in texts if len(text) > 12}
    assert len(long) > 20
    assert not [word for word in ("0/fake", "@example.com", *long) if word in process.stderr]
