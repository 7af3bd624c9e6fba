"""Rejections from which the rate limiter learns Asana's limit, and others (law 6)."""

from __future__ import annotations

import pytest
from clock import Clock

from tap_asana.api.rate_limit import RateLimiter

COSTLY = (1, 60, 134, 166, 400, 1499)
"""Counts of accepted requests after which one request is rejected for its cost."""


def refuse_at(clock: Clock, limiter: RateLimiter, *, count: int) -> None:
    """Wait for a new minute, send so many requests, and reject the next one."""
    clock.sleep(100)
    for _ in range(count):
        limiter.on_success(limiter.acquire())
    limiter.on_throttled(limiter.acquire(), 1)


@pytest.mark.parametrize(
    ("configured", "counts", "learned"),
    [
        *(pytest.param(1500, (count,), 1500, id=f"one costly request after {count}") for count in COSTLY),
        pytest.param(1500, (900, 500, 1200), 1500, id="costly requests at different counts"),
        pytest.param(1500, (1000, 980), 980, id="two at similar counts set the limit"),
        *(
            pytest.param(1500, (count, count), 1500, id=f"two after {count} would stall the run")
            for count in (1, 5, 49)
        ),
        pytest.param(140, (139, 139), 140, id="the limit is never raised"),
    ],
)
def test_429s_set_the_limit_only_at_similar_counts(configured: int, counts: tuple[int, ...], learned: int) -> None:
    """Two 429s at similar counts set the limit, unless the counts are low; any other 429 concerns that request only."""
    clock = Clock()
    limiter = RateLimiter(configured, clock=clock, sleep=clock.sleep)
    for count in counts:
        refuse_at(clock, limiter, count=count)
    assert limiter.per_minute == learned


def test_429s_of_requests_in_flight_count_once() -> None:
    """Requests already in flight when a pause began add no information: one volley sets no limit."""
    clock = Clock()
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for _ in range(800):
        limiter.on_success(limiter.acquire())
    for moment in [limiter.acquire() for _ in range(50)]:
        limiter.on_throttled(moment, 10)
    assert limiter.per_minute == 1500
