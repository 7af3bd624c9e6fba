"""How long to wait before a failed request is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import backoff

MAX_ATTEMPTS = 9
"""Tries for one request; the eight waits between them take a minute at the least and two at the most."""


def backoff_delays(attempts: int = MAX_ATTEMPTS) -> Iterator[float | None]:
    """Yield the seconds to wait after each try, with jitter; None after the last one.

    Half of each wait is fixed, so that every request outlasts a minute without a network.
    """
    steps = backoff.expo(max_value=30)
    next(steps)
    for step in islice(steps, attempts - 1):
        yield _jittered(step)
    yield None


def default_throttle_delay(tries: int) -> float:
    """Return the seconds to hold all requests after a 429 that names no time; `tries` counts its repetitions from 0."""
    return _jittered(min(60.0, 2.0**tries))


def _jittered(seconds: float) -> float:
    return seconds / 2 + backoff.full_jitter(seconds / 2)
