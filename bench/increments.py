"""Count the requests of incremental runs in a large world with few changes: `python -m bench.increments`.

The real command reads tasks and stories of a fake Asana as a service account: first everything by export, then twice by
search with nothing changed, and by search again after people have worked. The first run by search finds out what
searches show, and later ones compare them with lists. All requests count, including those for the stories of goals,
which have no modification time. The limit of the last run includes the pages of the list of projects, and the list of
each new project, whose tasks no search for changes finds.
All runs together must hold exactly the records of the fake. Exits with 1 if a run exceeds its limit or misses a record.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.command import Command, request_counts
from bench.report import Section, goal_text, rows
from scripts.pipeline import control, served

STREAMS = ("tasks", "stories")
SERVICE = "0/service"
PROJECTS = "GET /projects"

EXPORT_LIMIT, UNCHANGED_LIMIT = 30, 21
"""A full run by export and a run by search with nothing changed take fewer requests than this."""

TASKS = 100_000

WORKDAYS = 5
"""Days on which people work before the last run."""


@dataclass(frozen=True)
class RunRequests:
    """The requests of a run and their limit, the tasks that it read, and the records missing after it."""

    run: str
    requests: int
    limit: int
    tasks: int
    missing: int

    @property
    def passes(self) -> bool:
        """Return whether the limit is kept and no record is missing."""
        return self.requests <= self.limit and not self.missing


def runs(tasks: int) -> Iterator[RunRequests]:
    """Read a world with this many tasks four times."""
    world = ("--workspaces", "1", "--tasks", f"{tasks}", "--projects", f"{tasks // 250}", "--stories", "3")
    with served(*world, "--limit-export-seconds", "5") as address, tempfile.TemporaryDirectory() as folder:
        previous: Counter[str] = Counter()

        def new_requests() -> Counter[str]:
            nonlocal previous
            earlier, previous = previous, Counter(request_counts(address)["templates"])
            return previous - earlier

        def counts() -> Mapping[str, int]:
            found: Mapping[str, int] = requests.get(control(address, f"counts?token={SERVICE}"), timeout=600).json()
            return found

        def missing() -> int:
            existing = counts()
            return sum(abs(existing[stream] - len(gids[stream])) for stream in STREAMS)

        full = Command(Path(folder), address, "export", STREAMS, token=SERVICE).run()
        gids = full.gids
        yield RunRequests("full, export", new_requests().total(), EXPORT_LIMIT - 1, len(gids["tasks"]), missing())
        search = Command(Path(folder), address, "search", STREAMS, token=SERVICE)
        unchanged = full
        for run in ("nothing changed, first search", "nothing changed, search"):
            unchanged = search.run(unchanged.state)
            unchanged_tasks = len(unchanged.gids.get("tasks", ()))
            yield RunRequests(run, new_requests().total(), UNCHANGED_LIMIT - 1, unchanged_tasks, missing())
        old_projects = counts()["projects"]
        for day in range(WORKDAYS):
            changes = requests.post(control(address, f"mutate?seed={day}"), timeout=600).json()
            for stream in STREAMS:
                # The story of a move that leaves modified_at as it is comes with the next change of its task
                # (docs/reliability.md).
                gids[stream] |= set(changes["untimestamped"].get(stream, ()))
                gids[stream] -= set(changes["deleted"].get(stream, ()))
        changed = search.run(unchanged.state).gids
        for stream in STREAMS:
            gids[stream] |= changed[stream]
        sent, count = new_requests(), len(changed["tasks"])
        limit = count + count // 100 + UNCHANGED_LIMIT + sent[PROJECTS] + counts()["projects"] - old_projects
        yield RunRequests("changed, search", sent.total(), limit, count, missing())


def table(measured: Iterable[RunRequests]) -> list[str]:
    """Return the lines of a Markdown table."""
    return rows(("run", "tasks read:", "requests:", "at most:", "records missing:", "goal"), map(_cells, measured))


def _cells(run: RunRequests) -> list[str]:
    numbers = (run.tasks, run.requests, run.limit, run.missing)
    return [run.run, *(f"{number:,}" for number in numbers), goal_text(met=run.passes)]


def section(tasks: int) -> Section:
    """Measure the runs on a world with this many tasks."""
    measured = list(runs(tasks))
    quotes = [
        f"Requests for tasks and stories, {tasks:,} tasks, {run.run}: {run.requests:,}, at most {run.limit:,} allowed."
        for run in measured
    ]
    return Section("Increments of a large world", table(measured), quotes)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Count the requests of incremental runs in a large world.")
    parser.add_argument("--tasks", type=int, default=TASKS, help="tasks of the world (default: %(default)s)")
    measured = list(runs(parser.parse_args().tasks))
    print("\n".join(table(measured)))
    return int(not all(run.passes for run in measured))


if __name__ == "__main__":
    sys.exit(main())
