"""Keeps page tokens from expiring while the target is slow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet

logger = logging.getLogger(__name__)


class HoldsTokens(Protocol):
    """A read that holds page tokens."""

    def refresh_stale(self, before: float) -> int:
        """Fetch the pages whose tokens were issued before a moment; return their number."""


class PageTokenKeepAlive:
    """Uses the page tokens of all reads in time, because a read takes its pages only as fast as the target."""

    def __init__(self, clock: Callable[[], float], max_age: float, interval: float) -> None:
        """Watch nothing yet; `clock` returns monotonic seconds, and a token older than `max_age` is used."""
        self._clock = clock
        self._max_age = max_age
        self._interval = interval
        self._lock = threading.Lock()
        self._holders: WeakSet[HoldsTokens] = WeakSet()
        self._has_logged = False

    def register(self, holder: HoldsTokens) -> None:
        """Watch a read for as long as it exists."""
        with self._lock:
            self._holders.add(holder)

    @property
    def stale_before(self) -> float:
        """Return the moment before which a token must have been issued to be stale now."""
        return self._clock() - self._max_age

    def refresh_stale(self) -> None:
        """Fetch the pages of all stale tokens."""
        with self._lock:
            holders = list(self._holders)
        count = sum(holder.refresh_stale(self.stale_before) for holder in holders)
        if count and not self._has_logged:
            self._has_logged = True
            logger.info("the target is slow: buffering pages on disk before their page tokens expire")

    def start(self, is_ending: threading.Event) -> None:
        """Refresh stale tokens every half minute until the run ends, in a daemon thread."""

        def refresh() -> None:
            while not is_ending.wait(self._interval):
                self.refresh_stale()

        threading.Thread(target=refresh, name="keepalive", daemon=True).start()
