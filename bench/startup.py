"""How long the command takes to start: `python -m bench.startup`.

What is told is the best of several runs: the seconds of the clock, and those that a core worked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

GOAL = 1.0
"""Seconds at the most."""

RUNS = 5
OPTIONS = ("--version", "--discover")


@dataclass(frozen=True)
class Start:
    """Seconds of the clock and of a core."""

    wall: float
    cpu: float


def starts(runs: int = RUNS) -> Mapping[str, Start]:
    """Return the best of so many runs for each option, and for the import of the SDK alone."""
    commands: dict[str, tuple[str, ...]] = {option: ("-m", "tap_asana", option) for option in OPTIONS}
    commands["the SDK's import alone"] = ("-c", "import singer_sdk")
    found = {}
    for name, command in commands.items():
        times = [_start(command) for _ in range(runs)]
        found[name] = Start(min(each.wall for each in times), min(each.cpu for each in times))
    return found


def _start(arguments: tuple[str, ...]) -> Start:
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return Start(time.monotonic() - begun, usage.ru_utime + usage.ru_stime)


def main() -> None:
    """Measure and print."""
    for name, start in starts().items():
        print(f"{name:24} {start.wall:5.2f} s, of a core {start.cpu:5.2f} s")


if __name__ == "__main__":
    main()
