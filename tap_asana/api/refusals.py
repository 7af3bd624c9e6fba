"""What 429s tell about Asana's limit: whether it counts minutes or fills evenly, and the rate that it sustains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tap_asana.api.pace import MINUTE_SECONDS, Pace

FREE_PLAN_PER_MINUTE = 150
"""Requests per minute on free plans; paid plans have the only other limit, 1500."""

MAX_UNPROVEN_IN_FLIGHT = 5
"""Requests in flight beyond the free plan's limit, until Asana has accepted more than that limit."""

COUNT_TOLERANCE = 0.1
"""Relative difference up to which a count of requests shows a known limit."""

REPEAT_TOLERANCE = 0.05
"""Relative difference up to which two counts of requests show the same limit."""

MIN_CREDIBLE_COUNT = 50
"""Count below which 429s do not show a limit per minute: Asana allows 50 requests in flight."""

MAX_COUNT_RANGE = 60
"""Largest uncertainty of a count that shows a limit."""

ROUNDING_SECONDS = 2.0
"""Uncertainty of the end of a minute by Retry-After, which is in whole seconds."""

SMALL_COUNT = 40
"""Accepted requests up to which a first 429 may be that of a free plan's limit."""

BURST_COUNT = 8
"""Requests above the configured rate that show that Asana accepts bursts."""

MAX_EXCESS = 1.0
"""Requests above the configured rate, the last one among them, that any limit of that rate accepts."""

BURST_SHARE = 0.9
"""Share of an accepted burst that may be sent at once again after a delay."""

PROVEN_COUNT = 20
"""Accepted requests after which a single 429 does not disprove a rate: Asana refuses costly requests too."""

REPETITION_SECONDS, REPETITION_COUNT = 10.0, 90
"""Seconds and accepted requests between two unexpected 429s within which the second one counts."""

SAVED_REQUESTS, SAVED_SHARE = 2.0, 0.03
"""Unused requests that make a 429 unexpected: a number, and a share of the accepted ones."""

SMALL_BURST = 3.0
"""Requests that may be sent at once after a delay, if a later 429 shows that the burst was not as large."""

MIN_PER_MINUTE = 30
"""Lowest limit that 429s can show: a run with little to request sends few requests without any limit."""

MAX_REDUCTION = 0.85
"""Share of a rate that is kept at least, unless 429s show a lower one for certain."""

VAGUE_COUNT = 25
"""Accepted requests below which an estimate is vague if requests had to pause."""

PLAN_CALM_SECONDS, CALM_SECONDS = 80.0, 30.0
"""Time until a learned rate is tested: the limit of a plan, and any other."""

STEP, WINDOW_STEP = 0.15, 0.06
"""Relative step of a test above a learned rate; smaller if Asana counts the requests of a minute."""

BASELINE_SECONDS = 60.0
"""Time after which an estimate begins with the latest 429 instead of an earlier one."""


class Refusal(NamedTuple):
    """The first 429 of several: the number and time of its request, all 429s and pauses before, and the time now.

    `excess` requests were sent above the configured rate, the refused one among them; `per_second` was the rate.
    """

    number: int
    sent: float
    excess: float
    refused_before: int
    paused_before: float
    now: float
    resume_at: float
    per_second: float


class Estimate(NamedTuple):
    """The requests accepted between two 429s: their rate at least, at most, and at most if pauses were wasted."""

    low: float
    high: float
    high_without_pauses: float
    mean: float


