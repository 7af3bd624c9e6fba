"""Measure how fast tasks and stories are written when the input is a local export: `python -m bench.records`.

The tap and msgspec write the tasks of a file, of 3 kB each, to the null device, each in its own process. All writers do
so with tasks and their stories. The figures are CPU seconds without start-up, which a nearly empty export measures for
the tap; all but pages and the floor include unpacking:

    tap     the tap, from the export file to its messages
    private the same with `privacy: pseudonymize`
    pages   the tap, from the bodies of pages of 100 tasks to its messages
    floor   msgspec parses each line of the unpacked file and writes it again
    SDK     the SDK's defaults: `Stream._sync_records`, its type conversion, its writer
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.local import measure, prepare
from bench.replay import EXPORT_FILE
from bench.report import Section, goal_text, rows

STORIES_PER_TASK = 3

TASK_BYTES = 3000
"""Size of the tasks that the goals are for; they have many custom fields."""

MIN_MEGABYTES_PER_SECOND = 150.0
MAX_RATIO_TO_FLOOR = 1.3

WRITERS: Mapping[str, str] = {
    "tap": "the tap",
    "private": "the tap, privacy: pseudonymize",
    "pages": "the tap, from pages of 100",
    "floor": "msgspec, parse and write",
    "SDK": "the SDK's defaults",
}


LARGE_TASKS, WITH_STORIES = "tasks of 3 kB", "tasks and stories"

ATTEMPTS = 3
"""Runs of each writer, of which the fastest counts."""


@dataclass(frozen=True)
class Speed:
    """The number of records, their bytes of JSON, and the CPU seconds that writing them took."""

    records: int
    size: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Return records per CPU second."""
        return self.records / self.seconds

    @property
    def megabytes(self) -> float:
        """Return megabytes of the file's JSON per CPU second."""
        return self.size / 1e6 / self.seconds


def speeds(tasks: int = 40_000, sdk_tasks: int = 4_000) -> Mapping[tuple[str, str], Speed]:
    """Return the speed of each writer for each content; the SDK is measured on fewer tasks, because it is slow."""
    measured = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, 1, STORIES_PER_TASK)
        start = {writer: _least_seconds(writer, folder) for writer in ("tap", "private")}
        for content, number, task_bytes, writers in (
            (LARGE_TASKS, tasks, TASK_BYTES, ("tap", "pages", "floor")),
            (WITH_STORIES, tasks, 0, ("tap", "private", "floor")),
            (WITH_STORIES, sdk_tasks, 0, ("SDK",)),
        ):
            prepare(folder, number, STORIES_PER_TASK, task_bytes=task_bytes)
            records, size = _contents(folder)
            for writer in writers:
                seconds = _least_seconds(writer, folder) - start.get(writer, 0)
                measured[content, writer] = Speed(records, size, seconds)
    return measured


def _contents(folder: Path) -> tuple[int, int]:
    """Return the number of tasks and stories in the file, and its bytes."""
    records = size = 0
    with gzip.open(folder / EXPORT_FILE) as lines:
        for line in lines:
            records += 1 + len(json.loads(line)["stories"])
            size += len(line)
    return records, size


def _least_seconds(writer: str, folder: Path) -> float:
    return min(_seconds(writer, folder) for _ in range(ATTEMPTS))


def _seconds(writer: str, folder: Path) -> float:
    if writer in {"tap", "private"}:
        privacy = "none" if writer == "tap" else "pseudonymize"
        return measure(folder, ("tasks", "stories"), privacy=privacy).cpu
    command = [sys.executable, "-m", "bench.baselines", writer, str(folder)]
    result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return float(result.stderr.splitlines()[-1])


def section(tasks: int) -> Section:
    """Measure an export of this many tasks."""
    measured = speeds(tasks)
    cells = [
        [
            content,
            WRITERS[writer],
            f"{speed.records:,}",
            f"{speed.per_second:,.0f}",
            f"{speed.megabytes:.1f}",
            f"{measured[content, 'tap'].per_second / speed.per_second:.2f}",
        ]
        for (content, writer), speed in measured.items()
    ]
    heads = (
        *("content", "writer", "records:", "records per CPU second:", "MB per CPU second:"),
        "tap's speed relative to it:",
    )
    tap, floor = measured[LARGE_TASKS, "tap"], measured[LARGE_TASKS, "floor"]
    rate, ratio = tap.megabytes, tap.seconds / floor.seconds
    is_fast, is_near = rate >= MIN_MEGABYTES_PER_SECOND, ratio <= MAX_RATIO_TO_FLOOR
    stories, private, sdk = (measured[WITH_STORIES, writer] for writer in ("tap", "private", "SDK"))
    large, mixed = (f"Records, {content} by local export" for content in (LARGE_TASKS, WITH_STORIES))
    quotes = [
        f"{large}: {_text(tap)}; goal {goal_text(met=is_fast)}: at least {MIN_MEGABYTES_PER_SECOND:.0f} MB.",
        f"{large}: {ratio:.2f} times msgspec's CPU time; goal {goal_text(met=is_near)}: at most {MAX_RATIO_TO_FLOOR}.",
        f"{mixed}: {_text(stories)}.",
        f"{mixed}: {_text(private)}, with people pseudonymized.",
        f"{mixed}: {stories.per_second / sdk.per_second:.1f} times as fast as the SDK's defaults.",
    ]
    return Section("Records", rows(heads, cells), quotes)


def _text(speed: Speed) -> str:
    return f"{speed.per_second:,.0f} records or {speed.megabytes:.0f} MB per CPU second"


def main() -> None:
    """Measure and print the section."""
    parser = argparse.ArgumentParser(description="Compare the tap's speed with that of msgspec and of the SDK.")
    parser.add_argument("--tasks", type=int, default=40_000, help="tasks of the export (default: %(default)s)")
    measured = section(parser.parse_args().tasks)
    print(measured.text())


if __name__ == "__main__":
    main()
