"""Simulate the rate limiter under every form of Asana's limit, in virtual time: `python -m bench.rate_forms`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.rate_limit import MAX_LATE_REFUSALS, MIN_SHARE
from bench.report import Section, rows
from bench.simulation import LATENCIES, VARIANTS, Case, Traffic, forms

LIMITS = (1500, 150)


def lines() -> Iterator[tuple[list[str], int]]:
    """Yield the cells of each form and variant, and how many of its latencies miss a goal."""
    for per_minute in LIMITS:
        for name, form, phase in forms(per_minute):
            for charges_refused, retry_after in VARIANTS:
                variant = replace(form, charges_refused=charges_refused, retry_after=retry_after)
                cells, misses = [], 0
                for latency in LATENCIES:
                    share, journal = Case(per_minute, variant, Traffic(latency, phase=phase)).run()
                    late = journal.late_refusals
                    is_met = share >= MIN_SHARE and late <= MAX_LATE_REFUSALS and not journal.sent_in_pauses
                    misses += not is_met
                    cells.append(f"{share:.1%}, {len(journal.refused)} ({late}){'' if is_met else ' *'}")
                charged = "yes" if charges_refused else "no"
                yield [f"{per_minute:,}", name, charged, "yes" if retry_after == "seconds" else "no", *cells], misses


def section() -> Section:
    """Simulate all forms."""
    measured = list(lines())
    heads = (
        "limit:",
        "counted by",
        "429s count",
        "Retry-After",
        *(f"{latency * 1000:,.0f} ms:" for latency in LATENCIES),
    )
    cases = len(measured) * len(LATENCIES)
    missed = sum(misses for _, misses in measured)
    text = [
        "Each cell: the share of the possible requests in 90 s, the 429s, and in brackets the most of them in a minute",
        "after the first ten seconds. A star marks a missed goal; decision 0015 says why.",
        "",
        "![Requests a second under each form of the limit](rate-limits.svg)",
        "",
        *rows(heads, [cells for cells, _ in measured]),
    ]
    quote = f"Rate limits in virtual time: {cases - missed} of {cases} cases meet the goals."
    return Section("Rate limit, simulated", text, [quote])


def main() -> None:
    """Simulate and print the section."""
    measured = section()
    print("\n".join((*measured.text(), *measured.quotes)))


if __name__ == "__main__":
    main()
