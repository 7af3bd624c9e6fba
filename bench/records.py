"""How fast tasks and stories leave when the input is a local export: `python -m bench.records`.

Four ways write the same records of the same file to the null device, each in its own process. The figures are seconds
of one core, without start-up; all but the floor include unpacking the file:

    tap     the tap's own path, from the file of the export to its messages
    private the same with `privacy: pseudonymize`
    floor   msgspec parses the lines of the file, unpacked beforehand, and writes each of them again
    SDK     what `Stream` of the SDK does by default: its `_sync_records`, its conversion of types, its writer
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

from bench.local import FILE, measured, prepare
from bench.report import Section, rows, verdict

STORIES = 3
GOAL, RATIO = 25_000, 8.0
"""Records a second at the least, and times the floor's seconds at the most."""


@dataclass(frozen=True)
class Speed:
    """So many records and bytes of JSON in so many seconds of one core."""

    records: int
    size: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Return records a second."""
        return self.records / self.seconds

    @property
    def megabytes(self) -> float:
        """Return megabytes of JSON a second, as they lie in the file."""
        return self.size / 1e6 / self.seconds


def speeds(tasks: int = 40_000, sdk_tasks: int = 4_000) -> Mapping[str, Speed]:
    """Return the speed of each way; the SDK's is measured on fewer tasks, because it takes long."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, ways in ((tasks, ("tap", "private", "floor")), (sdk_tasks, ("SDK",))):
            prepare(folder, number, STORIES)
            records, size = _contents(folder)
            for way in ways:
                found[way] = Speed(records, size, _seconds(way, folder))
    return found


def _contents(folder: Path) -> tuple[int, int]:
    """Return how many tasks and stories are in the file, and how many bytes they are."""
    records = size = 0
    with gzip.open(folder / FILE) as lines:
        for line in lines:
            records += 1 + len(json.loads(line)["stories"])
            size += len(line)
    return records, size


def _seconds(way: str, folder: Path) -> float:
    if way in {"tap", "private"}:
        privacy = "none" if way == "tap" else "pseudonymize"
        return measured(folder, ("tasks", "stories"), privacy=privacy).cpu
    command = [sys.executable, "-m", "bench.compared", way, str(folder)]
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return float(ended.stderr.splitlines()[-1])


WAYS: Mapping[str, str] = {
    "tap": "the tap",
    "private": "the tap, privacy: pseudonymize",
    "floor": "msgspec, parse and write",
    "SDK": "the SDK's default path",
}


def section(tasks: int) -> Section:
    """Measure an export of so many tasks."""
    found = speeds(tasks)
    tap, private, floor, sdk = (found[way].per_second for way in WAYS)
    cells = [
        [
            name,
            f"{found[way].records:,}",
            f"{found[way].per_second:,.0f}",
            f"{found[way].megabytes:.1f}",
            f"{tap / found[way].per_second:.2f}",
        ]
        for way, name in WAYS.items()
    ]
    heads = (
        "what writes them",
        "records:",
        "records a second of a core:",
        "MB a second:",
        "the tap's speed, times this:",
    )
    times, what = floor / tap, "Records, tasks and stories by local export"
    quotes = [
        f"{what}: {tap:,.0f} a second of a core; {verdict(tap >= GOAL)}, the goal is {GOAL:,}.",
        f"{what}: {times:.1f} times what msgspec takes; {verdict(times <= RATIO)}, the goal is {RATIO:.0f} at most.",
        f"{what}: {private:,.0f} a second of a core with pseudonyms in place of people.",
        f"{what}: {tap / sdk:.1f} times as fast as the SDK's default path.",
    ]
    return Section("Records", rows(heads, cells), quotes)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare the tap's records with msgspec's and the SDK's.")
    parser.add_argument("--tasks", type=int, default=40_000, help="tasks of the export (default: %(default)s)")
    found = section(parser.parse_args().tasks)
    print("\n".join((*found.text(), *found.quotes)))


if __name__ == "__main__":
    main()
