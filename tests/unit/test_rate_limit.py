"""The rate limiter across any number of threads (law 6)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from clock import Clock, Turns
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from tap_asana.api.rate_limit import FREE_PLAN_PER_MINUTE, RateLimiter
from tap_asana.errors import RunCancelled


class Asana:
    """A server with a limit on requests in any 60 seconds, including the rejected ones."""

    def __init__(self, turns: Turns, per_minute: int) -> None:
        """Start with nothing received."""
        self.received: list[float] = []
        self.refused = 0
        self._turns = turns
        self._per_minute = per_minute

    def receive(self) -> float | None:
        """Count a request; return the seconds of its Retry-After if it is rejected."""
        now = self._turns()
        recent = [moment for moment in self.received if moment > now - 60]
        self.received.append(now)
        if len(recent) < self._per_minute:
            return None
        self.refused += 1
        return recent[-self._per_minute] + 60 - now


COSTLY_AFTER = 5.0
"""Retry-After, in seconds, of a 429 for a costly request."""


class Costly(Asana):
    """A server that rejects one request for its cost, regardless of the rate."""

    def __init__(self, turns: Turns, per_minute: int, *, costly: int) -> None:
        """Reject the request after the first `costly`."""
        super().__init__(turns, per_minute)
        self._costly = costly

    @override
    def receive(self) -> float | None:
        """Count a request; return the seconds of its Retry-After if it is rejected."""
        after = super().receive()
        if len(self.received) != self._costly + 1:
            return after
        self.refused += 1
        return COSTLY_AFTER


def sender(turns: Turns, limiter: RateLimiter, asana: Asana, *, until: float) -> Callable[[], None]:
    """Return a worker that sends requests one by one, each with 0.2 s to the server and 0.2 s back."""

    def work() -> None:
        while turns() < until:
            moment = limiter.acquire()
            turns.sleep(0.2)
            after = asana.receive()
            turns.sleep(0.2)
            if after is None:
                limiter.on_success(moment)
            else:
                limiter.on_throttled(moment, after)

    return work


def most_in_a_minute(moments: list[float]) -> int:
    """Return the largest number of moments in any span of 60 seconds."""
    return max(sum(1 for other in moments if moment <= other < moment + 60) for moment in moments)


steps = st.tuples(st.floats(0, 40), st.floats(0, 40), st.sampled_from(["accepted", "lost"]) | st.floats(0, 90))
"""A worker's step for each request: idle time, latency, and the outcome (a number is a 429's Retry-After)."""


@settings(deadline=None, max_examples=60)
@given(
    per_minute=st.integers(1, 12),
    plans=st.lists(st.lists(steps, max_size=12), min_size=1, max_size=5).filter(any),
)
def test_no_minute_exceeds_the_limit(per_minute: int, plans: list[list[tuple[float, float, str | float]]]) -> None:
    """For any arrival pattern and number of threads, no span of 60 seconds exceeds the configured limit."""
    turns, sent = Turns(), list[float]()
    limiter = RateLimiter(per_minute, clock=turns, sleep=turns.sleep)

    def worker(plan: list[tuple[float, float, str | float]]) -> Callable[[], None]:
        def work() -> None:
            for idle, latency, outcome in plan:
                turns.sleep(idle)
                moment = limiter.acquire()
                sent.append(turns())
                turns.sleep(latency)
                if isinstance(outcome, float):
                    limiter.on_throttled(moment, outcome)
                else:
                    {"accepted": limiter.on_success, "lost": limiter.on_lost}[outcome](moment)

        return work

    turns.run(*(worker(plan) for plan in plans))
    assert len(sent) == sum(map(len, plans))
    assert most_in_a_minute(sent) <= per_minute


@pytest.mark.parametrize(("per_minute", "threads"), [(100, 1), (600, 20)])
def test_at_least_95_percent_of_the_limit_is_used(per_minute: int, threads: int) -> None:
    """While work remains, at least 95 % of the limit is used, and nothing is rejected."""
    turns = Turns()
    asana = Asana(turns, per_minute)
    limiter = RateLimiter(per_minute, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, limiter, asana, until=300) for _ in range(threads)))
    first_minute_over = [moment for moment in asana.received if moment > 61]
    span = first_minute_over[-1] - 61
    assert len(first_minute_over) >= 0.95 * per_minute * span / 60
    assert asana.refused == 0


@pytest.mark.parametrize("threads", [1, 20, 50])
def test_a_free_plan_is_detected_by_two_429s(threads: int) -> None:
    """With any number of threads, two probes detect the free plan's 150 requests, which are used from then on."""
    turns = Turns()
    asana = Asana(turns, FREE_PLAN_PER_MINUTE)
    limiter = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, limiter, asana, until=300) for _ in range(threads)))
    assert asana.refused == 2
    assert limiter.per_minute == FREE_PLAN_PER_MINUTE
    assert len(asana.received) >= 0.95 * FREE_PLAN_PER_MINUTE * asana.received[-1] / 60


