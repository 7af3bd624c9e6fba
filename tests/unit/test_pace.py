"""How fast requests leave, whoever sends them (law 6; design, sections 2 and 6)."""

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
    """A limit as Asana keeps it: so many requests in any minute, the refused ones included."""

    def __init__(self, turns: Turns, per_minute: int) -> None:
        """Start with nothing received."""
        self.received: list[float] = []
        self.refused = 0
        self._turns = turns
        self._per_minute = per_minute

    def receive(self) -> float | None:
        """Take a request in; return the seconds of its Retry-After where it is refused."""
        now = self._turns()
        recent = [moment for moment in self.received if moment > now - 60]
        self.received.append(now)
        if len(recent) < self._per_minute:
            return None
        self.refused += 1
        return recent[-self._per_minute] + 60 - now


COSTLY_AFTER = 5.0
"""Seconds that a request which cost too much asks everybody to wait."""


class Costly(Asana):
    """An Asana that refuses one request for its cost, whatever the rate."""

    def __init__(self, turns: Turns, per_minute: int, *, costly: int) -> None:
        """Refuse the request before which so many came."""
        super().__init__(turns, per_minute)
        self._costly = costly

    @override
    def receive(self) -> float | None:
        """Take a request in; return the seconds of its Retry-After where it is refused."""
        after = super().receive()
        if len(self.received) != self._costly + 1:
            return after
        self.refused += 1
        return COSTLY_AFTER


def sender(turns: Turns, pace: RateLimiter, asana: Asana, *, until: float) -> Callable[[], None]:
    """Return a worker that sends one request after the other; each takes 0.2 s there and 0.2 s back."""

    def work() -> None:
        while turns() < until:
            moment = pace.acquire()
            turns.sleep(0.2)
            after = asana.receive()
            turns.sleep(0.2)
            if after is None:
                pace.on_success(moment)
            else:
                pace.on_throttled(moment, after)

    return work


def most_in_a_minute(moments: list[float]) -> int:
    """Return the largest number of moments in any span of 60 seconds."""
    return max(sum(1 for other in moments if moment <= other < moment + 60) for moment in moments)


steps = st.tuples(st.floats(0, 40), st.floats(0, 40), st.sampled_from(["accepted", "lost"]) | st.floats(0, 90))
"""What a worker does with each request: idle before it, wait for its answer, and what that is (a number: a 429)."""


@settings(deadline=None, max_examples=60)
@given(
    per_minute=st.integers(1, 12),
    plans=st.lists(st.lists(steps, max_size=12), min_size=1, max_size=5).filter(any),
)
def test_no_minute_has_more_requests_than_allowed(
    per_minute: int, plans: list[list[tuple[float, float, str | float]]]
) -> None:
    """Whatever the pattern of arrival and the number of threads, no span of 60 seconds holds more than the setting."""
    turns, left = Turns(), list[float]()
    pace = RateLimiter(per_minute, clock=turns, sleep=turns.sleep)

    def worker(plan: list[tuple[float, float, str | float]]) -> Callable[[], None]:
        def work() -> None:
            for idle, latency, outcome in plan:
                turns.sleep(idle)
                moment = pace.acquire()
                left.append(turns())
                turns.sleep(latency)
                if isinstance(outcome, float):
                    pace.on_throttled(moment, outcome)
                else:
                    {"accepted": pace.on_success, "lost": pace.on_lost}[outcome](moment)

        return work

    turns.run(*(worker(plan) for plan in plans))
    assert len(left) == sum(map(len, plans))
    assert most_in_a_minute(left) <= per_minute


@pytest.mark.parametrize(("per_minute", "threads"), [(100, 1), (600, 20)])
def test_the_allowance_is_used(per_minute: int, threads: int) -> None:
    """While work remains, at least 95 % of the allowance is used, and nothing is refused."""
    turns = Turns()
    asana = Asana(turns, per_minute)
    pace = RateLimiter(per_minute, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, pace, asana, until=300) for _ in range(threads)))
    first_minute_over = [moment for moment in asana.received if moment > 61]
    span = first_minute_over[-1] - 61
    assert len(first_minute_over) >= 0.95 * per_minute * span / 60
    assert asana.refused == 0


@pytest.mark.parametrize("threads", [1, 20, 50])
def test_a_free_plan_is_learnt_from_two_429s(threads: int) -> None:
    """However many requests are in flight, two probes find the 150 of free plans, and they are used from then on."""
    turns = Turns()
    asana = Asana(turns, FREE_PLAN_PER_MINUTE)
    pace = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, pace, asana, until=300) for _ in range(threads)))
    assert asana.refused == 2
    assert pace.per_minute == FREE_PLAN_PER_MINUTE
    assert len(asana.received) >= 0.95 * FREE_PLAN_PER_MINUTE * asana.received[-1] / 60


