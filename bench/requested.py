"""How many requests runs make, and the least that could do: `python -m bench.requested`.

The real command reads a fake Asana three times by each method: everything, then an increment with nothing changed, then
one after the fake was changed the way people do. Counted are the requests by what they ask for. The least comes from
the same world, made and changed here once more (`bench.least`), for the operations named there. What an export itself
changes is another world's from then on, so that its last increment has no least.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from bench.least import News, least
from bench.report import Section, rows
from bench.tapped import TOKENS, asked, read
from fake_asana.seeding.sizes import Sizes
from fake_asana.world import World
from scripts.pipeline import control, served

METHODS = ("list", "search", "export")
RUNS = ("full", "nothing changed", "changed")


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
    options = [text for name, value in sizes.items() for text in (f"--{name}", str(value))]
    found = []
    with served(*options, "--limit-export-seconds", "0") as address:
        before: Counter[str] = Counter()
        state: Mapping[str, Any] | None = None
        for run in RUNS:
            must = _must(world, method, run, address)
            state = read(address, method, state)
            after = Counter(asked(address)["templates"])
            found.append(_counted(method, run, tasks, after - before, must))
            before = after
    return found


def _must(world: World, method: str, run: str, address: str) -> Counter[str] | None:
    """Return the least for a run, after both worlds were changed if that is part of it; None where they differ."""
    if run == "full":
        return least(world, TOKENS[method], method)
    since, known = world.now(), _visible(world, method)
    if run == "changed":
        answer = requests.post(control(address, "mutate"), timeout=600)
        answer.raise_for_status()
        if world.mutate().record()["changed"] != answer.json()["changed"]:
            return None
    return least(world, TOKENS[method], method, News(since, _visible(world, method) - known))


def _visible(world: World, method: str) -> set[str]:
    viewer = world.access.viewers[TOKENS[method]]
    return {project.gid for project in world.projects.values() if viewer.sees(project)}


def _counted(method: str, run: str, tasks: int, did: Counter[str], must: Counter[str] | None) -> Made:
    if must is None:
        return Made(method, run, tasks, did.total(), did.total(), None)
    return Made(method, run, tasks, did.total(), sum(did[name] for name in must), must.total())


def table(found: Iterable[Made]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = (
        "method",
        "run",
        "tasks:",
        "requests, all streams:",
        "of the operations counted:",
        "least possible:",
        "ratio:",
    )
    lines = []
    for run in found:
        known = ["not known"] * 3
        if run.least:
            known = [f"{run.counted:,}", f"{run.least:,}", f"{run.ratio:.3f}"]
        lines.append([run.method, run.run, f"{run.tasks:,}", f"{run.total:,}", *known])
    return rows(heads, lines)


def section(sizes: Iterable[int]) -> Section:
    """Measure worlds of so many tasks; the ratios of the largest are quoted."""
    found = [run for tasks in sizes for run in made(tasks)]
    largest = max(run.tasks for run in found)
    quotes = [
        f"Requests, {run.method}, {run.run}, {run.tasks:,} tasks: {run.ratio:.3f} times the least possible."
        for run in found
        if run.ratio and run.tasks == largest
    ]
    return Section("Requests", table(found), quotes)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Count requests.")
    parser.add_argument("--tasks", type=int, nargs="+", default=[1000], help="tasks of the world (default: 1000)")
    for tasks in parser.parse_args().tasks:
        print("\n".join(table(made(tasks))))


if __name__ == "__main__":
    main()
