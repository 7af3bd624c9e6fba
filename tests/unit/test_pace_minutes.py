"""What the pace does where Asana counts by the minutes of its clock (law 6; design, section 6)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random

import pytest
from clock import Turns

from tap_asana.api.clocks import BOUNDARY_MARGIN_SECONDS, MINUTE_SECONDS, ServerClock
from tap_asana.api.rate_limit import FREE_PLAN_PER_MINUTE, WINDOW_SECONDS, RateLimiter

PHASES = (20.0, 45.5, 52.3, 59.0)
"""Seconds that Asana's minute is old when a run starts."""

LATENCIES = (0.1, 0.5, 2.0)
THREADS = 20


class ByMinutes:
    """An Asana whose clock runs so much ahead of ours, and that allows so many requests in each of its minutes."""

    def __init__(self, turns: Turns, per_minute: int, *, ahead: float, costly: int | None = None) -> None:
        """Start with nothing received; one request is refused for its cost, where it is said after how many."""
        self.received: list[float] = []
        self.refusals: list[float] = []
        self.turns = turns
        self._per_minute = per_minute
        self._ahead = ahead
        self._costly = costly
        self._counts: dict[int, int] = {}

    @property
    def date(self) -> float:
        """Return the time in whole seconds, as answers tell it."""
        return float(math.floor(self.turns() + self._ahead))

    def receive(self) -> float | None:
        """Take a request in; return the seconds of its Retry-After where it is refused."""
        now = self.turns() + self._ahead
        minute = int(now // 60)
        self._counts[minute] = self._counts.get(minute, 0) + 1
        self.received.append(self.turns())
        if self._counts[minute] <= self._per_minute and len(self.received) != self._costly:
            return None
        self.refusals.append(self.turns())
        return math.ceil(60 - now % 60)


def sender(
    pace: RateLimiter, asana: ByMinutes, latency: float, until: float, *, seed: int = 0, dated: bool = True
) -> Callable[[], None]:
    """Return a worker that sends one request after the other; Asana counts each when half of its time is over.

    Some take a fifth longer than others, so that they come in another order than they left in.
    """
    turns, uneven = asana.turns, Random(seed)  # noqa: S311 - times, not secrets

    def work() -> None:
        while turns() < until:
            moment = pace.acquire()
            half = latency / 2 * (0.8 + uneven.random() * 0.2)
            turns.sleep(half)
            after = asana.receive()
            date = asana.date
            turns.sleep(half)
            if dated:
                pace.observe_date(moment, date)
            if after is None:
                pace.on_success(moment)
            else:
                pace.on_throttled(moment, after)

    return work


def read(
    per_minute: int, *, ahead: float, latency: float, until: float, costly: int | None = None, dated: bool = True
) -> tuple[RateLimiter, ByMinutes]:
    """Let a run send for so many seconds; return its pace and what came to Asana."""
    turns = Turns()
    asana = ByMinutes(turns, per_minute, ahead=1_700_000_040 + ahead, costly=costly)
    pace = RateLimiter(1500, clock=turns, sleep=turns.sleep)
    turns.run(*(sender(pace, asana, latency, until, seed=seed, dated=dated) for seed in range(THREADS)))
    return pace, asana


def windows(asana: ByMinutes, count: int) -> Iterator[int]:
    """Yield how many requests came in each window of the pace, so many of them, from the second on."""
    for number in range(1, count + 1):
        yield sum(1 for moment in asana.received if number * WINDOW_SECONDS <= moment < (number + 1) * WINDOW_SECONDS)


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("ahead", PHASES)
def test_a_free_plan_is_learnt_whenever_the_minute_turns(ahead: float, latency: float) -> None:
    """However slow the answers and wherever in a minute a run starts, two 429s tell the limit, in a minute."""
    pace, asana = read(FREE_PLAN_PER_MINUTE, ahead=ahead, latency=latency, until=4 * WINDOW_SECONDS)
    assert pace.per_minute == FREE_PLAN_PER_MINUTE
    assert len(asana.refusals) <= 2
    assert asana.refusals[0] < MINUTE_SECONDS
    assert sum(windows(asana, 3)) >= 0.95 * 3 * FREE_PLAN_PER_MINUTE


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("ahead", PHASES)
def test_a_paid_plan_is_used_whenever_the_minute_turns(ahead: float, latency: float) -> None:
    """The whole allowance is used, as far as the requests in flight can bring it, and nothing is refused.

    What the first window lacks is two probes and one turn of the minute, known but to seconds.
    """
    _, asana = read(1500, ahead=ahead, latency=latency, until=2 * WINDOW_SECONDS)
    first = sum(1 for moment in asana.received if moment < WINDOW_SECONDS)
    lost = 5 * latency + (latency + 1.0) + 2 * BOUNDARY_MARGIN_SECONDS
    assert asana.refusals == []
    assert first >= min(1500.0, THREADS / latency * (WINDOW_SECONDS - lost)) - THREADS
    assert sum(windows(asana, 1)) >= 0.95 * min(1500.0, THREADS / latency * WINDOW_SECONDS)


@pytest.mark.parametrize("latency", [0.1, 2.0])
@pytest.mark.parametrize("ahead", [20.0, 52.3])
def test_a_costly_request_is_doubted_by_the_minute(ahead: float, latency: float) -> None:
    """Where the 151st request is refused for its cost, all of the allowance is used again two minutes later."""
    pace, asana = read(1500, ahead=ahead, latency=latency, until=4 * WINDOW_SECONDS, costly=FREE_PLAN_PER_MINUTE + 1)
    assert pace.per_minute == 1500
    assert len(asana.refusals) == 1
    assert list(windows(asana, 3))[2] >= 0.95 * min(1500.0, THREADS / latency * WINDOW_SECONDS)


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_minute_that_begins_with_the_end_of_a_hold_is_one(latency: float) -> None:
    """Without any date, two 429s tell the limit where the minute does not turn among the first 151 requests."""
    pace, asana = read(FREE_PLAN_PER_MINUTE, ahead=20, latency=latency, until=4 * WINDOW_SECONDS, dated=False)
    assert pace.per_minute == FREE_PLAN_PER_MINUTE
    assert len(asana.refusals) == 2


def test_dates_tell_when_the_minute_turns() -> None:
    """A turn is told to the second that dates leave open, and the second before and after it."""
    minutes = ServerClock()
    assert minutes.last_minute_boundary(100) == -math.inf
    minutes.observe_date(100.0, 100.2, 1030)  # Asana is ahead by 929.8 to 931 seconds
    assert minutes.last_minute_boundary(60 * 18 - 931 - 1.1) == pytest.approx(60 * 17 - 929.8 + 1)
    assert minutes.last_minute_boundary(60 * 18 - 931 - 0.9) == pytest.approx(60 * 18 - 929.8 + 1)
    minutes.observe_date(100.7, 100.8, 1031)  # by 930.2 to 931.3 seconds
    assert minutes.last_minute_boundary(60 * 18 - 931 - 0.9) == pytest.approx(60 * 18 - 930.2 + 1)


def test_slow_answers_tell_no_turn() -> None:
    """An answer that takes longer than VAGUE tells nothing: nobody would be let go for as long."""
    minutes = ServerClock()
    minutes.observe_date(100.0, 109.1, 1030)
    assert minutes.last_minute_boundary(200) == -math.inf


def test_a_clock_that_was_set_is_believed() -> None:
    """A date that contradicts those before it takes their place."""
    minutes = ServerClock()
    minutes.observe_date(100.0, 100.2, 1030)
    minutes.observe_date(101.0, 101.2, 2000)
    assert minutes.last_minute_boundary(110) == pytest.approx(60 * 33 - (2000 - 101.2) + 1)
