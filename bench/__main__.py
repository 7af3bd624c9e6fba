"""All that the tap costs, measured here and now: `python -m bench` or `make bench`."""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone

from bench import pacing, report, requested

APART = (("Records", "bench.records"), ("Memory", "bench.memory"), ("Increments", "bench.increments"))
"""What else is measured, each by a module that prints what it found."""


def machine() -> str:
    """Return what the figures were measured on and when, without the machine's name."""
    version = platform.python_version()
    day = datetime.now(tz=timezone.utc).date()
    return f"{day}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {version}"


def sections(windows: int, sizes: list[int], *, quick: bool) -> Iterator[tuple[str, list[str]]]:
    """Measure one thing after the other; yield its title and its lines."""
    print("Requests ...", file=sys.stderr)
    yield "Requests", requested.table(run for tasks in sizes for run in requested.made(tasks))
    print("Allowance ...", file=sys.stderr)
    yield "Allowance", pacing.table(pacing.measured(windows=windows))
    for title, module in () if quick else APART:
        if importlib.util.find_spec(module) is None:
            continue
        print(f"{title} ...", file=sys.stderr)
        done = subprocess.run([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True, check=True)
        yield title, ["```", *done.stdout.rstrip().splitlines(), "```"]


def main() -> None:
    """Measure and print; write where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the tap costs.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help="requests and allowance alone, in two to three minutes")
    how.add_argument("--long", action="store_true", help="with 100,000 tasks too; takes an hour")
    parser.add_argument("--write", action="store_true", help=f"write the figures to {report.PAGE.name}")
    asked = parser.parse_args()
    sizes = [300] if asked.quick else [1000, 10_000, 100_000] if asked.long else [1000, 5000]
    lines = [f"Measured {machine()}."]
    for title, found in sections(2 if asked.quick else 3, sizes, quick=asked.quick):
        lines += ["", f"## {title}", "", *found]
        print("\n".join(["", f"## {title}", "", *found]), flush=True)
    if asked.write:
        report.write(lines)


if __name__ == "__main__":
    main()
