"""Compare runs with 20 requests in flight, and one with a single request: `python -m bench.concurrency`.

The real command reads a fake Asana that takes 100 ms per answer; start-up is included.
"""

from __future__ import annotations

import argparse

from bench.command import request_counts, sync
from bench.report import Section, goal_text, rows
from scripts.pipeline import served

MANY = 20

RUNS = (("full", MANY), ("nothing changed", MANY), ("full", 1))

MAX_RATIO = 1.3
"""Most seconds of a run with nothing changed, divided by those that its requests take if all slots are always used."""


def section(tasks: int = 300, latency_ms: int = 100) -> Section:
    """Measure runs by list of all streams: with many requests in flight, then with nothing changed, then with one."""
    seconds, ratios, cells = list[float](), list[float](), list[list[str]]()
    with served("--tasks", str(tasks), "--latency", str(latency_ms), "--limit-per-minute", "0") as address:
        previous, state = 0, None
        for run, in_flight in RUNS:
            cost, last_state = sync(address, "list", state=None if run == "full" else state, max_concurrency=in_flight)
            total = request_counts(address)["total"]
            least = (total - previous) * latency_ms / 1000 / in_flight
            figures = (f"{in_flight}", f"{total - previous:,}", f"{cost.wall:.1f}", f"{least:.1f}", f"{cost.cpu:.1f}")
            cells.append([run, *figures])
            seconds.append(cost.wall)
            ratios.append(cost.wall / least)
            previous, state = total, state or last_state
    concurrent, _, sequential = seconds
    speedup, (_, ratio, _) = sequential / concurrent, ratios
    goal = goal_text(met=ratio <= MAX_RATIO)
    quotes = [
        f"Concurrency, {latency_ms} ms per answer: {MANY} in flight are {speedup:.1f} times as fast as one.",
        f"Concurrency, nothing changed: {ratio:.2f} times that of {MANY} always in flight; goal {goal}: {MAX_RATIO}.",
    ]
    heads = ("run", "in flight:", "requests:", "seconds:", "least:", "CPU seconds:")
    return Section("Concurrency", rows(heads, cells), quotes)


def main() -> None:
    """Measure and print the section."""
    parser = argparse.ArgumentParser(description="Compare runs with 1 and with 20 requests in flight.")
    parser.add_argument("--tasks", type=int, default=300, help="tasks of the world (default: %(default)s)")
    parser.add_argument("--latency", type=int, default=100, help="milliseconds per answer (default: %(default)s)")
    options = parser.parse_args()
    measured = section(options.tasks, options.latency)
    print(measured.text())


if __name__ == "__main__":
    main()
