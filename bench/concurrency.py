"""Compare a run with 20 requests in flight and a run with one: `python -m bench.concurrency`.

The real command reads a fake Asana that takes 100 ms per answer; start-up is included.
"""

from __future__ import annotations

import argparse

from bench.command import request_counts, sync
from bench.report import Section, rows
from scripts.pipeline import served

IN_FLIGHT = (20, 1)


def section(tasks: int = 300, latency_ms: int = 100) -> Section:
    """Measure a full run by list for each number of requests in flight."""
    seconds, cells = [], []
    with served("--tasks", str(tasks), "--latency", str(latency_ms), "--limit-per-minute", "0") as address:
        previous = 0
        for in_flight in IN_FLIGHT:
            cost, _ = sync(address, "list", max_concurrency=in_flight)
            total = request_counts(address)["total"]
            cells.append([f"{in_flight}", f"{total - previous:,}", f"{cost.wall:.1f}", f"{cost.cpu:.1f}"])
            seconds.append(cost.wall)
            previous = total
    concurrent, sequential = seconds
    speedup = sequential / concurrent
    quote = f"Concurrency, {latency_ms} ms per answer: {IN_FLIGHT[0]} in flight are {speedup:.1f} times as fast as one."
    return Section("Concurrency", rows(("in flight:", "requests:", "seconds:", "CPU seconds:"), cells), [quote])


def main() -> None:
    """Measure and print the section."""
    parser = argparse.ArgumentParser(description="Compare runs with 1 and with 20 requests in flight.")
    parser.add_argument("--tasks", type=int, default=300, help="tasks of the world (default: %(default)s)")
    parser.add_argument("--latency", type=int, default=100, help="milliseconds per answer (default: %(default)s)")
    options = parser.parse_args()
    measured = section(options.tasks, options.latency)
    print("\n".join((*measured.text(), *measured.quotes)))


if __name__ == "__main__":
    main()