def test_an_accepted_request_after_a_slow_start_proves_nothing() -> None:
    """A request accepted because older ones left the window proves nothing: the limit stays 150 after a slow start."""
    turns = Turns()
    asana = Asana(turns, FREE_PLAN_PER_MINUTE)
    limiter = RateLimiter(1500, clock=turns, sleep=turns.sleep)

    def late() -> None:
        turns.sleep(50)
        sender(turns, limiter, asana, until=300)()

    turns.run(*(sender(turns, limiter, asana, until=300) for _ in range(1)), *[late] * 20)
    assert asana.refused == 2
    assert limiter.per_minute == FREE_PLAN_PER_MINUTE


def test_a_costly_probe_does_not_lower_the_limit() -> None:
    """If the probe itself is rejected for its cost, the whole limit is soon used again."""
    turns = Turns()
    asana = Costly(turns, 400, costly=FREE_PLAN_PER_MINUTE)
    limiter = RateLimiter(400, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, limiter, asana, until=300) for _ in range(20)))
    assert asana.refused == 1
    assert limiter.per_minute == 400
    # Three windows of the pace, from the second one on.
    assert sum(1 for moment in asana.received if 61 <= moment < 4 * 61) >= 0.95 * 400 * 3


def test_a_costly_probe_pauses_requests_for_its_retry_after_only() -> None:
    """A costly request at the free plan's limit pauses all requests for its Retry-After only."""
    turns = Turns()
    asana = Costly(turns, 1500, costly=FREE_PLAN_PER_MINUTE)
    limiter = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, limiter, asana, until=20) for _ in range(20)))
    rejected_at = asana.received[FREE_PLAN_PER_MINUTE]
    assert asana.received[FREE_PLAN_PER_MINUTE + 1] == pytest.approx(rejected_at + COSTLY_AFTER + 0.4, abs=0.1)


def test_a_paid_plan_waits_for_one_probe() -> None:
    """If the limit is above the free plan's, the probe costs two response times, once."""
    turns = Turns()
    asana = Asana(turns, 1500)
    limiter = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, limiter, asana, until=20) for _ in range(20)))
    # Twenty senders at 0.4 s a request make 50 a second; the probe and the requests before it take 0.8 s.
    assert 20 * 50 - 40 <= len(asana.received) < 20 * 50


def test_a_lost_probe_is_replaced() -> None:
    """If a probe gets no response, the next request replaces it, and a free plan is still detected at once."""
    clock = Clock()
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for _ in range(FREE_PLAN_PER_MINUTE):
        limiter.on_success(limiter.acquire())
    limiter.on_lost(limiter.acquire())
    probe = limiter.acquire()
    assert clock.slept == []
    limiter.on_throttled(probe, 30)
    assert limiter.per_minute == FREE_PLAN_PER_MINUTE


def test_requests_wait_for_the_probe() -> None:
    """A probe is sent when all earlier responses have arrived, and no request is sent until its own arrives."""
    turns = Turns()
    limiter = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    sent: list[float] = []

    def probing() -> None:
        for moment in [limiter.acquire() for _ in range(FREE_PLAN_PER_MINUTE)]:
            turns.sleep(0.02)
            limiter.on_success(moment)
        probe = limiter.acquire()
        sent.append(turns())
        turns.sleep(5)
        limiter.on_success(probe)

    def waiting() -> None:
        turns.sleep(1)
        limiter.acquire()
        sent.append(turns())

    turns.run(probing, waiting)
    assert sent == [pytest.approx(3, abs=0.1), pytest.approx(8, abs=0.1)]


def test_a_429_pauses_all_threads_for_its_retry_after() -> None:
    """After a 429 no thread sends before its Retry-After is over, and all threads send right then."""
    turns = Turns()
    limiter = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    sent: list[float] = []

    def throttled() -> None:
        moment = limiter.acquire()
        turns.sleep(3)
        limiter.on_throttled(moment, 30)
        limiter.acquire()
        sent.append(turns())

    def waiting() -> None:
        turns.sleep(5)
        limiter.acquire()
        sent.append(turns())

    turns.run(throttled, *[waiting] * 5)
    assert sent == [33.0] * 6


@pytest.mark.parametrize("times", [(20, 5, 10), (5, 20, 10), (5, 10, 20)])
def test_the_longest_pause_applies(times: tuple[float, float, float]) -> None:
    """A later 429 with a shorter Retry-After does not shorten the pause, and a longer one extends it."""
    clock = Clock(0)
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for moment, after in zip([limiter.acquire() for _ in times], times, strict=True):
        limiter.on_throttled(moment, after)
    limiter.acquire()
    assert clock.now == 20


def test_requests_have_distinct_moments() -> None:
    """Requests at the same clock time get distinct moments, so that none is mistaken for the probe."""
    clock = Clock()
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    moments = [limiter.acquire() for _ in range(FREE_PLAN_PER_MINUTE)]
    assert len(set(moments)) == FREE_PLAN_PER_MINUTE
    assert moments == sorted(moments)


def test_cancelling_a_run_ends_the_wait() -> None:
    """Once the run is cancelled, no request waits for the limit or for a pause of hours."""
    ending = threading.Event()
    ending.set()
    limiter = RateLimiter(1, sleep=ending.wait)
    limiter.on_throttled(limiter.acquire(), 36_000)
    with pytest.raises(RunCancelled):
        limiter.acquire()