def test_a_slot_that_frees_up_is_no_proof() -> None:
    """What Asana takes because its minute let go of a request tells nothing: 150 stay the limit after a slow start."""
    turns = Turns()
    asana = Asana(turns, FREE_PLAN_PER_MINUTE)
    pace = RateLimiter(1500, clock=turns, sleep=turns.sleep)

    def late() -> None:
        turns.sleep(50)
        sender(turns, pace, asana, until=300)()

    turns.run(*(sender(turns, pace, asana, until=300) for _ in range(1)), *[late] * 20)
    assert asana.refused == 2
    assert pace.per_minute == FREE_PLAN_PER_MINUTE


def test_a_costly_request_at_the_free_plans_limit_is_no_limit() -> None:
    """Where the very request that probes is refused for its cost, the whole allowance is used again soon."""
    turns = Turns()
    asana = Costly(turns, 400, costly=FREE_PLAN_PER_MINUTE)
    pace = RateLimiter(400, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, pace, asana, until=300) for _ in range(20)))
    assert asana.refused == 1
    assert pace.per_minute == 400
    # Three windows of the pace, from the second one on.
    assert sum(1 for moment in asana.received if 61 <= moment < 4 * 61) >= 0.95 * 400 * 3


def test_a_costly_request_holds_for_its_time_only() -> None:
    """A request that is refused for its cost at the free plan's limit holds everybody for as long as it says."""
    turns = Turns()
    asana = Costly(turns, 1500, costly=FREE_PLAN_PER_MINUTE)
    pace = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, pace, asana, until=20) for _ in range(20)))
    refused = asana.received[FREE_PLAN_PER_MINUTE]
    assert asana.received[FREE_PLAN_PER_MINUTE + 1] == pytest.approx(refused + COSTLY_AFTER + 0.4, abs=0.1)


def test_a_paid_plan_waits_for_one_probe_only() -> None:
    """Where the limit is higher than the free plan's, the probe costs everybody two answers' time, and only once."""
    turns = Turns()
    asana = Asana(turns, 1500)
    pace = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(turns, pace, asana, until=20) for _ in range(20)))
    # Twenty senders at 0.4 s a request make 50 a second; the probe, and what comes before it, take 0.8 s of theirs.
    assert 20 * 50 - 40 <= len(asana.received) < 20 * 50


def test_a_probe_that_is_lost_holds_nobody_up() -> None:
    """Where no answer comes to the probe, the next request takes its place, and a free plan is still found at once."""
    clock = Clock()
    pace = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for _ in range(FREE_PLAN_PER_MINUTE):
        pace.on_success(pace.acquire())
    pace.on_lost(pace.acquire())
    probe = pace.acquire()
    assert clock.slept == []
    pace.on_throttled(probe, 30)
    assert pace.per_minute == FREE_PLAN_PER_MINUTE


def test_requests_wait_for_the_probe() -> None:
    """A probe leaves when the answers to all before it are there, and while its own is out nobody else leaves."""
    turns = Turns()
    pace = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    left: list[float] = []

    def probing() -> None:
        for moment in [pace.acquire() for _ in range(FREE_PLAN_PER_MINUTE)]:
            turns.sleep(0.02)
            pace.on_success(moment)
        probe = pace.acquire()
        left.append(turns())
        turns.sleep(5)
        pace.on_success(probe)

    def waiting() -> None:
        turns.sleep(1)
        pace.acquire()
        left.append(turns())

    turns.run(probing, waiting)
    assert left == [pytest.approx(3, abs=0.1), pytest.approx(8, abs=0.1)]


def test_a_429_holds_everybody_for_its_time_and_no_longer() -> None:
    """After a 429 no thread sends before its time is over, and all do right then."""
    turns = Turns()
    pace = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    left: list[float] = []

    def refused() -> None:
        moment = pace.acquire()
        turns.sleep(3)
        pace.on_throttled(moment, 30)
        pace.acquire()
        left.append(turns())

    def waiting() -> None:
        turns.sleep(5)
        pace.acquire()
        left.append(turns())

    turns.run(refused, *[waiting] * 5)
    assert left == [33.0] * 6


@pytest.mark.parametrize("times", [(20, 5, 10), (5, 20, 10), (5, 10, 20)])
def test_the_longest_hold_counts(times: tuple[float, float, float]) -> None:
    """A later 429 that names less time does not shorten the hold, and one that names more prolongs it."""
    clock = Clock(0)
    pace = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for moment, after in zip([pace.acquire() for _ in times], times, strict=True):
        pace.on_throttled(moment, after)
    pace.acquire()
    assert clock.now == 20


def test_no_two_requests_count_from_the_same_moment() -> None:
    """Requests that leave while the clock stands still are told apart, so none is taken for the probe."""
    clock = Clock()
    pace = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    moments = [pace.acquire() for _ in range(FREE_PLAN_PER_MINUTE)]
    assert len(set(moments)) == FREE_PLAN_PER_MINUTE
    assert moments == sorted(moments)


def test_the_end_of_a_run_ends_the_wait() -> None:
    """Where the run is ending, nobody waits for an allowance or a hold that is hours away."""
    ending = threading.Event()
    ending.set()
    pace = RateLimiter(1, sleep=ending.wait)
    pace.on_throttled(pace.acquire(), 36_000)
    with pytest.raises(RunCancelled):
        pace.acquire()
