"""`tap-asana --test`: one record of each stream, by few requests, and nothing that a target could take for a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from dry_run import tried
from harness import PERSON, SERVICE, STREAMS, asana
from reads import full_read
from tap_process import failure, tap

from fake_asana.world import Sizes
from scripts.pipeline import served

FIRST_RUN = {"deletions"}
"""What a first run brings nothing of, because it takes its bearings."""

SOME = Sizes(users=8, teams=2, projects=10, tasks=80, stories=1, busiest=5)
MANY = Sizes(users=200, projects=300, tasks=1500, stories=1, busiest=5)


@pytest.mark.parametrize("method", ["list", "search", "export"])
@pytest.mark.parametrize("settings", [PERSON, SERVICE], ids=["person", "service account"])
def test_each_stream_brings_one_record(settings: dict[str, str], method: str) -> None:
    """Every stream that a run brings records of brings one, those that lie in the lists of others too."""
    chosen = {**settings, "extraction_method": method}
    counts = tried(asana(SOME), chosen).counts()
    assert set(counts.values()) == {1}
    assert counts.keys() == full_read(SOME, settings).output.counts().keys() - FIRST_RUN


def test_a_test_vouches_for_nothing() -> None:
    """No STATE and no version is written: a target that reads along can neither skip nor delete anything after it."""
    api = asana(SOME)
    for workspace in api.world.workspaces.values():
        workspace.tags.clear()
    output = tried(api, {"emit_activate_version_messages": True})
    assert output.records("tags") == []
    assert [message["stream"] for message in output.of("SCHEMA")] == list(STREAMS)
    assert output.of("STATE") == output.of("ACTIVATE_VERSION") == []


@pytest.mark.parametrize("settings", [PERSON, SERVICE], ids=["person", "service account"])
def test_a_test_is_cheap(settings: dict[str, str]) -> None:
    """However many projects, people and tasks there are, a test asks what even the free plan allows in two minutes."""
    api = asana(MANY)
    for features in ((), ("search", "resourcing", "custom_types", "time_tracking", "goals", "portfolios")):
        for workspace in api.world.workspaces.values() if features else ():
            api.world.downgrade(workspace, *features)
        api.log.clear()
        tried(api, {**settings, "extraction_method": "auto"})
        assert len(api.log) <= 300


def test_the_last_line_says_what_came(caplog: pytest.LogCaptureFixture) -> None:
    """The log ends with how many streams brought a record, and which brought none."""
    with caplog.at_level("INFO"):
        tried(asana())
    last = [record.getMessage() for record in caplog.records if record.name.startswith("tap_asana")][-1]
    assert last == "Connection test: 36 of 38 streams returned a record; empty: deletions, audit_log_events"


def test_the_command_tests(tmp_path: Path) -> None:
    """The process ends with 0 where all is well, and with 1 and a line where the token is refused."""
    config = tmp_path / "config.json"
    with served("--tasks", "40", "--projects", "3") as address:
        for token in ("0/fake", "0/nobody"):
            config.write_text(f'{{"access_token": "{token}", "api_url": "{address}"}}', encoding="utf-8")
            ended = tap("--config", config, "--test")
            if token == "0/fake":
                assert ended.returncode == 0
                assert " streams returned a record" in ended.stderr.splitlines()[-1]
    assert failure(ended) == ["Asana rejected the access token (401): Not Authorized"]