class RefusalEvidence:
    """The 429s of a run, and what they say about the limit; it is kept in a Pace.

    Between two 429s, a limit that fills evenly has accepted its rate times the seconds. A limit that counts minutes
    asks for a long pause, and its count is that of the minute. A 429 that neither explains is one for the cost of a
    request, and teaches nothing.
    """

    def __init__(self, pace: Pace, per_minute: int) -> None:
        """Know no 429 yet; `per_minute` is the configured limit."""
        self._pace = pace
        self._plan = FREE_PLAN_PER_MINUTE if per_minute > FREE_PLAN_PER_MINUTE else None
        self._first: Refusal | None = None
        self._disproved = 0
        self._unexpected: Refusal | None = None
        self._earlier_count: float | None = None

    def is_unexpected(self, refusal: Refusal) -> bool:
        """Return whether a 429 contradicts the learned rate; the second one in a short time does not count as such."""
        pace, last = self._pace, self._unexpected
        if pace.rate is None or pace.accepted_since <= PROVEN_COUNT:
            return False
        is_soon = last is not None and refusal.now - last.now <= REPETITION_SECONDS
        if is_soon and last is not None and refusal.number - last.number <= REPETITION_COUNT:
            return False
        saved = -pace.surplus(refusal.now)
        has_saved = saved > SAVED_REQUESTS + SAVED_SHARE * pace.accepted_since and pace.burst > 1
        if pace.is_testing(refusal.sent) and not has_saved:
            return False
        self._unexpected, pace.burst = refusal, 1.0
        return True

    def exceeds_plan(self, refusal: Refusal) -> bool:
        """Return whether the first 429 comes after the free plan's count, and without a burst that a bucket refuses."""
        if self._plan is None or self._first is not None or self._pace.rate is not None:
            return False
        accepted = refusal.number - 1 - refusal.refused_before
        return abs(accepted - self._plan) <= MAX_UNPROVEN_IN_FLIGHT and self._is_below_setting(refusal)

    def confirm(self, resume_at: float) -> None:
        """Learn from a second 429 for requests in flight: not their cost is too high, but their rate.

        If it was not above the configured rate, the limit is lower, and the free plan has the only one.
        """
        first, pace, plan = self._first, self._pace, self._plan_rate
        if first is not None and plan is not None and pace.rate is None and self._is_below_setting(first):
            pace.adopt(plan, STEP, resume_at, resume_at + PLAN_CALM_SECONDS)

    def _is_below_setting(self, refusal: Refusal) -> bool:
        """Return whether the refused request was sent no faster than the configured rate."""
        return refusal.excess <= MAX_EXCESS or refusal.per_second <= self._pace.limit

    def learn_minute(self, fewest: int, most: int, refusal: Refusal) -> bool:
        """Learn from a long pause; the requests of the minute were between these. Return whether they show a limit."""
        count = self._count_of_minute(fewest, most)
        if count is None:
            self._earlier_count = (fewest + most) / 2
            return False
        self._first, self._pace.burst = None, 1.0
        resume_at = max(refusal.now, refusal.resume_at)
        calm_until = resume_at + CALM_SECONDS
        self._pace.adopt(count / MINUTE_SECONDS, WINDOW_STEP, resume_at, calm_until, is_windowed=True)
        return True

    def _count_of_minute(self, fewest: int, most: int) -> float | None:
        plan, earlier = self._plan, self._earlier_count
        is_certain = most - fewest <= MAX_COUNT_RANGE
        is_plan = plan is not None and _includes(fewest, most, plan, COUNT_TOLERANCE)
        if plan is not None and is_plan and (is_certain or most <= plan * (1 + COUNT_TOLERANCE)):
            return plan
        if earlier is None or earlier < MIN_CREDIBLE_COUNT or not is_certain:
            return None
        return earlier if _includes(fewest, most, earlier, REPEAT_TOLERANCE) else None

    def learn_rate(self, refusal: Refusal) -> None:
        """Learn from a short pause."""
        first, pace = self._first, self._pace
        if first is None or pace.disproved != self._disproved:
            self._first, self._disproved = refusal, pace.disproved
            self._learn_from_first(refusal)
            return
        estimate = self._estimate(first, refusal)
        rate = self._rate(estimate)
        pace.burst = min(pace.burst, SMALL_BURST)
        calm_until = max(refusal.now, refusal.resume_at)
        if pace.is_windowed and rate == pace.rate:
            pace.adopt(rate, WINDOW_STEP, calm_until, calm_until + CALM_SECONDS, is_windowed=True)
        elif rate in (pace.limit, self._plan_rate):
            pace.adopt(rate, STEP, refusal.now, calm_until + PLAN_CALM_SECONDS)
        else:
            step = max(STEP, estimate.high / rate - 1)
            pace.adopt(rate, step, refusal.now, calm_until + min(CALM_SECONDS, refusal.sent - first.sent))
        if refusal.sent - first.sent > BASELINE_SECONDS:
            self._first = refusal

    def _learn_from_first(self, refusal: Refusal) -> None:
        """Learn whether Asana accepts bursts, and take the configured limit for the rate unless the count is small."""
        pace, accepted = self._pace, refusal.number - 1
        pace.burst = BURST_SHARE * refusal.excess if refusal.excess > BURST_COUNT else 1.0
        resume_at = max(refusal.now, refusal.resume_at)
        if pace.rate is not None:
            pace.adopt(pace.rate, pace.step, refusal.now, resume_at + CALM_SECONDS, is_windowed=pace.is_windowed)
        elif accepted > SMALL_COUNT or self._plan is None:
            pace.adopt(pace.limit, WINDOW_STEP, refusal.now, resume_at + CALM_SECONDS)

    def _estimate(self, first: Refusal, refusal: Refusal) -> Estimate:
        refused = refusal.refused_before - first.refused_before - 1
        accepted = max(0, refusal.number - first.number - 1 - refused)
        seconds = max(refusal.sent - first.sent, 1e-3)
        paused = refusal.paused_before - first.paused_before
        active = max(seconds - paused, 1e-3)
        most = accepted + refused + 2
        is_strict = self._pace.burst <= 1
        without_pauses = most / active if is_strict and accepted < VAGUE_COUNT else most / seconds
        if self._pace.rate is None:
            without_pauses = max(without_pauses, refusal.per_second)
            mean = max(accepted / seconds, refusal.per_second / 2)
        else:
            mean = max(accepted, 0.5) / (active if is_strict and paused < seconds / 2 else seconds)
            mean = max(mean, min(most / seconds, MAX_REDUCTION * self._pace.rate))
        return Estimate((accepted - 1) / seconds, most / seconds, without_pauses, mean)

    def _rate(self, estimate: Estimate) -> float:
        """Return the rate of a plan if the estimate includes it, else its mean."""
        limit, plan = self._pace.limit, self._plan_rate
        if estimate.high >= limit:
            return limit
        if plan is not None and estimate.low <= plan <= estimate.high_without_pauses:
            return plan
        if estimate.high_without_pauses >= limit * (1 - REPEAT_TOLERANCE):
            return limit
        return max(estimate.mean, min(limit, MIN_PER_MINUTE / MINUTE_SECONDS))

    @property
    def _plan_rate(self) -> float | None:
        return None if self._plan is None else self._plan / MINUTE_SECONDS


def requests_of_minute(answered: Sequence[float], end: float, latency: float) -> tuple[int, int]:
    """Return the fewest and the most of the answered requests that a minute with this end can include."""
    start = end - MINUTE_SECONDS
    fewest = sum(1 for moment in answered if moment >= start)
    return fewest, sum(1 for moment in answered if moment >= start - ROUNDING_SECONDS - latency)


def _includes(fewest: float, most: float, count: float, tolerance: float) -> bool:
    return fewest <= count * (1 + tolerance) and most >= count * (1 - tolerance)
