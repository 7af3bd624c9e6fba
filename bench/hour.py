"""Count the requests of a run after an hour's work, with and without events: `python -m bench.hour`.

The real command reads the tasks of a fake Asana once. Then people work as in `World.mutate`, in part without moving a
clock. From the same state, one run leaves out `deletions`, one selects it but follows no events, one follows them, one
also lists attachments only where they are announced, as `reconcile_days` does, and one reconciles. By export, it has
nothing to do in most hours, so that one more run reads the file of a pass that is due. Except by export, the children
of tasks need no first read: their bookmark is set to that of the tasks.

With events, a run may send one request more for each object that changed without a clock, and one for each project (a
person) or workspace (a service account). A change of tracked time counts twice, if it moves no clock: as one of the
entry, and as one of the minutes of its task. For a person, one refusal for each workspace comes on top, and for a
service account the pages of the audit log with what happened since half an hour before the last run. A run that
reconciles may read the part of all tasks that is due within an hour, each with one request for itself and one for each
stream below it. By export, it may send MAX_PROOFS requests more than the fewest possible, and one for each object that
people deleted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from typing import Any

import requests

from bench.command import TOKENS, request_counts, sync
from bench.minimum import PAGE, Changes, min_pass_requests, min_requests
from bench.report import Section, goal_text, rows
from fake_asana.model.audit import log_entries
from fake_asana.seeding.sizes import Sizes
from fake_asana.world import World
from scripts.pipeline import control, served
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.sync.reader import LOG_LOOKBACK_SECONDS

METHODS = ("list", "search", "export")
TASKS = (10_000, 100_000)

CHILDREN = ("stories", "attachments", "time_tracking_entries")
STREAMS = ("projects", "tasks", *CHILDREN)
EVENTS = "deletions"

RECONCILE_DAYS = 30
PASS_HOURS = RECONCILE_DAYS * 24 // 2
"""The hours that a pass takes, so that deletions arrive within the days too (decision 28)."""

MAX_PROOFS = 20
"""The requests that may prove that the file of a pass is whole (decision 30)."""

READ_OF_PASSES = "What the runs above read of a pass, and what a whole pass takes if all tasks cost as much:"

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
    """A way to run: its name, its streams, further settings, and what it reads.

    It may follow events, list attachments only where they are announced, and read the tasks of a pass.
    """

    name: str
    streams: tuple[str, ...]
    settings: Mapping[str, object]
    follows: bool = False
    only_announced: bool = False
    reconciles: bool = False


ALONE = Way("without deletions", STREAMS, {})
FOLLOWING = Way("events followed", (*STREAMS, EVENTS), {}, follows=True)
ANNOUNCED = replace(
    FOLLOWING,
    name="events followed, attachments announced",
    settings={"attachment_lists": "announced"},
    only_announced=True,
)
NOT_DUE = replace(ANNOUNCED, name="reconcile_days, no pass due", settings={"reconcile_days": RECONCILE_DAYS})
PART = replace(NOT_DUE, name="reconcile_days, an hour's part of a pass", reconciles=True)
FILE = replace(PART, name="reconcile_days, a whole pass")


def ways(method: str) -> tuple[Way, ...]:
    """Return the ways to run by a method: each is compared with the first, or if it reads a pass, with ANNOUNCED."""
    unreconciled = (ALONE, Way("deletions only", FOLLOWING.streams, {"follow_events": False}), FOLLOWING, ANNOUNCED)
    return (*unreconciled, *((NOT_DUE, FILE) if method == "export" else (PART,)))


@dataclass(frozen=True)
class Part:
    """What a run reads of a pass: how many of all tasks, with how many requests, and the fewest for the whole pass."""

    tasks: int
    of: int
    sent: int
    fewest_of_pass: int

    @property
    def of_pass(self) -> int:
        """Return the requests of a whole pass, if all of its tasks cost as much as these."""
        return round(self.sent * self.of / self.tasks)


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
    part: Part | None = None

    @property
    def passes(self) -> bool:
        """Return whether the run sent no more requests than allowed, and no fewer than possible."""
        return self.fewest <= self.sent and (self.most is None or self.sent <= self.most)


def measure(tasks: int, methods: Iterable[str] = METHODS) -> Iterator[HourRequests]:
    """Measure the runs of each method in a world with this many tasks."""
    sizes = {"workspaces": 1, "tasks": tasks, "projects": max(20, tasks // 100), "stories": 2, "goals": 1}
    options = [text for name, value in sizes.items() for text in (f"--{name}", str(value))]
    for method in methods:
        world = World.seeded(1, Sizes(**sizes))
        with served(*options, "--limit-export-seconds", "0", "--limit-per-minute", "0") as address:
            yield from _hour(world, address, method, tasks)


def _hour(world: World, address: str, method: str, tasks: int) -> Iterator[HourRequests]:
    token, state = TOKENS[method], _read_once(address, method)
    old_projects, since = _visible_projects(world, method), world.now()
    answer = requests.post(control(address, "mutate"), timeout=600).json()
    world.mutate()
    changes = Changes(since, _visible_projects(world, method) - old_projects)
    silent = sum(len(answer["untimestamped"].get(stream, ())) for stream in STREAMS)
    silent += len(answer["deleted"].get(CHILDREN[-1], ()))  # only the minutes of the task show that an entry is gone
    of_pass, visible = min_pass_requests(world, token, method), len(world.gids("tasks", token))
    runs: dict[str, HourRequests] = {}
    for way in ways(method):
        before = _requests(address)
        _, after = sync(address, method, way.streams, _due(state) if way is FILE else state, **way.settings)
        sent = _requests(address) - before
        part: Part | None = None
        if way.reconciles:
            base = runs[ANNOUNCED.name]
            part = Part(_tasks_read(after) or visible, visible, sent.total() - base.sent, of_pass)
            least = base.fewest + (of_pass if way is FILE else ceil(of_pass / PASS_HOURS))
            deleted = sum(len(answer["deleted"].get(stream, ())) for stream in STREAMS)
            most: int | None = base.sent + (
                of_pass + deleted + MAX_PROOFS if way is FILE else _most_of_part(method, tasks)
            )
        else:
            fewest = min_requests(world, token, method, replace(changes, only_announced=way.only_announced))
            others = sum(count for name, count in sent.items() if name not in fewest)
            least = others + sum(count for name, count in fewest.items() if name not in UNREAD)
            more = _log_requests(world, method, since) + _event_streams(world, method) + silent * way.follows
            most = runs[ALONE.name].sent + more if runs else None
        runs[way.name] = HourRequests(method, tasks, way.name, silent, sent.total(), least, most, part)
        yield runs[way.name]


def _requests(address: str) -> Counter[str]:
    return Counter(request_counts(address)["templates"])


def _read_once(address: str, method: str) -> dict[str, Any]:
    """Return the state as if the first read had ended an hour ago, and children had been read with their tasks."""
    is_whole = method == "export"
    streams = STREAMS if is_whole else ("projects", "tasks")
    _, state = sync(address, method, (*streams, EVENTS), reconcile_days=RECONCILE_DAYS)
    bookmarks = json.loads(json.dumps(state["bookmarks"]))
    if not is_whole:
        reconciled = [partition.pop("reconciliation") for partition in bookmarks["tasks"]["partitions"]]
        for stream in CHILDREN:
            bookmarks[stream] = json.loads(json.dumps(bookmarks["tasks"]))
        for partition, entry in zip(bookmarks["tasks"]["partitions"], reconciled, strict=True):
            partition["reconciliation"] = {**entry, "streams": sorted(("tasks", *CHILDREN))}
    return _moved({**state, "bookmarks": bookmarks}, "reached", timedelta(hours=1))


def _due(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state as if the last pass had begun so long ago that the next one is due."""
    return _moved(state, "last", timedelta(hours=PASS_HOURS))


