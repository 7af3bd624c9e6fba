"""How requests, time and memory grow with tasks and stories: `python -m bench.growth`.

Each reading is a process of its own: told are the seconds of the clock, those that a core worked for it, and its
largest resident set. Lists, exports and searches are of a fake Asana in another process, read by the real command
(`bench.tapped`), which waits for no pace; the search is the increment after the export, with nothing changed. Local
exports (`bench.local`) have no fake Asana beside them, so that they can be large.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bench.local import Cost, measured, prepare
from bench.report import Section, rows, verdict
from bench.tapped import asked, taken
from scripts.pipeline import served

BASE, PER_TASK = 150.0, 100.0
"""Megabytes whatever is read, and bytes more for each task, at the most."""

PROJECTS = 200
SIZES = (1000, 10_000, 100_000)
EXPORTED = (10_000, 100_000, 1_000_000)
FAMILY = ("tasks", "stories")


@dataclass(frozen=True)
class Grown:
    """What a reading of so many tasks and stories took; the requests are None where there is nobody to ask."""

    what: str
    tasks: int
    stories: int
    requests: int | None
    cost: Cost

    @property
    def goal(self) -> float:
        """Return how many megabytes it may be."""
        return BASE + self.tasks * PER_TASK / 1e6


def grown(sizes: Iterable[int] = SIZES, exported: Iterable[int] = EXPORTED) -> Iterator[Grown]:
    """Yield what readings of these sizes take, tasks first and stories then."""
    for tasks in sizes:
        yield from _served(tasks)
    for tasks in exported:
        yield _local(tasks, 0)
    for stories in (3, 30):
        yield _local(10_000, stories)
    for stories in (1, 10):
        yield _listed(5000, stories)


def _sizes(tasks: int, stories: int) -> list[str]:
    sizes = (f"--tasks={tasks}", f"--stories={stories}", f"--projects={PROJECTS}", "--workspaces=1")
    return [*sizes, "--limit-per-minute=0", "--limit-in-flight=0", "--limit-export-seconds=0"]


def _served(tasks: int) -> Iterator[Grown]:
    with served(*_sizes(tasks, 1)) as address:
        cost, _ = taken(address, "list", ("tasks",))
        so_far = asked(address)["total"]
        yield Grown("list, tasks alone", tasks, 0, so_far, cost)
        cost, state = taken(address, "export", FAMILY)
        total = asked(address)["total"]
        yield Grown("export", tasks, tasks, total - so_far, cost)
        cost, _ = taken(address, "search", FAMILY, state, access_token="0/service")  # noqa: S106 - the fake's
        yield Grown("search, nothing changed", tasks, tasks, asked(address)["total"] - total, cost)


def _listed(tasks: int, stories: int) -> Grown:
    with served(*_sizes(tasks, stories)) as address:
        cost, _ = taken(address, "list", FAMILY)
        return Grown("list", tasks, tasks * stories, asked(address)["total"], cost)


def _local(tasks: int, stories: int) -> Grown:
    with tempfile.TemporaryDirectory() as name:
        _apart(Path(name), tasks, stories)
        return Grown("local export", tasks, tasks * stories, None, measured(Path(name), FAMILY))


def _apart(folder: Path, tasks: int, stories: int) -> None:
    """Prepare in another process: what this one takes would count as its children's."""
    preparing = get_context("spawn").Process(
        target=prepare, args=(folder, tasks, stories), kwargs={"bare": not stories}
    )
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        raise RuntimeError(f"the export could not be prepared ({preparing.exitcode})")


def table(found: Iterable[Grown]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = (
        *("what is read", "tasks:", "stories:", "requests:", "seconds:", "of a core:"),
        *("requests for 1,000 tasks:", "peak:", "at most:", "goal"),
    )
    return rows(heads, map(_cells, found))


def _cells(each: Grown) -> list[str]:
    return [
        each.what,
        f"{each.tasks:,}",
        f"{each.stories:,}",
        "none" if each.requests is None else f"{each.requests:,}",
        f"{each.cost.wall:.1f}",
        f"{each.cost.cpu:.1f}",
        "none" if each.requests is None else f"{each.requests * 1000 / each.tasks:,.1f}",
        f"{each.cost.peak:.0f} MB",
        f"{each.goal:.0f} MB",
        verdict(each.cost.peak <= each.goal),
    ]


def section(sizes: Iterable[int], exported: Iterable[int]) -> Section:
    """Measure readings of these sizes."""
    found = list(grown(sizes, exported))
    return Section("Growth and memory", table(found), quotes(found))


def quotes(found: Iterable[Grown]) -> list[str]:
    """Return what the largest readings take: megabytes, and bytes for each task beyond those of the smallest."""
    lines = []
    for what in ("list, tasks alone", "local export"):
        readings = sorted(
            (each for each in found if each.what == what and not each.stories), key=lambda each: each.tasks
        )
        few, many = readings[0], readings[-1]
        more = (many.cost.peak - few.cost.peak) * 1e6 / (many.tasks - few.tasks)
        lines.append(
            f"Memory, {many.tasks:,} tasks by {what}: {many.cost.peak:.0f} MB at the most, "
            f"{more:.0f} bytes a task more than {few.tasks:,} take."
        )
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Tell what the tap takes by what it reads.")
    parser.add_argument("--tasks", type=int, nargs="+", default=SIZES, help="tasks of the fake Asana")
    parser.add_argument("--exported", type=int, nargs="+", default=EXPORTED, help="tasks of local exports")
    options = parser.parse_args()
    print("\n".join(table(grown(options.tasks, options.exported))))


if __name__ == "__main__":
    main()
