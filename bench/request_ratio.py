"""Compare the requests of runs with the minimum possible: `python -m bench.request_ratio`.

The real command reads a fake Asana three times by each method: everything, then with nothing changed, then after the
fake was changed in the way people work. Requests are counted by operation. The minimum is calculated by `bench.minimum`
from a copy of the same world, created and changed in this process. An export changes its world further, so the minimum
of the last run by export is not known.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from bench.command import TOKENS, request_counts, sync
from bench.minimum import SEARCH, Changes, min_requests
from bench.report import Section, rows
from fake_asana.seeding.sizes import Sizes
from fake_asana.world import World
from scripts.pipeline import control, served

METHODS = ("list", "search", "export")
RUNS = ("full", "nothing changed", "changed")


@dataclass(frozen=True)
class RunCount:
    """The requests of a run: all, its searches, those of the operations with a known minimum, and that minimum.

    The minimum is None if it is unknown.
    """

    method: str
    run: str
    tasks: int
    total: int
    searches: int
    counted: int
    minimum: int | None

    @property
    def ratio(self) -> float | None:
        """Return the counted requests divided by the minimum."""
        return self.counted / self.minimum if self.minimum else None


def counts(tasks: int, methods: Iterable[str] = METHODS) -> list[RunCount]:
    """Return the requests of the three runs of each method on a world with this many tasks."""
    return [run for method in methods for run in _runs(method, tasks)]


def _runs(method: str, tasks: int) -> list[RunCount]:
    sizes = {"tasks": tasks, "projects": max(20, tasks // 100), "stories": 2}
    world = World.seeded(1, Sizes(**sizes))
    options = [text for name, value in sizes.items() for text in (f"--{name}", str(value))]
    runs = []
    with served(*options, "--limit-export-seconds", "0") as address:
        previous: Counter[str] = Counter()
        state: Mapping[str, Any] | None = None
        for run in RUNS:
            minimum = _minimum(world, method, run, address)
            _, state = sync(address, method, state=state)
            total: Counter[str] = Counter(request_counts(address)["templates"])
            runs.append(_run_count(method, run, tasks, total - previous, minimum))
            previous = total
    return runs


def _minimum(world: World, method: str, run: str, address: str) -> Counter[str] | None:
    """Return the minimum for a run, after changing both worlds if the run needs it; None if the worlds differ."""
    if run == "full":
        return min_requests(world, TOKENS[method], method)
    since, old_projects = world.now(), _visible_projects(world, method)
    if run == "changed":
        answer = requests.post(control(address, "mutate"), timeout=600)
        answer.raise_for_status()
        if world.mutate().record()["changed"] != answer.json()["changed"]:
            return None
    changes = Changes(since, _visible_projects(world, method) - old_projects)
    return min_requests(world, TOKENS[method], method, changes)


def _visible_projects(world: World, method: str) -> set[str]:
    viewer = world.access.viewers[TOKENS[method]]
    return {project.gid for project in world.projects.values() if viewer.sees(project)}


def _run_count(method: str, run: str, tasks: int, sent: Counter[str], minimum: Counter[str] | None) -> RunCount:
    total = sent.total()
    if minimum is None:
        return RunCount(method, run, tasks, total, sent[SEARCH], total, None)
    return RunCount(method, run, tasks, total, sent[SEARCH], sum(sent[name] for name in minimum), minimum.total())


def table(runs: Iterable[RunCount]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = (
        *("method", "run", "tasks:", "requests, all streams:", "searches:"),
        *("counted operations:", "minimum:", "ratio:"),
    )
    lines = []
    for run in runs:
        compared = ["not known"] * 3
        if run.minimum:
            compared = [f"{run.counted:,}", f"{run.minimum:,}", f"{run.ratio:.3f}"]
        lines.append([run.method, run.run, f"{run.tasks:,}", f"{run.total:,}", f"{run.searches:,}", *compared])
    return rows(heads, lines)


def section(sizes: Iterable[int]) -> Section:
    """Measure worlds of these sizes; the ratios of the largest are quoted."""
    runs = [run for tasks in sizes for run in counts(tasks)]
    largest = max(run.tasks for run in runs)
    quotes = [
        f"Requests, {run.method}, {run.run}, {run.tasks:,} tasks: {run.ratio:.3f} times the minimum."
        for run in runs
        if run.ratio and run.tasks == largest
    ]
    return Section("Requests", table(runs), quotes)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description="Compare the requests of runs with the minimum.")
    parser.add_argument("--tasks", type=int, nargs="+", default=[1000], help="tasks of the world (default: 1000)")
    for tasks in parser.parse_args().tasks:
        print("\n".join(table(counts(tasks))))


if __name__ == "__main__":
    main()
