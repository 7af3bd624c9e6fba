"""Measure the tap on this machine: `python -m bench` or `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timezone
from functools import partial
from multiprocessing import get_context

from bench import (
    concurrency,
    growth,
    hour,
    increments,
    kills,
    long_lists,
    rate_forms,
    rate_limit,
    rate_plot,
    records,
    report,
    request_ratio,
    startup,
    tokens,
)
from bench.report import Section

Measurement = Callable[[], Section]


def machine() -> str:
    """Describe the date and the machine of the measurement, without the machine's name."""
    version = platform.python_version()
    day = datetime.now(tz=timezone.utc).date()
    return f"Measured {day}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {version}."


def parts(*, quick: bool) -> dict[str, Measurement]:
    """Return the measurements by name, in the order of the page."""
    sizes = ((1000, 10_000), (10_000, 100_000)) if quick else (growth.SERVED_TASKS, growth.EXPORTED_TASKS)
    named: dict[str, Measurement] = {
        "requests": partial(request_ratio.section, [300] if quick else [1000, 10_000]),
        "hour": partial(hour.section, [2000] if quick else hour.TASKS),
        "increments": partial(increments.section, 10_000 if quick else increments.TASKS),
        "rate-limit": rate_limit.section,
        "rate-forms": rate_forms.section,
        "tokens": tokens.section,
        "records": partial(records.section, 10_000 if quick else 40_000),
        "growth": partial(growth.section, *sizes),
        "startup": startup.section,
        "concurrency": concurrency.section,
        "long-lists": partial(long_lists.section, 10_000 if quick else long_lists.TASKS),
    }
    return named if quick else {**named, "kills": partial(kills.section, kills.TASKS)}


def measured_in_new_process(measure: Measurement) -> Section:
    """Measure a section in a new process, so that none leaves memory to the next, and log how long it took."""
    start = time.monotonic()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        section = pool.submit(measure).result()
    print(f"{section.title}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return section


def main() -> None:
    """Measure and print all sections, or those that are named, and write them to the page if asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure requests, speed and memory.")
    parser.add_argument("--quick", action="store_true", help="measure smaller worlds, in about five minutes")
    parser.add_argument("--write", action="store_true", help=f"write the figures to docs/{report.PAGE.name}")
    parser.add_argument(
        "--only", nargs="+", choices=parts(quick=False), metavar="NAME", help="measure these parts: %(choices)s"
    )
    options = parser.parse_args()
    start, measured = time.monotonic(), list[Section]()
    for name, measure in parts(quick=options.quick).items():
        if not options.only or name in options.only:
            measured.append(measured_in_new_process(measure))
            print(measured[-1].text(), flush=True)
    print(f"The measurement took {(time.monotonic() - start) / 60:.0f} minutes.", file=sys.stderr)
    if options.write:
        report.write(machine(), measured, keeps_others=bool(options.only))
        rate_plot.main()


if __name__ == "__main__":
    main()
