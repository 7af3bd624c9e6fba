"""Keeps the lists that were begun from going stale while the target is slow (facts 3.6)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet

MAX_TOKEN_AGE_SECONDS = 300.0
"""Seconds that a page token waits for its turn; Asana takes none that is older than 900."""

CHECK_INTERVAL_SECONDS = 30.0
"""Seconds between two looks at what waits."""

logger = logging.getLogger(__name__)


class HoldsTokens(Protocol):
    """Something that holds page tokens."""

    def refresh_stale(self, before: float) -> int:
        """Use the tokens that came before a moment, in place of whoever should; return how many they were."""


class PageTokenKeepAlive:
    """Looks after all readings of a run, which each take their pages as slowly as the target reads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Look after nothing yet; `clock` gives seconds, and is the one by which readings note what waits."""
        self.clock = clock
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
        return self.clock() - MAX_TOKEN_AGE_SECONDS

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
            while not ending.wait(CHECK_INTERVAL_SECONDS):
                self.refresh_stale()

        threading.Thread(target=refresh, name="keepalive", daemon=True).start()
