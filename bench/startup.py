"""Measure the start-up time of the command: `python -m bench.startup`. Reports the best of several runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from bench.command import run_measured
from bench.local import ProcessCost
from bench.report import Section, goal_text, rows

MAX_SECONDS = 1.0

RUNS = 5
OPTIONS = ("--version", "--discover")


def starts(runs: int = RUNS) -> Mapping[str, ProcessCost]:
    """Return the lowest costs of several runs for each option, and for importing the SDK alone."""
    commands: dict[str, tuple[str, ...]] = {option: ("-m", "tap_asana", option) for option in OPTIONS}
    commands["import singer_sdk"] = ("-c", "import singer_sdk")
    lowest = {}
    for name, command in commands.items():
        costs = [_start(command) for _ in range(runs)]
        lowest[name] = ProcessCost(
            min(cost.cpu for cost in costs), min(cost.wall for cost in costs), min(cost.peak for cost in costs)
        )
    return lowest


def section() -> Section:
    """Measure and compare with the goal."""
    costs = starts()
    cells = [
        [
            name,
            f"{cost.wall:.2f}",
            f"{cost.cpu:.2f}",
            goal_text(met=cost.wall < MAX_SECONDS) if name in OPTIONS else "none",
        ]
        for name, cost in costs.items()
    ]
    quotes = [
        f"Start-up, `tap-asana {name}`: {costs[name].wall:.2f} s "
        f"(goal {goal_text(met=costs[name].wall < MAX_SECONDS)}: {MAX_SECONDS:.0f} s)."
        for name in OPTIONS
    ]
    return Section("Start-up", rows(("command", "seconds:", "CPU seconds:", "goal"), cells), quotes)


def _start(arguments: tuple[str, ...]) -> ProcessCost:
    with open(os.devnull, "wb") as null:  # noqa: PTH123 - a device
        return run_measured([sys.executable, *arguments], None, null.fileno())


def main() -> None:
    """Measure and print the section."""
    print("\n".join(section().text()))


if __name__ == "__main__":
    main()
