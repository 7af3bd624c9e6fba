"""Count the requests of a run after an hour's work, with and without events: `python -m bench.hour`.

The real command reads the tasks of a fake Asana once. Then people work as in `World.mutate`, in part without moving a
clock. From the same state, one run leaves out `deletions`, one selects it but follows no events, one follows them, and
one reconciles as well. The children of tasks need no first read: their bookmark is set to that of the tasks.

With events, a run may send one request more for each object that changed without a clock, and one for each project (a
person) or workspace (a service account). For a person, one refusal for each workspace comes on top, and for a service
account the pages of the audit log. A run that reconciles may read the part of all tasks that is due within an hour,
each with one request for itself and one for each stream below it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

import requests

from bench.command import TOKENS, request_counts, sync
from bench.minimum import Changes, min_requests
from bench.report import Section, goal_text, rows
from fake_asana.seeding.sizes import Sizes
from fake_asana.world import World
from scripts.pipeline import control, served
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.sync.reconcile import PASSES_PER_PERIOD

METHODS = ("list", "search", "export")
TASKS = (10_000, 100_000)

CHILDREN = ("stories", "attachments", "time_tracking_entries")
STREAMS = ("projects", "tasks", *CHILDREN)
EVENTS = "deletions"
LOG = "GET /workspaces/{workspace_gid}/audit_log_events"

RECONCILE_DAYS = 30

STAGE_TASKS = {"list": 25, "search": 100}
"""The tasks that a pass reads before it looks at its schedule again; one by export reads a file when it is due."""

UNREAD = frozenset(
    {
        *("GET /projects/{project_gid}/sections", "GET /workspaces/{workspace_gid}/custom_fields"),
        *("GET /workspaces/{workspace_gid}/teams", "GET /teams/{team_gid}/team_memberships"),
        "GET /workspaces/{workspace_gid}/workspace_memberships",
    }
)
"""Operations of streams that these runs leave out."""


@dataclass(frozen=True)
class Way:
    """A way to run: its name, its streams, further settings, and whether it reads what events name, and all tasks."""

    name: str
    streams: tuple[str, ...]
    settings: Mapping[str, object]
    follows: bool = False
    reconciles: bool = False


FOLLOWING = Way("events followed", (*STREAMS, EVENTS), {}, follows=True)

WAYS = (
    Way("without deletions", STREAMS, {}),
    Way("deletions only", (*STREAMS, EVENTS), {"follow_events": False}),
    FOLLOWING,
    Way(
        "events followed, reconciled",
        (*STREAMS, EVENTS),
        {"reconcile_days": RECONCILE_DAYS},
        follows=True,
        reconciles=True,
    ),
)
"""The first one is that which the others are compared with."""


@dataclass(frozen=True)
class HourRequests:
    """The requests of a run after an hour's work: those sent, the fewest possible, and the most allowed, if any.

    `silent` is the number of objects that changed without a clock.
    """

    method: str
    tasks: int
    way: str
    silent: int
    sent: int
    fewest: int
    most: int | None

    @property
    def passes(self) -> bool:
        """Return whether the run sent no more requests than allowed."""
        return self.most is None or self.sent <= self.most


def measure(tasks: int, methods: Iterable[str] = METHODS) -> Iterator[HourRequests]:
    """Measure the runs of each method in a world with this many tasks."""
    sizes = {"workspaces": 1, "tasks": tasks, "projects": max(20, tasks // 100), "stories": 2, "goals": 1}
    options = [text for name, value in sizes.items() for text in (f"--{name}", str(value))]
    for method in methods:
        world = World.seeded(1, Sizes(**sizes))
        with served(*options, "--limit-export-seconds", "0", "--limit-per-minute", "0") as address:
            yield from _hour(world, address, method, tasks)


def _hour(world: World, address: str, method: str, tasks: int) -> Iterator[HourRequests]:
    _, state = sync(address, method, ("projects", "tasks", EVENTS), reconcile_days=RECONCILE_DAYS)
    state = _as_if_read(state)
    old_projects, since = _visible_projects(world, method), world.now()
    answer = requests.post(control(address, "mutate"), timeout=600).json()
    world.mutate()
    new_projects = _visible_projects(world, method) - old_projects
    silent = sum(len(answer["untimestamped"].get(stream, ())) for stream in STREAMS)
    silent += len(answer["deleted"].get(CHILDREN[-1], ()))  # only the minutes of the task show that an entry is gone
    fewest = min_requests(world, TOKENS[method], method, Changes(since, new_projects))
    alone: int | None = None
    for way in WAYS:
        before = _requests(address)
        sync(address, method, way.streams, state, **way.settings)
        sent = _requests(address) - before
        others = sum(count for name, count in sent.items() if name not in fewest)
        least = others + sum(count for name, count in fewest.items() if name not in UNREAD)
        more = sent[LOG] + _event_streams(world, method) + silent * way.follows
        more += _due_requests(method, tasks) * way.reconciles
        most = None if alone is None else alone + more
        alone = alone or sent.total()
        yield HourRequests(method, tasks, way.name, silent, sent.total(), least, most)


def _requests(address: str) -> Counter[str]:
    return Counter(request_counts(address)["templates"])


def _as_if_read(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state as if the children of tasks had been read with them, and the last run was an hour ago."""
    bookmarks = json.loads(json.dumps(state["bookmarks"]))
    reconciled = [partition.pop("reconciliation") for partition in bookmarks["tasks"]["partitions"]]
    for stream in CHILDREN:
        bookmarks[stream] = json.loads(json.dumps(bookmarks["tasks"]))
    for partition, entry in zip(bookmarks["tasks"]["partitions"], reconciled, strict=True):
        reached = format_instant(parse_instant(entry["reached"]) - timedelta(hours=1))
        partition["reconciliation"] = {**entry, "reached": reached, "streams": sorted(("tasks", *CHILDREN))}
    return {**state, "bookmarks": bookmarks}


