"""When to retry a failed request, and when failures mean that Asana is unreachable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import backoff

MAX_ATTEMPTS = 9
"""Attempts for one request; the eight delays between them add up to between one and two minutes."""


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """When the client stops trying."""

    attempts: int = MAX_ATTEMPTS
    """Attempts for one request."""

    root_attempts: int = 5
    """Attempts for the root request that checks for an outage; the other request has failed for a minute already."""

    debt_attempts: int = 5
    """Attempts for a list that an earlier run skipped; every run requests it again."""

    consecutive_429: int = 100
    """429s in a row after which a request fails; each 429 has paused all requests."""

    list_restarts: int = 10
    """How often one list may start again because its page token had expired or its pages repeated."""

    consecutive_failures: int = 100
    """Failed requests in a row that count as an outage, even if Asana answers the root request."""

    min_page_rows: int = 10
    """Smallest page size that timeouts (504) lead to."""


def backoff_delays(attempts: int = MAX_ATTEMPTS) -> Iterator[float | None]:
    """Yield the seconds to wait after each attempt, with jitter; None after the last attempt.

    Half of each delay is fixed, so that every request survives a minute without a network.
    """
    steps = backoff.expo(max_value=30)
    next(steps)
    for step in islice(steps, attempts - 1):
        yield _with_jitter(step)
    yield None


def _with_jitter(seconds: float) -> float:
    return seconds / 2 + backoff.full_jitter(seconds / 2)


class Reachability:
    """Whether Asana is reachable, for the decision between one broken parent and an outage.

    A request that fails on every attempt can mean either. The root request (the list of workspaces) decides, because
    every token may read it: it is sent before a parent is skipped, unless Asana has answered a later request.
    Requests have ascending numbers for this comparison.
    """

    def __init__(self, max_failures: int) -> None:
        """Treat `max_failures` failed requests in a row as an outage."""
        self._max_failures = max_failures
        self._failures = 0
        self._latest_answered: dict[str, int] = {}
        self._lock = threading.Lock()
        self._root_lock = threading.Lock()

    def record_answer(self, token: str, number: int, *, root: bool) -> None:
        """Record that Asana itself answered a request. Answers to the root do not end a series of failures."""
        with self._lock:
            self._latest_answered[token] = max(number, self._latest_answered.get(token, number))
            if not root:
                self._failures = 0

    @property
    def has_answered(self) -> bool:
        """Return whether Asana has answered any request of this run."""
        return bool(self._latest_answered)

    def record_failure(self) -> bool:
        """Count a request that failed on every attempt; return whether so many in a row are an outage."""
        with self._lock:
            self._failures += 1
            return self._failures >= self._max_failures

    def confirm(self, token: str, number: int, request_root: Callable[[], object]) -> None:
        """Send the root request, unless Asana has answered a request with this token and a later number.

        One thread does it for all. Errors of `request_root` (Asana is unreachable or rejects the token) pass through.
        """
        with self._root_lock:
            if self._latest_answered.get(token, -1) <= number:
                request_root()
