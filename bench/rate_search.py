"""Search the limiter's constants for fewer missed goals, in virtual time: `python -m bench.rate_search --vary NAME`.

Without `--vary`, compare the constants that `--set` gives with those of the code. The search changes one constant after
the other at random and keeps what misses less: each trial simulates all forms, and takes about two seconds.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from bench.rate_forms import Result, results
from tap_asana.api import pace, rate_limit, refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = (pace, refusals, rate_limit)
JITTERS = (0.0, 0.1)
"""Variations of latency under which each form is simulated, so that no constant fits one course of events only."""

SHOWN_CHANGE = 0.005
"""Change of a share that a comparison shows."""

MAX_FACTOR = 1.6
"""Largest factor by which the search changes a constant at once."""


class Score(NamedTuple):
    """How far a set of constants is from the goals; less is better."""

    misses: int
    """Forms that miss a goal while latency does not vary."""

    shortfall: float
    """All that is missing: shares below the goal, and 429s above it, each as a hundredth of a share."""

    @property
    def cost(self) -> float:
        """Return one figure: a miss counts as two hundredths of a share."""
        return self.misses * 0.02 + self.shortfall


def constant(name: str) -> float:
    """Return the value of a constant; raises ValueError if no module of the limiter has a number of this name."""
    for module in MODULES:
        value = getattr(module, name, None)
        if isinstance(value, (int, float)):
            return value
    raise ValueError(f"The limiter has no constant {name!r}")


@contextmanager
def changed(values: Mapping[str, float]) -> Iterator[None]:
    """Let the limiter use other constants for a while."""
    earlier = {name: constant(name) for name in values}
    try:
        _assign(values)
        yield
    finally:
        _assign(earlier)


def _assign(values: Mapping[str, float]) -> None:
    for name, value in values.items():
        for module in MODULES:
            if hasattr(module, name):
                setattr(module, name, value)


def measure(values: Mapping[str, float]) -> list[Result]:
    """Simulate all forms with these constants."""
    with changed(values):
        return [result for jitter in JITTERS for result in results(jitter)]


def score(measured: Iterable[Result]) -> Score:
    """Return how far these results are from the goals."""
    measured = list(measured)
    misses = sum(1 for result in measured if not result.is_met and not result.case.traffic.jitter)
    return Score(misses, sum(result.shortfall for result in measured))


def search(names: Iterable[str], trials: int, seed: int) -> Iterator[tuple[Score, dict[str, float]]]:
    """Yield each better set of these constants."""
    names, random = list(names), Random(seed)  # noqa: S311 - no secrets
    best = {name: constant(name) for name in names}
    least = score(measure(best))
    yield least, best
    for _ in range(trials):
        trial = dict(best)
        for name in random.sample(names, random.randint(1, min(3, len(names)))):
            trial[name] = float(f"{best[name] * MAX_FACTOR ** random.uniform(-1, 1):.3g}")
        found = score(measure(trial))
        if found.cost < least.cost:
            least, best = found, trial
            yield least, best


def main() -> None:
    """Compare two sets of constants, or search a better one."""
    parser = argparse.ArgumentParser(prog="python -m bench.rate_search", description="Try constants of the limiter.")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="constants to compare")
    parser.add_argument("--vary", nargs="*", default=[], metavar="NAME", help="constants to search")
    parser.add_argument("--trials", type=int, default=100, help="trials of a search (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="start of the random numbers (default: %(default)s)")
    options = parser.parse_args()
    values = {name: float(value) for name, _, value in (text.partition("=") for text in options.set)}
    if not options.vary:
        compare(values)
        return
    _assign(values)
    for found, best in search(options.vary, options.trials, options.seed):
        print(
            f"{found.misses} misses, shortfall {found.shortfall:.3f}:",
            *(f"{k}={v:g}" for k, v in best.items()),
            flush=True,
        )


def compare(values: Mapping[str, float]) -> None:
    """Print the score of the code's constants and of others, and the results that differ."""
    before, after = measure({}), measure(values)
    for first, second in zip(before, after, strict=True):
        if first.is_met != second.is_met or abs(first.share - second.share) > SHOWN_CHANGE:
            print(f"{first.label}: {first.text} -> {second.text}")
    print(score(before), "->", score(after))


if __name__ == "__main__":
    main()
