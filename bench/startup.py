"""Measure the start-up time of the command: `python -m bench.startup`. Reports the best of several runs.

The command is compiled before, as pip does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from bench.command import run_measured
from bench.local import ProcessCost
from bench.report import Section, goal_text, rows

MAX_SECONDS = 0.30
MAX_RATIO = 1.1
"""Goals: seconds, and CPU time as a multiple of that of a tap with two streams."""

RUNS = 5
OPTIONS = ("--version", "--discover")


def starts(runs: int = RUNS) -> Mapping[str, ProcessCost]:
    """Return the lowest costs of several runs for each option, and of a tap of two streams."""
    commands: dict[str, tuple[str, ...]] = {
        **{option: ("-m", "tap_asana", option) for option in OPTIONS},
        **{f"two streams, {option}": ("-m", "bench.two_streams", option) for option in OPTIONS},
    }
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
    cells = [[name, f"{cost.wall:.2f}", f"{cost.cpu:.2f}", _ratio_text(costs, name)] for name, cost in costs.items()]
    quotes = []
    for name in OPTIONS:
        seconds, ratio = costs[name].wall, _ratio(costs, name)
        is_fast, is_near = goal_text(met=seconds <= MAX_SECONDS), goal_text(met=ratio <= MAX_RATIO)
        title = f"Start-up, `tap-asana {name}`"
        quotes.append(f"{title}: {seconds:.2f} s; goal {is_fast}: {MAX_SECONDS:.2f} s.")
        quotes.append(f"{title}: {ratio:.2f} times the CPU time of a tap of two streams; goal {is_near}: {MAX_RATIO}.")
    return Section("Start-up", rows(("command", "seconds:", "CPU seconds:", "ratio:"), cells), quotes)


def _ratio(costs: Mapping[str, ProcessCost], option: str) -> float:
    return costs[option].cpu / costs[f"two streams, {option}"].cpu


def _ratio_text(costs: Mapping[str, ProcessCost], name: str) -> str:
    return f"{_ratio(costs, name):.2f}" if name in OPTIONS else "none"


def _start(arguments: tuple[str, ...]) -> ProcessCost:
    with open(os.devnull, "wb") as null:  # noqa: PTH123 - a device
        return run_measured([sys.executable, *arguments], None, null.fileno())


def main() -> None:
    """Measure and print the section."""
    print(section().text())


if __name__ == "__main__":
    main()