def _moved(state: Mapping[str, Any], name: str, time: timedelta) -> dict[str, Any]:
    """Return the state with an earlier instant in what it knows of passes."""
    moved: dict[str, Any] = json.loads(json.dumps(state))
    for partition in moved["bookmarks"]["tasks"]["partitions"]:
        entry = partition["reconciliation"]
        entry[name] = format_instant(parse_instant(entry[name]) - time)
    return moved


def _tasks_read(state: Mapping[str, Any]) -> int:
    """Return the number of tasks that the pass in progress has read; 0 without one."""
    return sum(partition["reconciliation"].get("tasks", 0) for partition in state["bookmarks"]["tasks"]["partitions"])


def _most_of_part(method: str, tasks: int) -> int:
    """Return the requests for the tasks that are due in two hours, before this run and after it, in whole stages."""
    return ceil(2 * tasks / PASS_HOURS / STAGE_TASKS[method]) * STAGE_TASKS[method] * (1 + len(CHILDREN))


def _visible_projects(world: World, method: str) -> set[str]:
    viewer = world.access.viewers[TOKENS[method]]
    return {project.gid for project in world.projects.values() if viewer.sees(project)}


def _event_streams(world: World, method: str) -> int:
    """Return how many requests for events a run may send: for each workspace, and for each project of a person."""
    viewer = world.access.viewers[TOKENS[method]]
    return len(viewer.workspaces) + (0 if viewer.service else len(_visible_projects(world, method)))


