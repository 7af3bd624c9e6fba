"""The rate limiter against a limit by the minutes of Asana's clock (law 6)."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Iterator
from random import Random

import pytest
from clock import Turns

from tap_asana.api.clocks import BOUNDARY_MARGIN_SECONDS, MINUTE_SECONDS, ClockSkew, ServerClock
from tap_asana.api.rate_limit import FREE_PLAN_PER_MINUTE, WINDOW_SECONDS, RateLimiter

PHASES = (20.0, 45.5, 52.3, 59.0)
"""Age of Asana's minute when a run starts, in seconds."""

LATENCIES = (0.1, 0.5, 2.0)
THREADS = 20


class ByMinutes:
    """A server with a limit for each minute of its own clock, which is ahead of the local one."""

    def __init__(self, turns: Turns, per_minute: int, *, ahead: float, costly: int | None = None) -> None:
        """Start with nothing received; reject the request with the number `costly` for its cost."""
        self.received: list[float] = []
        self.refusals: list[float] = []
        self.turns = turns
        self._per_minute = per_minute
        self._ahead = ahead
        self._costly = costly
        self._counts: dict[int, int] = {}

    @property
    def date(self) -> float:
        """Return the server's time in whole seconds, as in the Date header."""
        return float(math.floor(self.turns() + self._ahead))

    def receive(self) -> float | None:
        """Count a request; return the seconds of its Retry-After if it is rejected."""
        now = self.turns() + self._ahead
        minute = int(now // 60)
        self._counts[minute] = self._counts.get(minute, 0) + 1
        self.received.append(self.turns())
        if self._counts[minute] <= self._per_minute and len(self.received) != self._costly:
            return None
        self.refusals.append(self.turns())
        return math.ceil(60 - now % 60)


def sender(
    limiter: RateLimiter, asana: ByMinutes, latency: float, until: float, *, seed: int = 0, dated: bool = True
) -> Callable[[], None]:
    """Return a worker that sends requests one by one; the server counts each after half of its latency.

    Latencies vary by up to a fifth, so that requests arrive in another order than they were sent.
    """
    turns, uneven = asana.turns, Random(seed)  # noqa: S311 - times, not secrets

    def work() -> None:
        while turns() < until:
            moment = limiter.acquire()
            half = latency / 2 * (0.8 + uneven.random() * 0.2)
            turns.sleep(half)
            after = asana.receive()
            date = asana.date
            turns.sleep(half)
            if dated:
                limiter.observe_date(moment, date)
            if after is None:
                limiter.on_success(moment)
            else:
                limiter.on_throttled(moment, after)

    return work


def send_requests(
    per_minute: int, *, ahead: float, latency: float, until: float, costly: int | None = None, dated: bool = True
) -> tuple[RateLimiter, ByMinutes]:
    """Send requests for so many seconds; return the rate limiter and the server."""
    turns = Turns()
    asana = ByMinutes(turns, per_minute, ahead=1_700_000_040 + ahead, costly=costly)
    limiter = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(limiter, asana, latency, until, seed=seed, dated=dated) for seed in range(THREADS)))
    return limiter, asana


def windows(asana: ByMinutes, count: int) -> Iterator[int]:
    """Yield the number of received requests in each of `count` windows of the limiter, from the second on."""
    for number in range(1, count + 1):
        yield sum(1 for moment in asana.received if number * WINDOW_SECONDS <= moment < (number + 1) * WINDOW_SECONDS)


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("ahead", PHASES)
def test_a_free_plan_is_detected_at_any_phase_of_the_minute(ahead: float, latency: float) -> None:
    """For any latency and phase of the minute, two 429s within a minute reveal the limit."""
    limiter, asana = send_requests(FREE_PLAN_PER_MINUTE, ahead=ahead, latency=latency, until=4 * WINDOW_SECONDS)
    assert limiter.per_minute == FREE_PLAN_PER_MINUTE
    assert len(asana.refusals) <= 2
    assert asana.refusals[0] < MINUTE_SECONDS
    assert sum(windows(asana, 3)) >= 0.95 * 3 * FREE_PLAN_PER_MINUTE


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("ahead", PHASES)
def test_a_paid_plan_is_used_at_any_phase_of_the_minute(ahead: float, latency: float) -> None:
    """The limit is used as far as the requests in flight allow, and nothing is rejected.

    The first window loses two probes and one minute boundary, which is known to the second only.
    """
    _, asana = send_requests(1500, ahead=ahead, latency=latency, until=2 * WINDOW_SECONDS)
    first = sum(1 for moment in asana.received if moment < WINDOW_SECONDS)
    lost = 5 * latency + (latency + 1.0) + 2 * BOUNDARY_MARGIN_SECONDS
    assert asana.refusals == []
    assert first >= min(1500.0, THREADS / latency * (WINDOW_SECONDS - lost)) - THREADS
    assert sum(windows(asana, 1)) >= 0.95 * min(1500.0, THREADS / latency * WINDOW_SECONDS)


