"""Measure how much of a rate limit the tap uses, in real time and with real processes: `python -m bench.rate_limit`.

A fake Asana counts requests in one of the forms that Asana's documentation leaves open, and the real command reads it,
without being told a lower limit. All cases run at the same time, because they mostly wait. `bench.rate_forms` has many
more cases, in virtual time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.command import environment, request_counts
from bench.replay import select
from bench.report import Section, goal_text, rows
from bench.simulation import START_SECONDS, Traffic, possible
from fake_asana.server.rate_meters import RateForm
from scripts.pipeline import served

MIN_SHARE = 0.95
MAX_LATE_REFUSALS = 5
"""429s in a minute after the first ten seconds."""

CONFIGURED_LIMIT = 1500
"""The tap's setting, also for the cases with a lower limit."""

STREAMS = ("tasks", "stories", "attachments")
"""Streams with work from the start to the end, so that nothing but the limit slows the run down."""

SECONDS = 90.0
START_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Case:
    """Requests per minute that the fake allows, how it counts them, and its seconds per answer."""

    limit: int
    form: RateForm
    latency: float

    @property
    def name(self) -> str:
        """Return the form in words."""
        names = {"sliding": "last 60 seconds", "minute": "minutes of the clock"}
        return names.get(self.form.counting, f"bucket of {self.form.burst}")


@dataclass(frozen=True)
class Usage:
    """The result of a case: the share of the possible requests, all 429s, and those after the start."""

    case: Case
    share: float
    refused: int
    late: int

    @property
    def passes(self) -> bool:
        """Return whether the goals are met."""
        return self.share >= MIN_SHARE and self.late * 60 <= MAX_LATE_REFUSALS * (SECONDS - START_SECONDS)


CASES: Sequence[Case] = (
    Case(1500, RateForm("sliding"), 0.1),
    Case(1500, RateForm("bucket", burst=250), 0.1),
    Case(1500, RateForm("bucket", burst=50), 0.5),
    Case(1500, RateForm("minute"), 2.0),
    Case(150, RateForm("sliding"), 0.1),
    Case(150, RateForm("minute"), 0.5),
    Case(150, RateForm("bucket", burst=25), 0.1),
)


def measure(cases: Iterable[Case] = CASES) -> list[Usage]:
    """Measure all cases."""
    cases = list(cases)
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(_usage, cases))


def _usage(case: Case) -> Usage:
    options = {
        "tasks": case.limit * 3 + 400,
        "stories": 0,
        "projects": 20,
        "limit-per-minute": case.limit,
        "latency": int(case.latency * 1000),
        "rate-counting": case.form.counting,
        "rate-burst": case.form.burst,
    }
    with (
        served(*(text for name, value in options.items() for text in (f"--{name}", str(value)))) as address,
        tempfile.TemporaryDirectory() as folder,
    ):
        catalog = Path(folder, "catalog.json")
        catalog.write_text(json.dumps(select(STREAMS)), encoding="utf-8")
        command = [sys.executable, "-m", "tap_asana", "--config", "ENV", "--catalog", str(catalog)]
        with subprocess.Popen(
            command,
            env=environment(address, "list", requests_per_minute=CONFIGURED_LIMIT),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as tap:
            try:
                return _observe(case, address, tap)
            finally:
                tap.kill()


def _observe(case: Case, address: str, tap: subprocess.Popen[bytes]) -> Usage:
    """Count the answers; raises RuntimeError if the tap sends no request, or ends too early."""
    start = time.monotonic()
    while not request_counts(address)["total"]:
        if time.monotonic() - start > START_TIMEOUT_SECONDS:
            raise RuntimeError("The tap sent no request")
        time.sleep(POLL_SECONDS)
    # The first answer has taken its latency. Nothing else can be sent before it: it names the workspaces.
    time.sleep(START_SECONDS)
    early = request_counts(address)["busy"]
    time.sleep(SECONDS - START_SECONDS)
    counts = request_counts(address)
    if tap.poll() is not None:
        raise RuntimeError(f"The tap ended before the measurement did, after {counts['total']} requests")
    share = (counts["total"] - counts["busy"]) / possible(case.limit, case.form, Traffic(case.latency, seconds=SECONDS))
    return Usage(case, share, counts["busy"], counts["busy"] - early)


def table(measured: Iterable[Usage]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = ("limit:", "counted by", "latency:", "share of possible:", "429s:", "after 10 s:", "goal")
    return rows(heads, map(_cells, measured))


def _cells(usage: Usage) -> list[str]:
    case = usage.case
    return [
        f"{case.limit:,}",
        case.name,
        f"{case.latency * 1000:,.0f} ms",
        f"{usage.share:.1%}",
        f"{usage.refused}",
        f"{usage.late}",
        goal_text(met=usage.passes),
    ]


def section() -> Section:
    """Measure all cases."""
    measured = measure()
    quotes = []
    for usage in measured:
        limit, name, latency, share, refused, *_ = _cells(usage)
        quotes.append(f"{limit} a minute, {name}, {latency} per answer: {share} of what is possible, {refused} 429s.")
    return Section("Rate limit", table(measured), quotes)


def main() -> None:
    """Measure and print the table."""
    print("\n".join(table(measure())))


if __name__ == "__main__":
    main()