def _log_requests(world: World, method: str, since: int) -> int:
    """Return how many requests for the audit log a run may send: its pages and an empty one, or a person's refusal."""
    viewer, start = world.access.viewers[TOKENS[method]], since - LOG_LOOKBACK_SECONDS * 1000
    if not viewer.service:
        return len(viewer.workspaces)
    logs = (log_entries(world, world.workspaces[gid]) for gid in viewer.workspaces)
    return sum(ceil(sum(entry.at >= start for entry in log) / PAGE) + 1 for log in logs)


def table(measured: Iterable[HourRequests]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = ("method", "tasks:", "run", "silent changes:", "requests:", "fewest possible:", "at most:", "goal")
    return rows(heads, map(_cells, measured))


def _cells(run: HourRequests) -> list[str]:
    counts = [f"{number:,}" for number in (run.silent, run.sent, run.fewest)]
    limit = ["none", "none"] if run.most is None else [f"{run.most:,}", goal_text(met=run.passes)]
    return [run.method, f"{run.tasks:,}", run.way, *counts, *limit]


def pass_table(measured: Iterable[HourRequests]) -> list[str]:
    """Return the lines of a Markdown table of what the runs read of a pass."""
    heads = ("method", "tasks:", "tasks read again:", "requests for them:", "a whole pass:", "fewest possible:")
    return rows(heads, (_pass_cells(run, run.part) for run in measured if run.part))


def _pass_cells(run: HourRequests, part: Part) -> list[str]:
    numbers = (run.tasks, part.tasks, part.sent, part.of_pass, part.fewest_of_pass)
    return [run.method, *(f"{number:,}" for number in numbers)]


def section(sizes: Iterable[int]) -> Section:
    """Measure worlds of these sizes; the runs that follow events or read a pass in the largest are quoted."""
    measured = [run for tasks in sizes for run in measure(tasks)]
    largest = max(run.tasks for run in measured)
    quotes = [
        f"Requests, {run.method}, {run.tasks:,} tasks, an hour's work, {run.way}: {run.sent:,}, at most {run.most:,} "
        "allowed."
        for run in measured
        if run.tasks == largest and (run.way == FOLLOWING.name or run.part)
    ]
    return Section("An hour's work", [*table(measured), "", READ_OF_PASSES, "", *pass_table(measured)], quotes)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Count the requests of runs after an hour's work.")
    parser.add_argument("--tasks", type=int, nargs="+", default=TASKS[:1], help="tasks of the world (default: 10000)")
    measured = [run for tasks in parser.parse_args().tasks for run in measure(tasks)]
    print("\n".join([*table(measured), "", *pass_table(measured)]))
    return int(not all(run.passes for run in measured))


if __name__ == "__main__":
    sys.exit(main())
