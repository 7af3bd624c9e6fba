"""`examples/pipe.sh` keeps the last state that the target confirmed; both ends are stand-ins."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

PIPE = Path(__file__).parents[2] / "examples" / "pipe.sh"
FIRST = {"bookmarks": {"deletions": {"sync": "a"}, "tasks": {"at": 1}}}
SECOND = {"bookmarks": {"deletions": {"sync": "b"}, "tasks": {"at": 2}}}
ANEW = {"bookmarks": {"deletions": FIRST["bookmarks"]["deletions"]}}
"""The state at the start of a full refresh after FIRST."""


class Pipe:
    """A folder with a tap, which notes the state that it was given, a target, and the file of the state."""

    def __init__(self, folder: Path) -> None:
        """Make the tap write two states, and the target confirm both."""
        self.folder = folder
        self.file = folder / "state.json"
        self.tap(f"echo '{json.dumps(FIRST)}'; echo '{json.dumps(SECOND)}'")
        self.target("cat")

    def script(self, name: str, lines: str) -> None:
        """Write one of the two commands."""
        file = self.folder / name
        file.write_text(f"#!/usr/bin/env bash\n{lines}\n", encoding="utf-8")
        file.chmod(0o755)

    def tap(self, lines: str) -> None:
        """Let the tap note its arguments and do this."""
        self.script("tap-asana", f'echo "$*" > given; cat "${{4:-/dev/null}}" > found\n{lines}')

    def target(self, lines: str) -> None:
        """Let the target do this."""
        self.script("target", lines)

    def run(self, *options: str) -> int:
        """Run the pipe; returns its exit code."""
        path = f"{self.folder}:{os.environ['PATH']}"
        command = [str(PIPE), str(self.file), *options, "target"]
        return subprocess.run(command, check=False, cwd=self.folder, env={"PATH": path}).returncode

    @property
    def state(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the stored state."""
        return json.loads(self.file.read_text(encoding="utf-8"))

    @property
    def found(self) -> Any:  # noqa: ANN401 - any JSON value
        """The state that the last run of the tap was given, or null."""
        return json.loads((self.folder / "found").read_text(encoding="utf-8") or "null")


@pytest.fixture
def pipe(tmp_path: Path) -> Pipe:
    """Return a pipe in which nothing goes wrong."""
    return Pipe(tmp_path)


def test_a_run_resumes_from_the_last_state(pipe: Pipe) -> None:
    """The first run gets no state, the second run the state of the first."""
    assert pipe.run() == 0
    assert (pipe.found, pipe.state) == (None, SECOND)
    assert pipe.run() == 0
    assert pipe.found == SECOND


def test_a_dead_target_leaves_its_last_confirmed_state(pipe: Pipe) -> None:
    """The run fails, and the stored state is the target's last, not the tap's."""
    pipe.target("head -n 1; exit 3")
    assert pipe.run() != 0
    assert pipe.state == FIRST


def test_a_target_that_dies_at_once_leaves_the_state_as_it_was(pipe: Pipe) -> None:
    """Without a confirmed state, the stored state is unchanged."""
    pipe.file.write_text(json.dumps(FIRST), encoding="utf-8")
    pipe.target("exit 1")
    assert pipe.run() != 0
    assert pipe.state == FIRST


def test_a_tap_that_dies_fails_the_run(pipe: Pipe) -> None:
    """The run fails though the target succeeds; the target's state is stored."""
    pipe.tap(f"echo '{json.dumps(FIRST)}'; exit 1")
    assert pipe.run() != 0
    assert pipe.state == FIRST


def test_half_a_state_is_none(pipe: Pipe) -> None:
    """A line that the target did not end is not taken for a state."""
    pipe.target(f"cat > /dev/null; echo '{json.dumps(FIRST)}'; printf '{{\"bookmarks'; exit 1")
    assert pipe.run() != 0
    assert pipe.state == FIRST


def test_a_state_that_cannot_be_written_fails_the_run(pipe: Pipe) -> None:
    """The state of before stays whole, and the run does not pass for a good one."""
    pipe.file.write_text(json.dumps(FIRST), encoding="utf-8")
    (pipe.folder / "state.json.new").mkdir()
    assert pipe.run() != 0
    assert pipe.state == FIRST


def test_a_full_refresh_forgets_all_but_deletions(pipe: Pipe) -> None:
    """A full refresh drops every bookmark except that of the deletions, which Asana reports only once."""
    pipe.file.write_text(json.dumps(FIRST), encoding="utf-8")
    assert pipe.run("--full-refresh") == 0
    assert (pipe.found, pipe.state) == (ANEW, SECOND)


def test_a_first_run_can_be_a_full_refresh(pipe: Pipe) -> None:
    """There is nothing to forget then."""
    assert pipe.run("--full-refresh") == 0
    assert (pipe.found, pipe.state) == (None, SECOND)


def test_a_failed_full_refresh_resumes_as_one(pipe: Pipe) -> None:
    """The next run does not return to the bookmarks from before the refresh."""
    pipe.file.write_text(json.dumps(FIRST), encoding="utf-8")
    pipe.target("exit 1")
    assert pipe.run("--full-refresh") != 0
    assert pipe.run() != 0
    assert pipe.found == ANEW