@pytest.mark.parametrize("latency", [0.1, 2.0])
@pytest.mark.parametrize("ahead", [20.0, 52.3])
def test_a_costly_probe_is_reconsidered_within_two_minutes(ahead: float, latency: float) -> None:
    """If the 151st request is rejected for its cost, the whole limit is used again two minutes later."""
    limiter, asana = send_requests(
        1500, ahead=ahead, latency=latency, until=4 * WINDOW_SECONDS, costly=FREE_PLAN_PER_MINUTE + 1
    )
    assert limiter.per_minute == 1500
    assert len(asana.refusals) == 1
    assert list(windows(asana, 3))[2] >= 0.95 * min(1500.0, THREADS / latency * WINDOW_SECONDS)


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_free_plan_is_detected_without_dates(latency: float) -> None:
    """Without dates, two 429s reveal the limit if no minute boundary falls within the first 151 requests."""
    limiter, asana = send_requests(
        FREE_PLAN_PER_MINUTE, ahead=20, latency=latency, until=4 * WINDOW_SECONDS, dated=False
    )
    assert limiter.per_minute == FREE_PLAN_PER_MINUTE
    assert len(asana.refusals) == 2


def test_dates_reveal_the_minute_boundary() -> None:
    """A minute boundary is known to the precision of the dates, with a second of margin on each side."""
    clock = ServerClock()
    assert clock.last_minute_boundary(100) == -math.inf
    clock.observe_date(100.0, 100.2, 1030)  # Asana is ahead by 929.8 to 931 seconds
    assert clock.last_minute_boundary(60 * 18 - 931 - 1.1) == pytest.approx(60 * 17 - 929.8 + 1)
    assert clock.last_minute_boundary(60 * 18 - 931 - 0.9) == pytest.approx(60 * 18 - 929.8 + 1)
    clock.observe_date(100.7, 100.8, 1031)  # by 930.2 to 931.3 seconds
    assert clock.last_minute_boundary(60 * 18 - 931 - 0.9) == pytest.approx(60 * 18 - 930.2 + 1)


def test_slow_responses_are_ignored() -> None:
    """A response slower than MAX_UNCERTAINTY_SECONDS is ignored: requests would have to pause for as long."""
    clock = ServerClock()
    clock.observe_date(100.0, 109.1, 1030)
    assert clock.last_minute_boundary(200) == -math.inf


def test_a_contradicting_date_replaces_earlier_ones() -> None:
    """A date that contradicts earlier ones replaces them."""
    clock = ServerClock()
    clock.observe_date(100.0, 100.2, 1030)
    clock.observe_date(101.0, 101.2, 2000)
    assert clock.last_minute_boundary(110) == pytest.approx(60 * 33 - (2000 - 101.2) + 1)


def test_no_thread_overwrites_the_largest_clock_skew() -> None:
    """The difference that bookmarks rest on is the largest that any thread has seen (law 1)."""
    skews = [float(7 * number % 2000) for number in range(2000)]
    skew = ClockSkew(iter(skews).__next__)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [
            threading.Thread(target=lambda: [skew.observe_date("Thu, 01 Jan 1970 00:00:00 GMT") for _ in range(200)])
            for _ in range(10)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert (skew.ahead, skew.behind) == (1999.0, 1.0)
