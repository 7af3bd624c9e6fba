"""How long the command takes to start: `python -m bench.startup`.

What is told is the best of several runs: the seconds of the clock, and those that a core worked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from bench.report import Section, rows, verdict
from bench.tapped import waited

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


def section() -> Section:
    """Measure and compare with the goal."""
    found = starts()
    cells = [
        [name, f"{start.wall:.2f}", f"{start.cpu:.2f}", verdict(start.wall < GOAL) if name in OPTIONS else "none"]
        for name, start in found.items()
    ]
    quotes = [
        f"Start-up, `tap-asana {name}`: {found[name].wall:.2f} s ({verdict(found[name].wall < GOAL)}: {GOAL:.0f} s)."
        for name in OPTIONS
    ]
    return Section("Start-up", rows(("what is run", "seconds:", "of a core:", "goal"), cells), quotes)


def _start(arguments: tuple[str, ...]) -> Start:
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
        cost = waited([sys.executable, *arguments], None, nowhere.fileno())
    return Start(cost.wall, cost.cpu)


def main() -> None:
    """Measure and print."""
    print("\n".join(section().text()))


if __name__ == "__main__":
    main()