def _due_requests(method: str, tasks: int) -> int:
    """Return the requests for the tasks that a pass must read in an hour, in whole stages."""
    if method not in STAGE_TASKS:
        return 0
    hours = RECONCILE_DAYS * 24 / PASSES_PER_PERIOD
    return ceil(2 * tasks / hours / STAGE_TASKS[method]) * STAGE_TASKS[method] * (1 + len(CHILDREN))


def _visible_projects(world: World, method: str) -> set[str]:
    viewer = world.access.viewers[TOKENS[method]]
    return {project.gid for project in world.projects.values() if viewer.sees(project)}


def _event_streams(world: World, method: str) -> int:
    """Return how many requests for events a run may send: for each workspace, and for each project of a person."""
    viewer = world.access.viewers[TOKENS[method]]
    return len(viewer.workspaces) + (0 if viewer.service else len(_visible_projects(world, method)))


def table(measured: Iterable[HourRequests]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = ("method", "tasks:", "run", "silent changes:", "requests:", "fewest possible:", "at most:", "goal")
    return rows(heads, map(_cells, measured))


def _cells(run: HourRequests) -> list[str]:
    counts = [f"{number:,}" for number in (run.silent, run.sent, run.fewest)]
    limit = ["none", "none"] if run.most is None else [f"{run.most:,}", goal_text(met=run.passes)]
    return [run.method, f"{run.tasks:,}", run.way, *counts, *limit]


def section(sizes: Iterable[int]) -> Section:
    """Measure worlds of these sizes; the runs that follow events in the largest are quoted."""
    measured = [run for tasks in sizes for run in measure(tasks)]
    largest = max(run.tasks for run in measured)
    quotes = [
        f"Requests, {run.method}, {run.tasks:,} tasks, an hour's work, {run.way}: {run.sent:,}, at most {run.most:,} "
        "allowed."
        for run in measured
        if run.tasks == largest and run.way == FOLLOWING.name
    ]
    return Section("An hour's work", table(measured), quotes)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Count the requests of runs after an hour's work.")
    parser.add_argument("--tasks", type=int, nargs="+", default=TASKS[:1], help="tasks of the world (default: 10000)")
    measured = [run for tasks in parser.parse_args().tasks for run in measure(tasks)]
    print("\n".join(table(measured)))
    return int(not all(run.passes for run in measured))


if __name__ == "__main__":
    sys.exit(main())
