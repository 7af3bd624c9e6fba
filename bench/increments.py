"""What runs cost where there is much and little has changed: `python -m bench.increments`.

The real command reads tasks and stories of a fake Asana as a service account: everything by export, then by search with
nothing changed, and once more after people have worked. Counted are the requests; those for the pages of the list of
projects, and for the stories of goals, which have no clock, are told apart. All runs together must hold as many records
as there are. Exits with 1 where a run takes more than its bound, or lacks something.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.killed import Command
from bench.report import Section, rows, verdict
from bench.tapped import asked
from scripts.pipeline import control, served

STREAMS = ("tasks", "stories")
SERVICE = "0/service"
PROJECTS, OF_GOALS = "GET /projects", "GET /goals/{goal_gid}/stories"
BACKFILL, QUIET = 30, 20
"""Requests that a whole export, and a search with nothing changed, stay below."""

TASKS = 100_000

DAYS = 5
"""How often people work."""


@dataclass(frozen=True)
class Cost:
    """The requests of a run by operation, how many tasks it brought, and how many records were lacking after it."""

    run: str
    asked: Counter[str]
    tasks: int
    lacking: int

    @property
    def apart(self) -> int:
        """Return the requests that grow with projects and goals, and not with tasks."""
        return self.asked[PROJECTS] + self.asked[OF_GOALS]

    @property
    def most(self) -> float:
        """Return how many requests the others may be."""
        if self.run == "everything, export":
            return BACKFILL
        return self.tasks + self.tasks / 100 + QUIET

    @property
    def passes(self) -> bool:
        """Tell whether the bound is kept and nothing is lacking."""
        return self.asked.total() - self.apart < self.most and not self.lacking


def costs(tasks: int) -> Iterator[Cost]:
    """Read a world of so many tasks three times."""
    world = ("--workspaces", "1", "--tasks", f"{tasks}", "--projects", f"{tasks // 250}", "--stories", "3")
    with served(*world, "--limit-export-seconds", "5") as address, tempfile.TemporaryDirectory() as folder:
        before: Counter[str] = Counter()

        def since() -> Counter[str]:
            nonlocal before
            earlier, before = before, Counter(asked(address)["templates"])
            return before - earlier

        def lacking() -> int:
            there = requests.get(control(address, f"counts?token={SERVICE}"), timeout=600).json()
            return sum(abs(there[stream] - len(held[stream])) for stream in STREAMS)

        held: dict[str, set[str]] = {}
        everything = Command(Path(folder), address, "export", STREAMS, token=SERVICE).run()
        held = everything.gids
        yield Cost("everything, export", since(), len(held["tasks"]), lacking())
        search = Command(Path(folder), address, "search", STREAMS, token=SERVICE)
        quiet = search.run(everything.state)
        yield Cost("nothing changed, search", since(), len(quiet.gids.get("tasks", ())), lacking())
        for day in range(DAYS):
            deleted = requests.post(control(address, f"mutate?seed={day}"), timeout=600).json()["deleted"]
            for stream in STREAMS:
                held[stream] -= set(deleted.get(stream, ()))
        changed = search.run(quiet.state).gids
        for stream in STREAMS:
            held[stream] |= changed[stream]
        yield Cost("changed, search", since(), len(changed["tasks"]), lacking())


def table(found: Iterable[Cost]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = (
        "run",
        "tasks read:",
        "requests:",
        "for projects and goals:",
        "the rest:",
        "less than:",
        "lacking:",
        "goal",
    )
    return rows(heads, map(_cells, found))


def _cells(cost: Cost) -> list[str]:
    total = cost.asked.total()
    numbers = (cost.tasks, total, cost.apart, total - cost.apart)
    return [
        cost.run,
        *(f"{number:,}" for number in numbers),
        f"{cost.most:,.0f}",
        f"{cost.lacking:,}",
        verdict(cost.passes),
    ]


def section(tasks: int) -> Section:
    """Measure the runs over a world of so many tasks."""
    found = list(costs(tasks))
    quotes = [
        f"Requests for tasks and stories, {tasks:,} tasks, {cost.run}: {cost.asked.total():,}, "
        f"{cost.apart:,} of them for the list of projects and the stories of goals."
        for cost in found
    ]
    return Section("Increments of a large world", table(found), quotes)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Count the requests of increments in a large world.")
    parser.add_argument("--tasks", type=int, default=TASKS, help="tasks of the world (default: %(default)s)")
    found = list(costs(parser.parse_args().tasks))
    print("\n".join(table(found)))
    return int(not all(cost.passes for cost in found))


if __name__ == "__main__":
    sys.exit(main())
