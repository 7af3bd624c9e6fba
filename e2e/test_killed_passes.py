"""The real command, killed inside passes over all tasks: later runs bring what moves no clock, and what was deleted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from deleted import deleted_gids
from expected import cut, withheld
from harness import Message
from tap_process import errors, messages

from e2e.runs import Runs
from scripts.pipeline import control, served

WORLD = (
    *("--workspaces", "1", "--tasks", "90", "--projects", "4", "--stories", "2", "--busiest", "10"),
    *("--limit-token-life", "0", "--latency", "1"),
)
"""A small workspace, in whose passes several parts are due in each run."""

READ_AGAIN = ("tasks", "stories", "attachments", "time_tracking_entries")
PAUSE_HOURS, HOUR_SECONDS = 3, 3600
"""The time between two runs: a pass takes half a day."""

Counts = Callable[[Message], bool]


def is_task(message: Message) -> bool:
    """Return whether a run has written a task."""
    return bool(message["stream"] == "tasks")


def is_found_deletion(message: Message) -> bool:
    """Return whether the end of a pass has written a deletion."""
    return bool(message["record"].get("source") == "reconciled")


KILLS = ((1, is_task), (30, is_task), (1, is_found_deletion))
"""What runs have written when they are killed, in and at the end of a pass."""

CLOCK = """
import pathlib, time
machine = time.time
time.time = lambda: machine() + float(pathlib.Path({file!r}).read_text() or 0)
"""
"""Python's start-up file of all processes of a test: their machine's clock is ahead by what a file says."""


class MachineClock:
    """The clock of a machine, for all Python processes that begin after this."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Show the true time."""
        self._ahead, self._file = 0, folder / "ahead"
        self._file.write_text("0", encoding="utf-8")
        (folder / "sitecustomize.py").write_text(CLOCK.format(file=str(self._file)), encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))

    def advance(self, hours: int) -> None:
        """Let hours pass."""
        self._ahead += hours * HOUR_SECONDS
        later = self._file.with_suffix(".later")
        later.write_text(f"{self._ahead}", encoding="utf-8")
        later.replace(self._file)


def test_killed_passes_bring_silent_changes_and_deletions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes that no event names, and deletions, are in the target after a pass with kills in it and at its end."""
    machine_clock = MachineClock(tmp_path, monkeypatch)
    with served(*WORLD) as address:
        runs = Runs(tmp_path, address, ("deletions", *READ_AGAIN), reconcile_days=1, follow_events=False)
        runs.complete(runs.start())
        deleted = min(runs.truth("tasks"))
        for change in ("mutate?seed=3", f"delete_task?gid={deleted}", "forget_syncs"):
            requests.post(control(address, change), timeout=60).raise_for_status()
        machine_clock.advance(PAUSE_HOURS)
        runs.complete(runs.start())
        assert _is_in_pass(runs)
        for number, counts in KILLS:
            machine_clock.advance(PAUSE_HOURS)
            _kill(runs, number, counts)
            assert _is_in_pass(runs)
        machine_clock.advance(PAUSE_HOURS)
        runs.complete(runs.start())
        assert not _is_in_pass(runs)
        assert _wrong(runs) == {}
    assert {row["source"] for row in runs.output.records("deletions") if row["gid"] == deleted} == {"reconciled"}
    assert errors(runs.log) == []


def _is_in_pass(runs: Runs) -> bool:
    """Return whether the last STATE is in a pass."""
    return "began" in runs.output.bookmark("tasks")["reconciliation"]


def _kill(runs: Runs, number: int, counts: Counts) -> None:
    """Kill a run by SIGKILL when it has written so many of the messages that count, and keep its output."""
    with runs.start() as process:
        assert process.stdout
        lines, left = [], number
        for line in process.stdout:
            lines.append(line)
            left -= sum(map(counts, messages([line]).of("RECORD")))
            if left == 0:
                break
        process.kill()
        lines += process.stdout
    assert left == 0
    runs.keep(b"".join(lines))


def _wrong(runs: Runs) -> dict[str, set[str]]:
    """Return the rows that are not as in Asana, after deletions as docs/deletions.md says, by stream."""
    gone, found = deleted_gids(runs.output), {}
    for stream in READ_AGAIN:
        schema, truth = runs.output.schemas[stream], runs.truth(stream)
        rows = {
            gid: row
            for gid, row in runs.output.rows(stream).items()
            if gone.isdisjoint({gid, row.get("task_gid") or (row.get("parent") or {}).get("gid")})
        }
        right = {gid: cut({**row, **withheld(stream, row)}, schema) for gid, row in truth.items()}
        if wrong := {gid for gid in rows.keys() | right.keys() if rows.get(gid) != right.get(gid)}:
            found[stream] = wrong
    return found
