"""Rejections from which the rate limiter learns Asana's limit, and others (law 6; design, section 6)."""

from __future__ import annotations

import pytest
from clock import Clock

from tap_asana.api.rate_limit import RateLimiter


def refuse_at(clock: Clock, limiter: RateLimiter, *, count: int) -> None:
    """Wait for a new minute, send so many requests, and reject the next one."""
    clock.sleep(100)
    for _ in range(count):
        limiter.on_success(limiter.acquire())
    limiter.on_throttled(limiter.acquire(), 1)


@pytest.mark.parametrize("count", [1, 60, 134, 166, 400, 1499])
def test_one_costly_request_does_not_lower_the_limit(count: int) -> None:
    """A 429 at any other count than a known limit concerns that request only."""
    clock = Clock()
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    refuse_at(clock, limiter, count=count)
    assert limiter.per_minute == 1500


def test_429s_at_different_counts_do_not_lower_the_limit() -> None:
    """Costly requests are rejected at any count, so the limit stays."""
    clock = Clock()
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for count in (900, 500, 1200):
        refuse_at(clock, limiter, count=count)
    assert limiter.per_minute == 1500


def test_two_429s_at_similar_counts_set_the_limit() -> None:
    """A limit other than the configured one and the free plan's is learned after two 429s."""
    clock = Clock()
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    refuse_at(clock, limiter, count=1000)
    refuse_at(clock, limiter, count=980)
    assert limiter.per_minute == 980


@pytest.mark.parametrize("count", [1, 5, 49])
def test_429s_at_low_counts_do_not_lower_the_limit(count: int) -> None:
    """Two 429s among the first requests of a minute are not about the rate: as a limit they would stall the run."""
    clock = Clock()
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    refuse_at(clock, limiter, count=count)
    refuse_at(clock, limiter, count=count)
    assert limiter.per_minute == 1500


def test_429s_of_requests_in_flight_count_once() -> None:
    """Requests already in flight when a pause began add no information: one volley sets no limit."""
    clock = Clock()
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for _ in range(800):
        limiter.on_success(limiter.acquire())
    for moment in [limiter.acquire() for _ in range(50)]:
        limiter.on_throttled(moment, 10)
    assert limiter.per_minute == 1500


def test_the_limit_is_never_raised() -> None:
    """A configured limit below the free plan's is kept after any rejection."""
    clock = Clock()
    limiter = RateLimiter(140, clock=clock, sleep=clock.sleep)
    refuse_at(clock, limiter, count=139)
    refuse_at(clock, limiter, count=139)
    assert limiter.per_minute == 140
