"""Measure how requests, time and memory grow with tasks and stories: `python -m bench.growth`.

Each run is a process of its own. Measured are its wall-clock time, its CPU time, and its peak resident set. Lists,
searches and exports are read from a fake Asana in another process by the real command (`bench.command`), without a rate
limit; the search is the incremental run after the export, with nothing changed. Local exports (`bench.local`) need no
fake Asana, so they can be large.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bench.command import TOKENS, request_counts, sync
from bench.local import ProcessCost, measure, prepare
from bench.report import Section, goal_text, rows
from scripts.pipeline import served

MAX_BASE_MB, MAX_BYTES_PER_TASK = 150.0, 100.0
"""Memory limit of a run: a fixed part, and a part for each task."""

PROJECTS = 200
SERVED_TASKS = (1000, 10_000, 100_000)
EXPORTED_TASKS = (10_000, 100_000, 1_000_000)
STREAMS = ("tasks", "stories")


@dataclass(frozen=True)
class Measurement:
    """The cost of reading this many tasks and stories; `requests` is None for a local export."""

    source: str
    tasks: int
    stories: int
    requests: int | None
    cost: ProcessCost

    @property
    def max_mb(self) -> float:
        """Return the memory limit in megabytes."""
        return MAX_BASE_MB + self.tasks * MAX_BYTES_PER_TASK / 1e6


def measurements(
    served_tasks: Iterable[int] = SERVED_TASKS, exported_tasks: Iterable[int] = EXPORTED_TASKS
) -> Iterator[Measurement]:
    """Measure growing numbers of tasks first, then growing numbers of stories."""
    for tasks in served_tasks:
        yield from _served_runs(tasks)
    for tasks in exported_tasks:
        yield _local_export(tasks, 0)
    for stories in (3, 30):
        yield _local_export(10_000, stories)
    for stories in (1, 10):
        yield _by_list(5000, stories)


def _world(tasks: int, stories: int) -> list[str]:
    sizes = (f"--tasks={tasks}", f"--stories={stories}", f"--projects={PROJECTS}", "--workspaces=1")
    return [*sizes, "--limit-per-minute=0", "--limit-in-flight=0", "--limit-export-seconds=0"]


def _served_runs(tasks: int) -> Iterator[Measurement]:
    with served(*_world(tasks, 1)) as address:
        cost, _ = sync(address, "list", ("tasks",))
        by_list = request_counts(address)["total"]
        yield Measurement("list, tasks only", tasks, 0, by_list, cost)
        cost, state = sync(address, "export", STREAMS)
        by_export = request_counts(address)["total"] - by_list
        yield Measurement("export", tasks, tasks, by_export, cost)
        cost, _ = sync(address, "search", STREAMS, state, access_token=TOKENS["export"])
        by_search = request_counts(address)["total"] - by_list - by_export
        yield Measurement("search, nothing changed", tasks, tasks, by_search, cost)


def _by_list(tasks: int, stories: int) -> Measurement:
    with served(*_world(tasks, stories)) as address:
        cost, _ = sync(address, "list", STREAMS)
        return Measurement("list", tasks, tasks * stories, request_counts(address)["total"], cost)


def _local_export(tasks: int, stories: int) -> Measurement:
    with tempfile.TemporaryDirectory() as name:
        _prepare_in_new_process(Path(name), tasks, stories)
        return Measurement("local export", tasks, tasks * stories, None, measure(Path(name), STREAMS))


def _prepare_in_new_process(folder: Path, tasks: int, stories: int) -> None:
    """Prepare an export in a new process: children inherit the peak memory of the process that starts them."""
    process = get_context("spawn").Process(target=prepare, args=(folder, tasks, stories), kwargs={"bare": not stories})
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"preparing the export failed with exit code {process.exitcode}")


def table(measured: Iterable[Measurement]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = (
        *("source", "tasks:", "stories:", "requests:", "seconds:", "CPU seconds:"),
        *("requests per 1,000 tasks:", "peak memory:", "at most:", "goal"),
    )
    return rows(heads, map(_cells, measured))


def _cells(row: Measurement) -> list[str]:
    return [
        row.source,
        f"{row.tasks:,}",
        f"{row.stories:,}",
        "none" if row.requests is None else f"{row.requests:,}",
        f"{row.cost.wall:.1f}",
        f"{row.cost.cpu:.1f}",
        "none" if row.requests is None else f"{row.requests * 1000 / row.tasks:,.1f}",
        f"{row.cost.peak:.0f} MB",
        f"{row.max_mb:.0f} MB",
        goal_text(met=row.cost.peak <= row.max_mb),
    ]


def section(served_tasks: Iterable[int], exported_tasks: Iterable[int]) -> Section:
    """Measure worlds and exports of these sizes."""
    measured = list(measurements(served_tasks, exported_tasks))
    return Section("Growth and memory", table(measured), quotes(measured))


def quotes(measured: Iterable[Measurement]) -> list[str]:
    """Return the peak memory of the largest runs, and its growth per task from the smallest run."""
    lines = []
    for source in ("list, tasks only", "local export"):
        by_size = sorted(
            (row for row in measured if row.source == source and not row.stories), key=lambda row: row.tasks
        )
        small, large = by_size[0], by_size[-1]
        growth = (large.cost.peak - small.cost.peak) * 1e6 / (large.tasks - small.tasks)
        lines.append(
            f"Memory, {large.tasks:,} tasks by {source}: {large.cost.peak:.0f} MB peak, "
            f"{growth:.0f} bytes per task more than for {small.tasks:,} tasks."
        )
    return lines


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Measure how requests, time and memory grow.")
    parser.add_argument("--tasks", type=int, nargs="+", default=SERVED_TASKS, help="tasks of the fake Asana")
    parser.add_argument("--exported", type=int, nargs="+", default=EXPORTED_TASKS, help="tasks of the local exports")
    options = parser.parse_args()
    print("\n".join(table(measurements(options.tasks, options.exported))))


if __name__ == "__main__":
    main()
