"""All that the tap costs, measured here and now: `python -m bench` or `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timezone
from multiprocessing import get_context

from bench import concurrency, growth, increments, killed, pacing, records, report, requested, startup
from bench.report import Section


def machine() -> str:
    """Return what the figures were measured on and when, without the machine's name."""
    version = platform.python_version()
    day = datetime.now(tz=timezone.utc).date()
    return f"Measured {day}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {version}."


def sections(*, quick: bool) -> Iterator[Section]:
    """Measure one thing after the other."""
    yield _apart(requested.section, [300] if quick else [1000, 10_000])
    yield _apart(increments.section, 10_000 if quick else increments.TASKS)
    yield _apart(pacing.section)
    yield _apart(records.section, 10_000 if quick else 40_000)
    yield _apart(growth.section, *((1000, 10_000), (10_000, 100_000)) if quick else (growth.SIZES, growth.EXPORTED))
    yield _apart(startup.section)
    yield _apart(concurrency.section)
    if not quick:
        yield _apart(killed.section, killed.TASKS)


def _apart(measure: Callable[..., Section], *arguments: object) -> Section:
    """Measure in a process of its own: the memory that one takes would count as that of the next one's children."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


def main() -> None:
    """Measure and print; write where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the tap costs.")
    parser.add_argument("--quick", action="store_true", help="smaller readings, in some five minutes")
    parser.add_argument("--write", action="store_true", help=f"write the figures to docs/{report.PAGE.name}")
    asked = parser.parse_args()
    begun, found = datetime.now(tz=timezone.utc), []
    for section in sections(quick=asked.quick):
        found.append(section)
        print("\n".join(section.text()), flush=True)
    took = (datetime.now(tz=timezone.utc) - begun).total_seconds()
    print(f"All of it took {took / 60:.0f} minutes.", file=sys.stderr)
    if asked.write:
        report.write(report.page(machine(), found))


if __name__ == "__main__":
    main()
