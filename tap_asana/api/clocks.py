"""How Asana's clock compares with the local one, as far as its responses show.

ClockSkew bounds the difference for bookmarks: none may be later than Asana's clock (law 1).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from tap_asana.api.decoding import is_timestamp
from tap_asana.config import parse_date_time

SERVER_TIME_FIELDS = ("modified_at", "created_at")
"""Fields that hold a time of Asana's own clock."""


@lru_cache(maxsize=8)  # many responses have the same second
def parse_http_date(date: str | None) -> float | None:
    """Return an HTTP date in epoch seconds, None if it is missing or invalid."""
    try:
        return parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


class ClockSkew:
    """How many seconds the local clock is ahead of Asana's clock, and behind it. Shared by all threads.

    `ahead` and `behind` are the largest differences that the Date headers have shown. Without such headers, `max_ahead`
    is an upper bound: no response holds a future change, so the response is at least as young as the latest change in
    it.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        """Know nothing yet; `now` is the local clock, in epoch seconds."""
        self.ahead = self.behind = 0.0
        self.has_date = False
        self.max_ahead: float | None = None
        self._now = now
        self._lock = threading.Lock()

    def observe_date(self, date: str | None) -> float | None:
        """Use the Date header of a new response; return it in epoch seconds, None if it is missing or invalid."""
        server_time = parse_http_date(date)
        if server_time is None:
            return None
        ahead = self._now() - server_time
        with self._lock:
            # A Date is in whole seconds: Asana's clock may be almost one second later.
            self.ahead, self.behind = max(self.ahead, ahead), max(self.behind, 1 - ahead)
            self.has_date = True
        return server_time

    def observe_records(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Use the times of changes in a new response without a Date header."""
        values = (record.get(name) for record in records for name in SERVER_TIME_FIELDS)
        times = (
            parse_date_time(value).timestamp() for value in values if isinstance(value, str) and is_timestamp(value)
        )
        latest = max(times, default=None)
        if latest is not None:
            ahead = self._now() - latest
            with self._lock:
                self.max_ahead = ahead if self.max_ahead is None else min(self.max_ahead, ahead)
