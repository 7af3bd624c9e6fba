"""Bound what a rate limiter can reach that does not know the form of Asana's limit: `python -m bench.rate_bound`.

Until the first 429, all forms look alike, so that a limiter sends the same requests under all of them. The bound tries
many such openings. From the first 429 on it knows everything, and sends exactly what is accepted. If no opening meets
the goals of all forms even so, the goals exclude each other.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

from bench.rate_forms import LIMITS
from bench.rate_limit import MAX_LATE_REFUSALS, MIN_SHARE
from bench.report import rows
from bench.simulation import EPOCH, MINUTE_SECONDS, START_SECONDS, VARIANTS, Case, Traffic, forms, possible
from fake_asana.server.rate_meters import RateMeter
from tap_asana.api.protocol import retry_after
from tap_asana.api.refusals import FREE_PLAN_PER_MINUTE

SETTING = LIMITS[0]
SHOWN_OPENINGS = 4
PACES = (12.0, 24.9, 30.0, 37.5, 50.0, 75.0, 1000.0)


class Opening(NamedTuple):
    """What is sent until the first 429."""

    first: int
    """Requests sent until `first_answers` are answered."""

    first_answers: int
    second: int
    """Requests sent until `second_answers` are answered; then all that may be in flight."""

    second_answers: int
    pace: float
    """Most requests a second."""

    unproven: int
    """Requests beyond the free plan's limit until one of them is accepted."""

    def most(self, answered: int) -> float:
        """Return how many requests may be sent after so many answers."""
        if answered < self.first_answers:
            return self.first
        if answered < self.second_answers:
            return self.second
        return math.inf if answered > FREE_PLAN_PER_MINUTE else FREE_PLAN_PER_MINUTE + self.unproven


def openings(trials: int, seed: int, most_pace: float = math.inf) -> Iterator[Opening]:
    """Yield random openings."""
    paces = [pace for pace in PACES if pace <= most_pace]
    random = Random(seed)  # noqa: S311 - no secrets
    for _ in range(trials):
        first = random.choice((2, 4, 6, 8, 9, 10, 11, 12, 16, 24, 48))
        first_answers = random.randint(1, first)
        second = first + random.choice((0, 8, 16, 20, 24, 28, 30, 32, 34, 36, 40, 48))
        second_answers = random.randint(first_answers, second)
        unproven = random.choice((5, 5, 10, 20, 48))
        yield Opening(first, first_answers, second, second_answers, random.choice(paces), unproven)


class Reached(NamedTuple):
    """The most that an opening allows under one form: the share, and the 429s after the start."""

    name: str
    share: float
    late: int

    @property
    def is_met(self) -> bool:
        """Return whether the goals are met."""
        return self.share >= MIN_SHARE and self.late <= MAX_LATE_REFUSALS


def sent(opening: Opening, traffic: Traffic) -> list[float]:
    """Return when the requests of an opening are sent, if none is refused."""
    moments: list[float] = []
    now, answered = 0.0, 0
    while True:
        while answered < len(moments) and moments[answered] + traffic.latency <= now:
            answered += 1
        if len(moments) >= min(answered + traffic.in_flight, opening.most(answered)):
            now = moments[answered] + traffic.latency
        elif len(moments) >= SETTING and now < moments[-SETTING] + MINUTE_SECONDS:
            now = moments[-SETTING] + MINUTE_SECONDS
        else:
            moments.append(now)
            now += 1 / opening.pace
        if now >= traffic.seconds:
            return moments


def reached(name: str, case: Case, moments: Sequence[float]) -> Reached:
    """Return the most that is possible after these requests."""
    traffic, half = case.traffic, case.traffic.latency / 2
    meter = RateMeter(case.per_minute, case.form)
    accepted, late = 0.0, 0
    known_at = resume_at = traffic.seconds
    for moment in moments:
        arrival = moment + half
        if moment >= known_at or arrival >= traffic.seconds:
            break
        seconds = meter.spend(EPOCH + traffic.phase + arrival)
        if seconds is None:
            accepted += 1
            continue
        late += arrival >= START_SECONDS
        known_at = min(known_at, arrival + half)
        hold = retry_after(meter.headers(seconds, EPOCH + arrival), EPOCH + arrival) or 0.0
        resume_at = max(known_at, arrival + half + hold)
    if known_at < traffic.seconds:
        accepted += _acceptable(case, meter, resume_at + half)
    return Reached(name, accepted / possible(case.per_minute, case.form, traffic), late)


def _acceptable(case: Case, meter: RateMeter, start: float) -> float:
    """Return how many requests are accepted from this moment on, if they arrive when they are."""
    seconds = max(0.0, case.traffic.seconds - start)
    if case.form.counting != "bucket":
        return case.per_minute * case.traffic.seconds / MINUTE_SECONDS  # no form but a bucket loses anything for good
    rate = case.per_minute / MINUTE_SECONDS
    earlier = EPOCH + case.traffic.phase + start - meter.since
    tokens = min(float(case.form.burst), meter.tokens + earlier * rate)
    return min(max(0.0, tokens + rate * seconds), seconds * case.traffic.in_flight / case.traffic.latency)


def cases(latency: float) -> Iterator[tuple[str, Case]]:
    """Yield each form and variant."""
    for per_minute in LIMITS:
        for name, form, phase in forms(per_minute):
            for charges_refused, told in VARIANTS:
                variant = replace(form, charges_refused=charges_refused, retry_after=told)
                charged = "429s count" if charges_refused else "429s do not count"
                label = f"{per_minute:,}, {name}, {charged}, Retry-After {told}"
                yield label, Case(per_minute, variant, Traffic(latency, phase=phase))


def bound(opening: Opening, latency: float) -> list[Reached]:
    """Return what an opening allows under each form."""
    moments = sent(opening, Traffic(latency))
    return [reached(label, case, moments) for label, case in cases(latency)]


def main() -> None:
    """Print the openings that meet the goals of most forms, and what each of them misses."""
    parser = argparse.ArgumentParser(prog="python -m bench.rate_bound", description="Bound what a limiter can reach.")
    parser.add_argument("--latency", type=float, default=2.0, help="seconds of an answer (default: %(default)s)")
    parser.add_argument("--pace", type=float, default=math.inf, help="most requests a second (default: any)")
    parser.add_argument("--trials", type=int, default=1000, help="openings to try (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="start of the random numbers (default: %(default)s)")
    options = parser.parse_args()
    found = [
        (opening, bound(opening, options.latency)) for opening in openings(options.trials, options.seed, options.pace)
    ]
    found.sort(key=lambda each: sum(not one.is_met for one in each[1]))
    heads = (*(f"{name.replace('_', ' ')}:" for name in Opening._fields), "missed:")
    table = [
        [*(f"{value:g}" for value in opening), f"{sum(not one.is_met for one in all_)}"] for opening, all_ in found
    ]
    print("\n".join(rows(heads, table[:SHOWN_OPENINGS])))
    opening, best = found[0]
    print(f"\n{opening}:")
    for one in best:
        if not one.is_met:
            print(f"{one.name}: {one.share:.1%}, {one.late} late")


if __name__ == "__main__":
    main()
