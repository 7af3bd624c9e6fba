"""Simulate the rate limiter under every form of Asana's limit, in virtual time: `python -m bench.rate_forms`."""

from __future__ import annotations

import argparse
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from bench.rate_limit import MAX_LATE_REFUSALS, MIN_SHARE
from bench.report import Section, rows
from bench.simulation import LATENCIES, VARIANTS, Case, Journal, Traffic, forms

LIMITS = (1500, 150)


class Result(NamedTuple):
    """The simulation of one case."""

    name: str
    case: Case
    share: float
    journal: Journal

    @property
    def is_met(self) -> bool:
        """Return whether the goals are met."""
        return not self.shortfall and not self.journal.sent_in_pauses

    @property
    def shortfall(self) -> float:
        """Return the share that is missing, and a hundredth for each 429 above the goal."""
        late = max(0, self.journal.late_refusals - MAX_LATE_REFUSALS)
        return max(0.0, MIN_SHARE - self.share) + late / 100

    @property
    def label(self) -> str:
        """Return the case in words."""
        form, traffic = self.case.form, self.case.traffic
        charged, told = ("429s count" if form.charges_refused else "429s do not count"), form.retry_after
        varied = f" +- {traffic.jitter:.0%}" if traffic.jitter else ""
        return f"{self.case.per_minute}, {self.name}, {charged}, Retry-After {told}, {traffic.latency} s{varied}"

    @property
    def text(self) -> str:
        """Return the share, the 429s, and in brackets those after the start; a star marks a missed goal."""
        journal = self.journal
        return f"{self.share:.1%}, {len(journal.refused)} ({journal.late_refusals}){'' if self.is_met else ' *'}"


def results(jitter: float = 0.0, names: Container[tuple[int, str]] | None = None) -> Iterator[Result]:
    """Simulate each form and variant with each latency; `names` chooses some limits and forms."""
    for per_minute in LIMITS:
        for name, form, phase in forms(per_minute):
            if names is not None and (per_minute, name) not in names:
                continue
            for charges_refused, retry_after in VARIANTS:
                variant = replace(form, charges_refused=charges_refused, retry_after=retry_after)
                for latency in LATENCIES:
                    case = Case(per_minute, variant, Traffic(latency, phase=phase, jitter=jitter))
                    yield Result(name, case, *case.run())


def lines(measured: Sequence[Result]) -> Iterator[list[str]]:
    """Yield the cells of each form and variant."""
    for start in range(0, len(measured), len(LATENCIES)):
        name, case, *_ = measured[start]
        charged = "yes" if case.form.charges_refused else "no"
        told = "yes" if case.form.retry_after == "seconds" else "no"
        cells = (result.text for result in measured[start : start + len(LATENCIES)])
        yield [f"{case.per_minute:,}", name, charged, told, *cells]


def section(jitter: float = 0.0) -> Section:
    """Simulate all forms."""
    measured = list(results(jitter))
    heads = (
        "limit:",
        "counted by",
        "429s count",
        "Retry-After",
        *(f"{latency * 1000:,.0f} ms:" for latency in LATENCIES),
    )
    met = sum(1 for result in measured if result.is_met)
    text = [
        "Each cell: the share of the possible requests in 90 s, the 429s, and in brackets the most of them in a minute",
        "after the first ten seconds. A star marks a missed goal; decision 0015 says why.",
        "",
        "![Requests a second under each form of the limit](rate-limits.svg)",
        "",
        *rows(heads, lines(measured)),
    ]
    quote = f"Rate limits in virtual time: {met} of {len(measured)} cases meet the goals."
    return Section("Rate limit, simulated", text, [quote])


def main() -> None:
    """Simulate and print the section."""
    parser = argparse.ArgumentParser(prog="python -m bench.rate_forms", description="Simulate the rate limiter.")
    parser.add_argument("--jitter", type=float, default=0.0, help="share by which latencies vary (default: none)")
    measured = section(parser.parse_args().jitter)
    print(measured.text())


if __name__ == "__main__":
    main()
