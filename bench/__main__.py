"""Measure the tap on this machine: `python -m bench` or `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timezone
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


def machine() -> str:
    """Describe the date and the machine of the measurement, without the machine's name."""
    version = platform.python_version()
    day = datetime.now(tz=timezone.utc).date()
    return f"Measured {day}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {version}."


def sections(*, quick: bool) -> Iterator[Section]:
    """Measure one section after the other."""
    yield _in_new_process(request_ratio.section, [300] if quick else [1000, 10_000])
    yield _in_new_process(hour.section, [2000] if quick else hour.TASKS)
    yield _in_new_process(increments.section, 10_000 if quick else increments.TASKS)
    yield _in_new_process(rate_limit.section)
    yield _in_new_process(rate_forms.section)
    yield _in_new_process(tokens.section)
    yield _in_new_process(records.section, 10_000 if quick else 40_000)
    sizes = ((1000, 10_000), (10_000, 100_000)) if quick else (growth.SERVED_TASKS, growth.EXPORTED_TASKS)
    yield _in_new_process(growth.section, *sizes)
    yield _in_new_process(startup.section)
    yield _in_new_process(concurrency.section)
    yield _in_new_process(long_lists.section, 10_000 if quick else long_lists.TASKS)
    if not quick:
        yield _in_new_process(kills.section, kills.TASKS)


def _in_new_process(measure: Callable[..., Section], *arguments: object) -> Section:
    """Measure a section in a new process, so that none leaves memory to the next, and log how long it took."""
    start = time.monotonic()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        section = pool.submit(measure, *arguments).result()
    print(f"{section.title}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return section


def main() -> None:
    """Measure and print all sections, and write them to the page if asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure requests, speed and memory.")
    parser.add_argument("--quick", action="store_true", help="measure smaller worlds, in about five minutes")
    parser.add_argument("--write", action="store_true", help=f"write the figures to docs/{report.PAGE.name}")
    options = parser.parse_args()
    start, measured = datetime.now(tz=timezone.utc), []
    for section in sections(quick=options.quick):
        measured.append(section)
        print("\n".join(section.text()), flush=True)
    seconds = (datetime.now(tz=timezone.utc) - start).total_seconds()
    print(f"The measurement took {seconds / 60:.0f} minutes.", file=sys.stderr)
    if options.write:
        report.write(report.page(machine(), measured))
        rate_plot.main()


if __name__ == "__main__":
    main()
