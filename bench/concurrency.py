"""How much faster a run is with 20 requests in flight than with one: `python -m bench.concurrency`.

Runs the real command twice against a fake Asana that takes 100 ms for each answer, start-up included.
"""

from __future__ import annotations

import argparse

from bench.report import Section, rows
from bench.tapped import asked, taken
from scripts.pipeline import served

IN_FLIGHT = (20, 1)


def section(tasks: int = 300, latency: int = 100) -> Section:
    """Measure a full run by lists of so many tasks; `latency` is in milliseconds."""
    walls, cells = [], []
    with served("--tasks", str(tasks), "--latency", str(latency), "--limit-per-minute", "0") as address:
        before = 0
        for in_flight in IN_FLIGHT:
            cost, _ = taken(address, "list", max_concurrency=in_flight)
            total = asked(address)["total"]
            cells.append([f"{in_flight}", f"{total - before:,}", f"{cost.wall:.1f}", f"{cost.cpu:.1f}"])
            walls.append(cost.wall)
            before = total
    many, few = walls
    quote = f"Concurrency, {latency} ms an answer: {IN_FLIGHT[0]} in flight are {few / many:.1f} times as fast as one."
    return Section("Concurrency", rows(("in flight:", "requests:", "seconds:", "of a core:"), cells), [quote])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare runs with 1 and with 20 requests in flight.")
    parser.add_argument("--tasks", type=int, default=300, help="tasks of the world (default: %(default)s)")
    parser.add_argument("--latency", type=int, default=100, help="milliseconds an answer (default: %(default)s)")
    asked_for = parser.parse_args()
    found = section(asked_for.tasks, asked_for.latency)
    print("\n".join((*found.text(), *found.quotes)))


if __name__ == "__main__":
    main()
