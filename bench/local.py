"""Measure the tap on a local export: recorded answers, and an export file with any number of tasks.

`python -m bench.local FOLDER --streams tasks,stories --privacy none` runs the tap in this process only, with no fake
Asana and no socket. It writes Singer messages to standard output, and the cost as JSON to standard error.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import logging
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import msgspec

from bench.replay import ANSWERS_FILE, EMPTY_PAGE, EXPORT_FILE, ReplayAdapter, tap_over
from tap_asana.__main__ import GC_THRESHOLD

FIRST_GID = 1_200_000_000_000_000
READ_BYTES = 1 << 20
TASK_LIST = re.compile(r"/tasks(/search|/\d+/subtasks)?\?")

Record = dict[str, Any]


@dataclass(frozen=True)
class ProcessCost:
    """The cost of a process: seconds of CPU and of wall-clock time, and its peak memory in MB."""

    cpu: float
    wall: float
    peak: float


def prepare(folder: Path, tasks: int, stories: int, *, bare: bool = False, task_bytes: int = 0) -> None:
    """Write a local export of this many tasks, with `stories` stories per task on average.

    The tasks of a fake Asana are repeated under new gids. `bare` keeps only the few fields that every task has. With
    `task_bytes` the tasks have no stories, and so many custom fields that they have at least this size.
    """
    from bench.recording import record  # noqa: PLC0415 - the measured process must not load the fake Asana

    answers, lines = record(stories)
    # Asana's counts would not match: the file has more or fewer tasks than the recorded world.
    answers.update((key, '{"data":{}}') for key in answers if "/task_counts" in key)
    # Nor would the tasks that are found otherwise and compared with the file: it has tasks with other gids.
    answers.update((key, EMPTY_PAGE) for key in answers if TASK_LIST.search(key))
    (folder / ANSWERS_FILE).write_text(json.dumps(answers), encoding="utf-8")
    records = [msgspec.json.decode(line, type=Record) for line in lines]
    gids = count(FIRST_GID)
    with gzip.open(folder / EXPORT_FILE, "wb", compresslevel=1) as file:
        for task in islice(cycle(records), tasks):
            copy = _with_new_gids(task, gids, bare=bare)
            file.write(msgspec.json.encode(_enlarged(copy, task_bytes) if task_bytes else copy) + b"\n")


def _with_new_gids(task: Record, gids: Iterable[int], *, bare: bool) -> Record:
    """Return a copy of a task in which the task and its stories have new gids."""
    numbers = iter(gids)
    copy = {name: task.get(name) for name in ("gid", "name", "modified_at", "stories")} if bare else {**task}
    copy["gid"] = str(next(numbers))
    copy["stories"] = [{**story, "gid": str(next(numbers))} for story in task.get("stories") or ()]
    return copy


def _enlarged(task: Record, size: int) -> Record:
    """Return a task without stories that has its custom fields several times, to be at least `size` bytes of JSON."""
    values = task.get("custom_fields") or [
        {"gid": "1", "name": "Estimate", "number_value": 1.5, "display_value": "1.5"}
    ]
    missing_bytes = size - len(msgspec.json.encode({**task, "stories": []}))
    copies = max(0, -(-missing_bytes // len(msgspec.json.encode(values))))
    return {**task, "stories": [], "custom_fields": values * (copies + 1)}


def measure(folder: Path, streams: Sequence[str], sink: str = "null", privacy: str = "none") -> ProcessCost:
    """Run the tap on a local export in another process; its output goes to `sink`: "null" or "pipe"."""
    options = ["--streams", ",".join(streams), "--privacy", privacy]
    command = [sys.executable, "-m", "bench.local", str(folder), *options]
    if sink == "null":
        result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        return ProcessCost(**json.loads(result.stderr.splitlines()[-1]))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while process.stdout and process.stdout.read(READ_BYTES):
            pass
        _, log = process.communicate()
    return ProcessCost(**json.loads(log.splitlines()[-1]))


def main() -> None:
    """Run the tap on a folder that `prepare` has filled."""
    parser = argparse.ArgumentParser(description="Run the tap on a local export.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--streams", default="tasks,stories")
    parser.add_argument("--privacy", default="none")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    gc.set_threshold(GC_THRESHOLD)
    tap = tap_over(ReplayAdapter(options.folder), options.streams.split(","), lambda _: None, options.privacy)
    cpu, wall = time.process_time(), time.monotonic()
    tap.sync_all()
    sys.stdout.flush()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost = ProcessCost(time.process_time() - cpu, time.monotonic() - wall, peak)
    print(json.dumps(asdict(cost)), file=sys.stderr)


if __name__ == "__main__":
    main()
