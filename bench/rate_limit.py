"""Measure the share of the rate limit that the tap uses, and the 429s that it meets: `python -m bench.rate_limit`.

In real time and with real processes: for each limit and latency, a fake Asana that limits requests by clock minutes,
and the real command, which is not given the lower limit. All cases run at the same time, because they mostly wait. The
first window of the tap's limiter, which begins with the first answer, is reported apart: it includes the start, and a
burst on both sides of the fake's minute can exceed the limit. The goals apply to the later windows.

Every rejected request counts as a 429, including requests in flight together.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

from bench.command import environment, request_counts
from bench.report import Section, goal_text, rows
from scripts.pipeline import served
from tap_asana.api.rate_limit import WINDOW_SECONDS

MIN_SHARE = 0.95
MAX_429 = 2
"""429s allowed with a limit unknown to the tap; with the configured limit, none are allowed."""

CONFIGURED_LIMIT = 1500
"""The tap's setting, also for the cases with a lower limit."""

START_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Case:
    """Requests per minute that the fake allows, its seconds per answer, and the requests in flight."""

    limit: int
    latency: float
    in_flight: int = 20

    @property
    def possible(self) -> float:
        """Return the requests per minute that the limit and the requests in flight allow."""
        return min(self.limit, self.in_flight / self.latency * 60)


@dataclass(frozen=True)
class Usage:
    """The result of a case: the shares of its limit used in the first window and in later ones, and all 429s."""

    case: Case
    first: float
    later: float
    rejected: int

    @property
    def of_possible(self) -> float:
        """Return the requests of the later windows, divided by those possible with the requests in flight."""
        return self.later * self.case.limit / self.case.possible

    @property
    def passes(self) -> bool:
        """Return whether the goals are met, as far as the requests in flight allow it."""
        max_rejected = MAX_429 if self.case.limit < CONFIGURED_LIMIT else 0
        return self.of_possible >= MIN_SHARE and self.rejected <= max_rejected


CASES: Sequence[Case] = (*(Case(*both) for both in product((1500, 150), (0.1, 0.5, 2.0))), Case(1500, 2.0, 50))


def measure(cases: Iterable[Case] = CASES, windows: int = 3) -> list[Usage]:
    """Measure all cases over this many windows of the limiter, 61 s each."""
    cases = list(cases)
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(lambda case: _usage(case, windows), cases))


def _usage(case: Case, windows: int) -> Usage:
    options = {
        "tasks": case.limit * (windows + 1) + 200,
        "stories": 0,
        "projects": 20,
        "limit-per-minute": case.limit,
        "latency": int(case.latency * 1000),
    }
    with served(*(text for name, value in options.items() for text in (f"--{name}", str(value)))) as address:
        settings = {"max_concurrency": case.in_flight, "requests_per_minute": CONFIGURED_LIMIT}
        command = [sys.executable, "-m", "tap_asana", "--config", "ENV"]
        with subprocess.Popen(
            command,
            env=environment(address, "list", **settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as tap:
            try:
                return _observe(case, windows, address, tap)
            finally:
                tap.kill()


def _observe(case: Case, windows: int, address: str, tap: subprocess.Popen[bytes]) -> Usage:
    """Count the answers of each window; raises RuntimeError if the tap sends no request, or ends too early."""
    start = time.monotonic()
    while not request_counts(address)["total"]:
        if time.monotonic() - start > START_TIMEOUT_SECONDS:
            raise RuntimeError("The tap sent no request")
        time.sleep(POLL_SECONDS)
    time.sleep(WINDOW_SECONDS)
    first = request_counts(address)
    time.sleep((windows - 1) * WINDOW_SECONDS)
    last = request_counts(address)
    if tap.poll() is not None:
        raise RuntimeError(f"The tap ended before the measurement did, after {last['total']} requests")
    allowed = case.limit * WINDOW_SECONDS / 60
    accepted = [counts["total"] - counts["busy"] for counts in (first, last)]
    later = (accepted[1] - accepted[0]) / allowed / (windows - 1)
    return Usage(case, accepted[0] / allowed, later, last["busy"])


def table(measured: Iterable[Usage]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = (
        *("limit:", "latency:", "in flight:", "first window:", "later windows:"),
        *("share of possible:", "429s:", "goal"),
    )
    return rows(heads, map(_cells, measured))


def _cells(usage: Usage) -> list[str]:
    case = usage.case
    goal = goal_text(met=usage.passes)
    return [
        f"{case.limit:,}",
        f"{case.latency * 1000:,.0f} ms",
        f"{case.in_flight}",
        f"{usage.first:.1%}",
        f"{usage.later:.1%}",
        f"{usage.of_possible:.1%}",
        f"{usage.rejected}",
        f"{goal} for {case.in_flight} in flight" if usage.passes and case.possible < case.limit else goal,
    ]


def section(windows: int = 3) -> Section:
    """Measure all cases over this many windows."""
    measured = measure(windows=windows)
    quotes = []
    for usage in measured:
        limit, latency, in_flight, _, later, of_possible, rejected, _ = _cells(usage)
        slower = usage.case.possible < usage.case.limit
        note = f", {of_possible} of the maximum for {in_flight} in flight" if slower else ""
        share = f"{later} of the limit used{note}, {rejected} answers with 429"
        quotes.append(f"{limit} a minute, {latency} per answer, {in_flight} in flight: {share}.")
    return Section("Rate limit", table(measured), quotes)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Measure the use of the rate limit.")
    parser.add_argument("--windows", type=int, default=3, help="windows of 61 s, at least 2 (default: %(default)s)")
    print("\n".join(table(measure(windows=parser.parse_args().windows))))


if __name__ == "__main__":
    main()
