"""How much memory the tap takes at the most, by how many tasks and stories it reads: `python -m bench.memory`.

Each reading is a process of its own, and what is told is its largest resident set. Exports are local (`bench.local`);
lists come from a fake Asana in another process, read by the real command.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bench.local import measured, prepare, selected
from scripts.pipeline import served

BASE, PER_TASK = 150.0, 100.0
"""Megabytes whatever is read, and bytes more for each task, at the most."""

PROJECTS = 200


@dataclass(frozen=True)
class Peak:
    """The largest resident set of a reading, in megabytes."""

    method: str
    streams: str
    tasks: int
    stories: int
    megabytes: float

    @property
    def goal(self) -> float:
        """Return how many megabytes it may be."""
        return BASE + self.tasks * PER_TASK / 1e6


def peaks(exported: int = 1_000_000, listed: int = 100_000) -> Iterator[Peak]:
    """Yield the peaks of small and large readings, by export and by list."""
    for tasks in (exported // 100, exported):
        yield of_export(tasks, 0)
    for stories in (3, 30):
        yield of_export(10_000, stories)
    for tasks in (listed // 100, listed):
        yield of_lists(tasks, 0, "tasks")
    for stories in (1, 10):
        yield of_lists(5_000, stories, "tasks,stories")


def of_export(tasks: int, stories: int) -> Peak:
    """Read a local export of so many tasks; `stories` is the average of each."""
    with tempfile.TemporaryDirectory() as name:
        _apart(Path(name), tasks, stories)
        return Peak("export", "tasks,stories", tasks, tasks * stories, measured(Path(name), ("tasks", "stories")).peak)


def _apart(folder: Path, tasks: int, stories: int) -> None:
    """Prepare in another process: what this one takes would count as its children's."""
    preparing = get_context("spawn").Process(
        target=prepare, args=(folder, tasks, stories), kwargs={"bare": not stories}
    )
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        raise RuntimeError(f"the export could not be prepared ({preparing.exitcode})")


def of_lists(tasks: int, stories: int, streams: str) -> Peak:
    """Read so many tasks of a served Asana by lists; `stories` is the average of each."""
    sizes = (f"--tasks={tasks}", f"--stories={stories}", f"--projects={PROJECTS}", "--workspaces=1")
    with served(*sizes, "--limit-per-minute=0", "--limit-in-flight=0") as address:
        return Peak("list", streams, tasks, tasks * stories, _peak(address, streams))


def _peak(address: str, streams: str) -> float:
    variables = {
        **os.environ,
        "TAP_ASANA_ACCESS_TOKEN": "0/fake",
        "TAP_ASANA_API_URL": address,
        "TAP_ASANA_EXTRACTION_METHOD": "list",
        "TAP_ASANA_REQUESTS_PER_MINUTE": "1000000",
        "NO_PROXY": "127.0.0.1",
    }
    with tempfile.TemporaryDirectory() as name:
        catalog = Path(name) / "catalog.json"
        catalog.write_text(json.dumps(selected(streams.split(","))), encoding="utf-8")
        command = [sys.executable, "-m", "tap_asana", "--config", "ENV", "--catalog", str(catalog)]
        process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the tap ended with {process.returncode}")
    return usage.ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Tell the tap's memory by what it reads.")
    parser.add_argument("--exported", type=int, default=1_000_000, help="tasks by export (default: %(default)s)")
    parser.add_argument("--listed", type=int, default=100_000, help="tasks by list (default: %(default)s)")
    options = parser.parse_args()
    print("method streams             tasks    stories       peak   at most")
    for peak in peaks(options.exported, options.listed):
        print(
            f"{peak.method:6} {peak.streams:14} {peak.tasks:>10,} {peak.stories:>10,} "
            f"{peak.megabytes:>7.1f} MB {peak.goal:>6.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
