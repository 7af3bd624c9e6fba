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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.killed import Command
from bench.tapped import asked
from scripts.pipeline import control, served

STREAMS = ("tasks", "stories")
SERVICE = "0/service"
PROJECTS, OF_GOALS = "GET /projects", "GET /goals/{goal_gid}/stories"
BACKFILL, QUIET = 30, 20
"""Requests that a whole export, and a search with nothing changed, stay below."""

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


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Count the requests of increments in a large world.")
    parser.add_argument("--tasks", type=int, default=100_000, help="tasks of the world (default: %(default)s)")
    failed = False
    print("run                      tasks read   requests   projects, goals   the rest   less than   lacking")
    for cost in costs(parser.parse_args().tasks):
        failed = failed or not cost.passes
        total = cost.asked.total()
        print(
            f"{cost.run:24} {cost.tasks:>10,} {total:>10,} {cost.apart:>17,} {total - cost.apart:>10,} "
            f"{cost.most:>11,.0f} {cost.lacking:>9,}{'' if cost.passes else '   FAIL'}",
            flush=True,
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
