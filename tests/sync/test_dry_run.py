"""`tap-asana --test` reads one record of each stream with few requests, and writes no STATE and no version."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from clock import PATIENCE
from harness import PERSON, SERVICE, STREAMS, asana
from reads import full_read, run_connection_test
from tap_process import failure, tap

from fake_asana.world import Sizes
from scripts.pipeline import served

FIRST_RUN = {"deletions"}
"""Streams without records in a first run, which only gets its sync tokens."""

SMALL_WORLD = Sizes(users=8, teams=2, projects=10, tasks=80, stories=1, busiest=5)
LARGE_WORLD = Sizes(users=200, projects=300, tasks=1500, stories=1, busiest=5)


@pytest.mark.parametrize("method", ["list", "search", "export"])
@pytest.mark.parametrize("settings", [PERSON, SERVICE], ids=["person", "service account"])
def test_each_stream_returns_one_record(settings: dict[str, str], method: str) -> None:
    """Every stream with records returns one, including streams embedded in the lists of others."""
    config = {**settings, "extraction_method": method}
    counts = run_connection_test(asana(SMALL_WORLD), config).counts()
    assert set(counts.values()) == {1}
    assert counts.keys() == full_read(SMALL_WORLD, settings).output.counts().keys() - FIRST_RUN


def test_a_dry_run_writes_no_state() -> None:
    """A dry run writes no STATE and no version, so it makes no target skip or delete anything."""
    api = asana(SMALL_WORLD)
    for workspace in api.world.workspaces.values():
        workspace.tags.clear()
    output = run_connection_test(api, {"emit_activate_version_messages": True})
    assert output.records("tags") == []
    assert [message["stream"] for message in output.of("SCHEMA")] == list(STREAMS)
    assert output.of("STATE") == output.of("ACTIVATE_VERSION") == []


@pytest.mark.parametrize("settings", [PERSON, SERVICE], ids=["person", "service account"])
def test_a_dry_run_takes_few_requests(settings: dict[str, str]) -> None:
    """In a world of any size, a dry run sends few requests, and none for a page that it does not read."""
    api = asana(LARGE_WORLD)
    for features in ((), ("search", "resourcing", "custom_types", "time_tracking", "goals", "portfolios")):
        for workspace in api.world.workspaces.values() if features else ():
            api.world.downgrade(workspace, *features)
        api.log.clear()
        run_connection_test(api, {**settings, "extraction_method": "auto"})
        assert len(api.log) <= 250


def test_a_dry_run_leaves_no_threads() -> None:
    """The threads of a dry run end with it, as those of a sync do."""
    others = set(threading.enumerate())
    run_connection_test(asana(SMALL_WORLD))
    own = [thread for thread in threading.enumerate() if thread not in others]
    for thread in own:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in own)


def test_the_last_line_names_empty_streams(caplog: pytest.LogCaptureFixture) -> None:
    """The last line of the log has the number of streams with a record, and names the empty ones."""
    with caplog.at_level("INFO"):
        run_connection_test(asana())
    last = [record.getMessage() for record in caplog.records if record.name.startswith("tap_asana")][-1]
    counts = f"{len(STREAMS) - 2} of {len(STREAMS)} streams returned a record"
    assert last == f"Connection test: {counts}; empty: deletions, audit_log_events"


def test_the_exit_code_of_the_command(tmp_path: Path) -> None:
    """The exit code is 0 on success, and 1 with an error line if the token is rejected."""
    config = tmp_path / "config.json"
    with served("--tasks", "40", "--projects", "3") as address:
        for token in ("0/fake", "0/nobody"):
            config.write_text(f'{{"access_token": "{token}", "api_url": "{address}"}}', encoding="utf-8")
            process = tap("--config", config, "--test")
            if token == "0/fake":
                assert process.returncode == 0
                assert " streams returned a record" in process.stderr.splitlines()[-1]
    assert failure(process) == ["Asana rejected the access token (401): Not Authorized"]
