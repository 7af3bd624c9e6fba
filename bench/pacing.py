"""What share of the allowance is used, and how many 429s are met: `python -m bench.pacing`.

Real time and real processes: for each allowance and each latency a fake Asana that keeps the limit by clock minutes,
and the real command, which is not told of the lower limit. All of them run side by side, because they mostly wait.
The first window of the pace, which begins with the first answer, is told apart from those after it: in it a run starts,
and a burst on both sides of the fake's minute can pass for more than the allowance. The goals are of the later ones.

A 429 is counted for each request that was refused, those that were in flight together included.
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

from bench.report import Section, rows, verdict
from bench.tapped import asked, environment
from scripts.pipeline import served
from tap_asana.api.rate_limit import WINDOW_SECONDS

GOAL = 0.95
MOST_REFUSED = 2
TOLD = 1500
"""The setting, which the lower allowance is not told to."""

PATIENCE = 60.0
TICK = 0.1


@dataclass(frozen=True)
class Case:
    """An allowance a minute, seconds an answer, and how many requests may be in flight."""

    allowance: int
    latency: float
    in_flight: int = 20

    @property
    def possible(self) -> float:
        """Return how many requests a minute so many in flight can bring, at the most the allowance."""
        return min(self.allowance, self.in_flight / self.latency * 60)


@dataclass(frozen=True)
class Used:
    """What came of a case: the shares of its allowance in the first window and later, and all its 429s."""

    case: Case
    first: float
    later: float
    refused: int

    @property
    def of_possible(self) -> float:
        """Return the later share of what so many requests in flight can bring."""
        return self.later * self.case.allowance / self.case.possible

    @property
    def kept(self) -> bool:
        """Tell whether the goals hold, as far as the requests in flight allow."""
        return self.of_possible >= GOAL and self.refused <= (MOST_REFUSED if self.case.allowance < TOLD else 0)


CASES: Sequence[Case] = (*(Case(*both) for both in product((1500, 150), (0.1, 0.5, 2.0))), Case(1500, 2.0, 50))


def measured(cases: Iterable[Case] = CASES, windows: int = 3) -> list[Used]:
    """Return what is used in so many windows of the pace, each 61 s."""
    cases = list(cases)
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(lambda case: _used(case, windows), cases))


def _used(case: Case, windows: int) -> Used:
    tasks = case.allowance * (windows + 1) + 200
    options = {
        "tasks": tasks,
        "stories": 0,
        "projects": 20,
        "limit-per-minute": case.allowance,
        "latency": int(case.latency * 1000),
    }
    with served(*(text for name, value in options.items() for text in (f"--{name}", str(value)))) as address:
        variables = environment(address, "list", max_concurrency=case.in_flight, requests_per_minute=TOLD)
        command = [sys.executable, "-m", "tap_asana", "--config", "ENV"]
        with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tap:
            try:
                return _watched(case, windows, address, tap)
            finally:
                tap.kill()


def _watched(case: Case, windows: int, address: str, tap: subprocess.Popen[bytes]) -> Used:
    """Count what was answered; raises RuntimeError where the tap ends too early or never begins."""
    begun = time.monotonic()
    while not asked(address)["total"]:
        if time.monotonic() - begun > PATIENCE:
            raise RuntimeError("The tap asked nothing")
        time.sleep(TICK)
    time.sleep(WINDOW_SECONDS)
    first = asked(address)
    time.sleep((windows - 1) * WINDOW_SECONDS)
    last = asked(address)
    if tap.poll() is not None:
        raise RuntimeError(f"The work ran out before the time, at {last['total']} requests")
    allowed = case.allowance * WINDOW_SECONDS / 60
    good = [found["total"] - found["busy"] for found in (first, last)]
    return Used(case, good[0] / allowed, (good[1] - good[0]) / allowed / (windows - 1), last["busy"])


def table(found: Iterable[Used]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = (
        *("allowance:", "an answer takes:", "in flight:", "first window:", "later windows:"),
        *("of what these can bring:", "429s:", "goal"),
    )
    return rows(heads, map(_cells, found))


def _cells(used: Used) -> list[str]:
    case = used.case
    return [
        f"{case.allowance:,}",
        f"{case.latency * 1000:,.0f} ms",
        f"{case.in_flight}",
        f"{used.first:.1%}",
        f"{used.later:.1%}",
        f"{used.of_possible:.1%}",
        f"{used.refused}",
        "holds for so many in flight" if used.kept and case.possible < case.allowance else verdict(used.kept),
    ]


def section(windows: int = 3) -> Section:
    """Measure all cases in so many windows."""
    found = measured(windows=windows)
    quotes = []
    for used in found:
        allowance, latency, in_flight, _, later, of_possible, refused, _ = _cells(used)
        short = used.case.possible < used.case.allowance
        less = f", {of_possible} of what these can bring" if short else ""
        share = f"{later} of the allowance used{less}, {refused} answered 429"
        quotes.append(f"{allowance} a minute, {latency} an answer, {in_flight} in flight: {share}.")
    return Section("Allowance", table(found), quotes)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how the allowance is used.")
    parser.add_argument("--windows", type=int, default=3, help="windows of 61 s, at least 2 (default: %(default)s)")
    print("\n".join(table(measured(windows=parser.parse_args().windows))))


if __name__ == "__main__":
    main()
