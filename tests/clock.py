"""Clocks for tests, which advance only by sleeping, and a rate limiter for a fake's clock."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable

from typing_extensions import override

from fake_asana.model.clock import ManualClock
from tap_asana.api.rate_limit import RateLimiter

PATIENCE = 20.0
"""Real seconds after which a test stops waiting for a thread; reached only if something hangs."""

ENDLESS = 50_000
"""Sleeps after which a test fails instead of running forever."""


class Clock:
    """A clock for one thread: sleeping advances it, and is recorded."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        """Start at a moment in epoch seconds."""
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        assert len(self.slept) < ENDLESS, "nothing ends this"
        self.now += seconds


class Turns:
    """A clock for several threads that run one at a time: when all sleep, it advances to the next wake-up.

    A run therefore depends on its workers only, not on the speed of threads.
    """

    def __init__(self) -> None:
        """Start at zero, with nobody there."""
        self.now = 0.0
        self._sleepers: list[tuple[float, int, threading.Event]] = []
        self._slept = 0
        self._paused = threading.Semaphore(0)
        self._failures: list[BaseException] = []

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Give the turn away until that time has passed."""
        turn = threading.Event()
        self._slept += 1
        assert self._slept < ENDLESS, "nothing ends this"
        heapq.heappush(self._sleepers, (self.now + seconds, self._slept, turn))
        self._paused.release()
        assert turn.wait(PATIENCE), "nobody moved the clock on"

    def run(self, *workers: Callable[[], None]) -> None:
        """Run all workers to their end; raises the exception of the first that fails."""
        for worker in workers:
            threading.Thread(target=self._perform, args=(worker,), daemon=True).start()
            self._await()
        while self._sleepers:
            self.now, _, turn = heapq.heappop(self._sleepers)
            turn.set()
            self._await()
        if self._failures:
            raise self._failures[0]

    def _await(self) -> None:
        assert self._paused.acquire(timeout=PATIENCE), "a worker neither sleeps nor ends"

    def _perform(self, worker: Callable[[], None]) -> None:
        self.sleep(0)
        try:
            worker()
        except BaseException as failure:  # noqa: BLE001 - raised again in the main thread
            self._failures.append(failure)
        self._paused.release()


class Unhindered(RateLimiter):
    """A rate limiter that waits only after a 429: threads that wait for a pace would advance the fake's clock."""

    def __init__(self, now: ManualClock) -> None:
        """Wait by advancing this clock."""
        super().__init__(10**9, clock=now, sleep=now.advance)

    @override
    def delay(self) -> float:
        return max(0.0, self._paused_until - self._clock())
