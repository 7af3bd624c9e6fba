"""How many requests runs make, and the least that could do: `python -m bench.requested`.

The real command reads a fake Asana three times by each method: everything, then an increment with nothing changed, then
one after the fake was changed the way people do. Counted are the requests by what they ask for; the least for a full
run comes from the world itself (`bench.least`), for the operations named there.

The least for an increment by lists with nothing changed is that of the full run without what hangs from tasks, and one
page more of each list of a project or user: the one that `modified_since` leaves empty. A subtask changes without its
parent, which that filter hides, so the whole lists and those under parents stay. The attachments of projects and briefs
stay as well. A full run by search reads first by lists, but looks for attachments only where a task has some, and finds
subtasks and what only tags hold by searching: what it takes is told against the least for lists, and is under it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from bench.least import least, of_tasks
from bench.tapped import TOKENS, asked, read
from fake_asana.sizes import Sizes
from fake_asana.world import World
from scripts.pipeline import control, served

GOAL = 1.05
UNHINDERED = 100_000
"""Requests a minute: the pace is not what is measured."""

OF_TASKS = "GET /tasks/{task_gid}/stories"
METHODS = ("list", "search", "export")


@dataclass(frozen=True)
class Made:
    """The requests of a run, all of them, and those of the operations whose least is known; None where it is not."""

    method: str
    run: str
    tasks: int
    total: int
    counted: int
    least: int | None

    @property
    def ratio(self) -> float | None:
        """Return made by least possible."""
        return self.counted / self.least if self.least else None


def made(tasks: int, methods: Iterable[str] = METHODS) -> list[Made]:
    """Return what the three runs of each method ask of a world of so many tasks."""
    return [run for method in methods for run in _of_method(method, tasks)]


def _of_method(method: str, tasks: int) -> list[Made]:
    sizes = {"tasks": tasks, "projects": max(20, tasks // 100), "stories": 2}
    world = World.seeded(1, Sizes(**sizes))
    must = _must(method, world)
    options = [text for name, value in sizes.items() for text in (f"--{name}", str(value))]
    found = []
    with served(*options, "--limit-export-seconds", "0") as address:
        before: Counter[str] = Counter()
        state: Mapping[str, Any] | None = None
        for run in ("full", "nothing changed", "changed"):
            if run == "changed":
                requests.post(control(address, "mutate"), timeout=600).raise_for_status()
            state = read(address, method, state, requests_per_minute=UNHINDERED)
            after = Counter(asked(address)["templates"])
            found.append(_counted(method, run, tasks, after - before, must.get(run)))
            before = after
    return found


def _must(method: str, world: World) -> Mapping[str, Counter[str]]:
    """Return the least for the runs of a method that a formula tells."""
    whole = least(world, TOKENS[method])
    if method == "search":
        return {"full": whole}
    return {"full": whole, "nothing changed": unchanged(world, whole)} if method == "list" else {}


def unchanged(world: World, whole: Counter[str], token: str = TOKENS["list"]) -> Counter[str]:
    """Return the least for an increment by lists, from the least for the full run."""
    viewer = world.access.viewers[token]
    tasks = [task for task in world.tasks.values() if viewer.sees(task)]
    projects = sum(1 for project in world.projects.values() if viewer.sees(project))
    members = (member for gid in viewer.workspaces for member in world.workspaces[gid].members.values())
    found = Counter(whole)
    found["GET /tasks"] += projects + sum(1 for member in members if member.active)
    found["GET /attachments"] -= of_tasks(tasks)["GET /attachments"]
    del found[OF_TASKS]
    return found


def _counted(method: str, run: str, tasks: int, did: Counter[str], must: Counter[str] | None) -> Made:
    if must is None:
        return Made(method, run, tasks, did.total(), did.total(), None)
    return Made(method, run, tasks, did.total(), sum(did[name] for name in must), must.total())


def table(found: Iterable[Made]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [
        "| method | run | tasks | requests, all streams | of the operations counted | least possible | ratio |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for run in found:
        known = [f"{run.counted:,}", f"{run.least:,}", f"{run.ratio:.3f}"] if run.least else ["", "", ""]
        lines.append(f"| {' | '.join([run.method, run.run, f'{run.tasks:,}', f'{run.total:,}', *known])} |")
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Count requests.")
    parser.add_argument("--tasks", type=int, nargs="+", default=[1000], help="tasks of the world (default: 1000)")
    for tasks in parser.parse_args().tasks:
        print("\n".join(table(made(tasks))))


if __name__ == "__main__":
    main()
