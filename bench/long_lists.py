"""Read a project of many pages: `python -m bench.long_lists`.

The real command reads the tasks of one long project by list from a fake Asana that takes 100 ms per answer: first
everything, then with nothing changed. The project has five sections. Every page names the next one, so the list in
series takes pages x latency, and as much again for its second pass. Exits with 1 if a run takes more than a sixth of
that and two seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import requests

from bench.command import request_counts, sync
from bench.report import Section, goal_text, rows
from scripts.pipeline import control, served

TASKS = 50_000
LATENCY_MS = 100
PAGE_ROWS = 100
PASSES = 2

SEED, USERS, SECTIONS = 2, 100, 5
"""The seed, with this many users, of a project with so many sections of about the same length."""

GOAL_SHARE, START_SECONDS = 0.16, 2.0
"""Share of the time of both passes in series that a run may take: a fifth of one pass is a tenth; and its start."""


@dataclass(frozen=True)
class LongRead:
    """A run over one long project: its requests and seconds, and those of both passes in series."""

    run: str
    requests: int
    seconds: float
    seconds_in_series: float

    @property
    def passes(self) -> bool:
        """Return whether the run keeps the goal."""
        return self.seconds <= GOAL_SHARE * self.seconds_in_series + START_SECONDS


def runs(tasks: int = TASKS) -> list[LongRead]:
    """Read a project with this many tasks twice."""
    world = (
        "--seed",
        f"{SEED}",
        "--workspaces",
        "1",
        "--projects",
        "1",
        "--tasks",
        f"{tasks}",
        "--users",
        f"{USERS}",
    )
    shares = ("--subtasks", "0", "--personal", "0", "--tagged", "0", "--stories", "0")
    measured, previous, state = list[LongRead](), 0, None
    with served(*world, *shares, "--latency", f"{LATENCY_MS}", "--limit-per-minute", "0") as address:
        _check_sections(address)
        for run in ("full", "nothing changed"):
            cost, state = sync(address, "list", ["tasks"], state=state)
            total = request_counts(address)["total"]
            in_series = PASSES * tasks / PAGE_ROWS * LATENCY_MS / 1000
            measured.append(LongRead(run, total - previous, cost.wall, in_series))
            previous = total
    return measured


def _check_sections(address: str) -> None:
    """Raise RuntimeError if the project has another number of sections, as other seeds do."""
    tasks = requests.get(control(address, "truth/tasks"), timeout=60).json()
    sections = {membership["section"]["gid"] for task in tasks for membership in task["memberships"]}
    if len(sections) != SECTIONS:
        raise RuntimeError(f"the project has {len(sections)} sections instead of {SECTIONS}")


def table(measured: Iterable[LongRead]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = ("run", "requests:", "seconds:", "two passes in series:", "goal")
    return rows(heads, map(_cells, measured))


def _cells(read: LongRead) -> list[str]:
    seconds = (f"{read.seconds:.1f}", f"{read.seconds_in_series:.1f}")
    return [read.run, f"{read.requests:,}", *seconds, goal_text(met=read.passes)]


def section(tasks: int = TASKS) -> Section:
    """Measure the runs over a project with this many tasks."""
    measured = runs(tasks)
    quotes = [
        f"A project of {tasks:,} tasks, {LATENCY_MS} ms per answer, {each.run}: {each.seconds:.1f} s; "
        f"its two passes in series would take {each.seconds_in_series:.1f} s."
        for each in measured
    ]
    return Section("A long project", table(measured), quotes)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Read the tasks of a project of many pages.")
    parser.add_argument("--tasks", type=int, default=TASKS, help="tasks of the project (default: %(default)s)")
    measured = runs(parser.parse_args().tasks)
    print("\n".join(table(measured)))
    return int(not all(run.passes for run in measured))


if __name__ == "__main__":
    sys.exit(main())
