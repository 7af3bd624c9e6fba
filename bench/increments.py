"""What runs cost where there is much and little has changed: `python -m bench.increments`.

The real command reads tasks and stories of a fake Asana as a service account: everything by export, then by search with
nothing changed, and once more after people have worked. Counted are all requests, those for the stories of goals, which
have no clock, included. After people have worked, the pages of the list of projects may come on top of the bound. All
runs together must hold as many records as there are. Exits with 1 where a run takes more, or lacks something.
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
PROJECTS = "GET /projects"
BACKFILL, QUIET = 30, 21
"""Requests that a whole export with its counts, and an increment by search with nothing changed, stay below."""

TASKS = 100_000

DAYS = 5
"""How often people work."""


@dataclass(frozen=True)
class Cost:
    """The requests of a run and how many may be, how many tasks it brought, and what was lacking after it."""

    run: str
    asked: int
    most: int
    tasks: int
    lacking: int

    @property
    def passes(self) -> bool:
        """Tell whether the bound is kept and nothing is lacking."""
        return self.asked <= self.most and not self.lacking


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
        yield Cost("everything, export", since().total(), BACKFILL - 1, len(held["tasks"]), lacking())
        search = Command(Path(folder), address, "search", STREAMS, token=SERVICE)
        quiet = search.run(everything.state)
        yield Cost("nothing changed, search", since().total(), QUIET - 1, len(quiet.gids.get("tasks", ())), lacking())
        for day in range(DAYS):
            changes = requests.post(control(address, f"mutate?seed={day}"), timeout=600).json()
            for stream in STREAMS:
                # The story of a move that moves no clock comes with the task's next change (docs/reliability.md).
                held[stream] |= set(changes["silent"].get(stream, ()))
                held[stream] -= set(changes["deleted"].get(stream, ()))
        changed = search.run(quiet.state).gids
        for stream in STREAMS:
            held[stream] |= changed[stream]
        spent, count = since(), len(changed["tasks"])
        most = count + count // 100 + QUIET + spent[PROJECTS]
        yield Cost("changed, search", spent.total(), most, count, lacking())


def table(found: Iterable[Cost]) -> list[str]:
    """Return the lines of a Markdown table."""
    return rows(("run", "tasks read:", "requests:", "at most:", "lacking:", "goal"), map(_cells, found))


def _cells(cost: Cost) -> list[str]:
    numbers = (cost.tasks, cost.asked, cost.most, cost.lacking)
    return [cost.run, *(f"{number:,}" for number in numbers), verdict(cost.passes)]


def section(tasks: int) -> Section:
    """Measure the runs over a world of so many tasks."""
    found = list(costs(tasks))
    quotes = [
        f"Requests for tasks and stories, {tasks:,} tasks, {cost.run}: {cost.asked:,}, at most {cost.most:,} allowed."
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
