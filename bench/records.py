"""Measure how fast tasks and stories are written when the input is a local export: `python -m bench.records`.

Four writers write the records of the same file to the null device, each in its own process. The figures are CPU seconds
without start-up; all but the floor include decompressing the file:

    tap     the tap, from the export file to its messages
    private the same with `privacy: pseudonymize`
    floor   msgspec parses each line of the decompressed file and writes it again
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

MIN_RECORDS_PER_SECOND = 25_000
MAX_RATIO_TO_FLOOR = 8.0

WRITERS: Mapping[str, str] = {
    "tap": "the tap",
    "private": "the tap, privacy: pseudonymize",
    "floor": "msgspec, parse and write",
    "SDK": "the SDK's defaults",
}


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


def speeds(tasks: int = 40_000, sdk_tasks: int = 4_000) -> Mapping[str, Speed]:
    """Return the speed of each writer; the SDK is measured on fewer tasks, because it is slow."""
    measured = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, writers in ((tasks, ("tap", "private", "floor")), (sdk_tasks, ("SDK",))):
            prepare(folder, number, STORIES_PER_TASK)
            records, size = _contents(folder)
            for writer in writers:
                measured[writer] = Speed(records, size, _seconds(writer, folder))
    return measured


def _contents(folder: Path) -> tuple[int, int]:
    """Return the number of tasks and stories in the file, and its bytes."""
    records = size = 0
    with gzip.open(folder / EXPORT_FILE) as lines:
        for line in lines:
            records += 1 + len(json.loads(line)["stories"])
            size += len(line)
    return records, size


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
    tap, private, floor, sdk = (measured[writer].per_second for writer in WRITERS)
    cells = [
        [
            name,
            f"{measured[writer].records:,}",
            f"{measured[writer].per_second:,.0f}",
            f"{measured[writer].megabytes:.1f}",
            f"{tap / measured[writer].per_second:.2f}",
        ]
        for writer, name in WRITERS.items()
    ]
    heads = ("writer", "records:", "records per CPU second:", "MB per CPU second:", "tap's speed relative to it:")
    ratio, title = floor / tap, "Records, tasks and stories by local export"
    speed_goal, ratio_goal = goal_text(met=tap >= MIN_RECORDS_PER_SECOND), goal_text(met=ratio <= MAX_RATIO_TO_FLOOR)
    quotes = [
        f"{title}: {tap:,.0f} per CPU second; goal {speed_goal}: at least {MIN_RECORDS_PER_SECOND:,}.",
        f"{title}: {ratio:.1f} times the CPU time of msgspec; goal {ratio_goal}: at most {MAX_RATIO_TO_FLOOR:.0f}.",
        f"{title}: {private:,.0f} per CPU second with people pseudonymized.",
        f"{title}: {tap / sdk:.1f} times as fast as the SDK's defaults.",
    ]
    return Section("Records", rows(heads, cells), quotes)


def main() -> None:
    """Measure and print the section."""
    parser = argparse.ArgumentParser(description="Compare the tap's speed with that of msgspec and of the SDK.")
    parser.add_argument("--tasks", type=int, default=40_000, help="tasks of the export (default: %(default)s)")
    measured = section(parser.parse_args().tasks)
    print("\n".join((*measured.text(), *measured.quotes)))


if __name__ == "__main__":
    main()
