"""What refusals tell the pace of Asana's limit, and what they do not (law 6; design, section 6)."""

from __future__ import annotations

import pytest
from clock import Clock

from tap_asana.api.rate_limit import RateLimiter


def refuse_at(clock: Clock, pace: RateLimiter, *, count: int) -> None:
    """Let a fresh minute begin, send so many requests, and have the next one refused."""
    clock.sleep(100)
    for _ in range(count):
        pace.on_success(pace.acquire())
    pace.on_throttled(pace.acquire(), 1)


@pytest.mark.parametrize("count", [1, 60, 134, 166, 400, 1499])
def test_one_costly_request_lowers_nothing(count: int) -> None:
    """A 429 at a count that is no known limit is about that request, and the pace stays."""
    clock = Clock()
    pace = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    refuse_at(clock, pace, count=count)
    assert pace.per_minute == 1500


def test_refusals_at_unlike_counts_lower_nothing() -> None:
    """Costly requests are refused at any count, and the pace stays."""
    clock = Clock()
    pace = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for count in (900, 500, 1200):
        refuse_at(clock, pace, count=count)
    assert pace.per_minute == 1500


def test_two_refusals_at_like_counts_are_a_limit() -> None:
    """A limit that is neither the setting nor the free plan's is learnt when it shows twice."""
    clock = Clock()
    pace = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    refuse_at(clock, pace, count=1000)
    refuse_at(clock, pace, count=980)
    assert pace.per_minute == 980


@pytest.mark.parametrize("count", [1, 5, 49])
def test_refusals_of_what_may_be_in_flight_are_no_limit(count: int) -> None:
    """Two refusals among the first requests of a minute are not for their rate: learnt, they would end all speed."""
    clock = Clock()
    pace = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    refuse_at(clock, pace, count=count)
    refuse_at(clock, pace, count=count)
    assert pace.per_minute == 1500


def test_a_volley_of_refusals_counts_once() -> None:
    """Requests that were in flight when a hold began tell nothing new: no limit is learnt from one volley."""
    clock = Clock()
    pace = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for _ in range(800):
        pace.on_success(pace.acquire())
    for moment in [pace.acquire() for _ in range(50)]:
        pace.on_throttled(moment, 10)
    assert pace.per_minute == 1500


def test_the_pace_is_never_raised() -> None:
    """A setting below the free plan's limit stays, whatever is refused."""
    clock = Clock()
    pace = RateLimiter(140, clock=clock, sleep=clock.sleep)
    refuse_at(clock, pace, count=139)
    refuse_at(clock, pace, count=139)
    assert pace.per_minute == 140
