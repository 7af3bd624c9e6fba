"""How long to wait before a failed request is tried again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import islice

import backoff

MAX_ATTEMPTS = 9
"""Tries for one request; the eight waits between them take a minute at the least and two at the most."""

MAX_CONSECUTIVE_FAILURES = 100
"""Requests that may fail for good in a row; more are an outage, even where the root still answers."""


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


class Reachability:
    """The latest request that Asana answered itself, by token, and how many failed for good since.

    A request that fails however often it is tried says little: one parent may be broken, or Asana away. The root tells:
    whoever has a token may read it. So it is asked before a parent is given up, unless Asana has answered something
    that left later. Requests are told apart by a number that ascends as they leave.
    """

    def __init__(self, max_failures: int) -> None:
        """Know of no answer yet."""
        self._max_failures = max_failures
        self._failures = 0
        self._answered: dict[str, int] = {}
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def record_answer(self, token: str, number: int, *, root: bool) -> None:
        """Note that Asana itself answered a request; the root's answer ends no row of failures."""
        with self._lock:
            self._answered[token] = max(number, self._answered.get(token, number))
            if not root:
                self._failures = 0

    @property
    def has_answered(self) -> bool:
        """Tell whether Asana has answered anything in this run."""
        return bool(self._answered)

    def record_failure(self) -> bool:
        """Count a request that failed for good; returns whether so many in a row are an outage."""
        with self._lock:
            self._failures += 1
            return self._failures >= self._max_failures

    def confirm(self, token: str, number: int, ask_root: Callable[[], object]) -> None:
        """Ask the root, unless Asana answered a request with this token that left after the one of that number.

        Raises what `ask_root` raises where Asana is away or refuses it. One thread asks for all.
        """
        with self._asking:
            if self._answered.get(token, -1) <= number:
                ask_root()
