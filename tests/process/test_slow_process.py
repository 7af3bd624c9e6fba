"""The real process with a target that is slow for a while: it costs only time."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import requests
from harness import Output, discovered, selecting
from tap_process import errors, messages

from scripts.pipeline import control, served

WORLD = ("--workspaces", "1", "--projects", "8", "--tasks", "6000", "--stories", "0", "--limit-token-life", "5")
"""Lists of many pages, whose tokens live for five seconds."""

HASTY = """
from tap_asana.command import run_command
from tap_asana.limits import Limits
run_command(Limits(max_page_token_age_seconds=0.3, keepalive_interval_seconds=0.1))
"""
"""The command with a keep-alive for page tokens of five seconds."""

MEASURED = """
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[1:]])
_, status, used = os.wait4(child, 0)
print("peak", used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A small process that starts the command and measures its memory; the measurement includes that process."""

SLOW, PAUSE = 70, 0.1
"""The number of slow records, and the seconds between them."""

MORE = 1.35
"""The allowed factor over the memory of a run with a fast target: less than buffering in memory would need."""


class Ended(NamedTuple):
    """The output of a run, and its peak memory."""

    output: Output
    memory: int


def run(folder: Path, address: str, pause: float) -> Ended:
    """Run the process into a target that pauses behind each of the first records."""
    settings = {"access_token": "0/fake", "api_url": address, "extraction_method": "list", "max_concurrency": 8}
    (folder / "config.json").write_text(json.dumps({**settings, "requests_per_minute": 10**6}), encoding="utf-8")
    (folder / "catalog.json").write_text(json.dumps(selecting(discovered(), ["tasks"])), encoding="utf-8")
    files = ("--config", folder / "config.json", "--catalog", folder / "catalog.json")
    command: list[str | Path] = [sys.executable, "-c", MEASURED, "-c", HASTY, *files]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdout
        read = list(slowly(process.stdout, pause))
    assert process.returncode == 0
    log_text = (folder / "log").read_text(encoding="utf-8")
    return Ended(messages(read), int(log_text.rpartition("peak ")[2]))


def slowly(lines: Iterator[bytes], pause: float) -> Iterator[bytes]:
    """Take the first lines one by one, with a pause behind each, and then the others."""
    for number, line in enumerate(lines):
        yield line
        if number < SLOW:
            threading.Event().wait(pause)


@pytest.fixture
def address() -> Iterator[str]:
    """Serve a world of long lists."""
    with served(*WORLD) as address:
        yield address


def test_a_target_that_is_slow_for_a_while_costs_time_only(address: str, tmp_path: Path) -> None:
    """No page token expires, the memory is that of a run with a fast target, and each record comes once."""
    fast, slow = (run(tmp_path, address, pause) for pause in (0.0, PAUSE))
    statuses = requests.get(control(address, "requests"), timeout=60).json()["statuses"]
    assert statuses.keys() == {"200"}
    assert slow.memory < MORE * fast.memory
    assert slow.output.rows("tasks") == fast.output.rows("tasks")
    assert len(slow.output.records("tasks")) == len(slow.output.gids("tasks")) > 5000
    assert errors(tmp_path / "log") == []
    assert "buffering pages on disk before their page tokens expire" in (tmp_path / "log").read_text(encoding="utf-8")
