"""Keeps the lists that were begun from going stale while the target is slow (facts 3.6)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet

logger = logging.getLogger(__name__)


class HoldsTokens(Protocol):
    """Something that holds page tokens."""

    def refresh_stale(self, before: float) -> int:
        """Use the tokens that came before a moment, in place of whoever should; return how many they were."""


class PageTokenKeepAlive:
    """Looks after all readings of a run, which each take their pages as slowly as the target reads."""

    def __init__(self, clock: Callable[[], float], max_age: float, interval: float) -> None:
        """Watch nothing yet; `clock` returns monotonic seconds, a token older than `max_age` is used."""
        self._clock = clock
        self._max_age = max_age
        self._interval = interval
        self._lock = threading.Lock()
        self._holders: WeakSet[HoldsTokens] = WeakSet()
        self._has_warned = False

    def register(self, kept: HoldsTokens) -> None:
        """Look after a reading for as long as it lives."""
        with self._lock:
            self._holders.add(kept)

    @property
    def stale_before(self) -> float:
        """Return the moment before which a token must have come to be used now."""
        return self._clock() - self._max_age

    def refresh_stale(self) -> None:
        """Use the tokens that have waited for AGE."""
        with self._lock:
            kept = list(self._holders)
        count = sum(each.refresh_stale(self.stale_before) for each in kept)
        if count and not self._has_warned:
            self._has_warned = True
            logger.info("the target is slower than Asana: pages whose tokens would expire wait on disk")

    def start(self, ending: threading.Event) -> None:
        """Refresh stale tokens every half minute until the run ends, in a daemon thread."""

        def refresh() -> None:
            while not ending.wait(self._interval):
                self.refresh_stale()

        threading.Thread(target=refresh, name="keepalive", daemon=True).start()
