"""How Asana's clock compares with the local one, as far as its responses show.

ClockSkew bounds the difference for bookmarks: none may be later than Asana's clock (law 1).
ServerClock narrows the difference down for the rate limiter, which must know when Asana's minute ends.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from tap_asana.api.decoding import is_timestamp
from tap_asana.config import parse_date_time

SERVER_TIME_FIELDS = ("modified_at", "created_at")
"""Fields that hold a time of Asana's own clock."""

MINUTE_SECONDS = 60.0
BOUNDARY_MARGIN_SECONDS = 1.0
"""Seconds before and after the end of a minute in which Asana may count a request in either minute."""

MAX_UNCERTAINTY_SECONDS = 10.0
"""How precisely Asana's clock must be known, in seconds; slow responses are too imprecise."""


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


class ServerClock:
    """Asana's clock, expressed by the local clock.

    A Date header is in whole seconds, and Asana wrote it at some moment between request and response. Each response
    therefore gives a lower and an upper bound of the difference between the clocks, and many responses narrow it down.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._min_offset, self._max_offset = -math.inf, math.inf

    def observe_date(self, sent: float, now: float, date: float) -> None:
        """Use the Date, in epoch seconds, of a response that arrives at `now` to a request sent at `sent`."""
        lower, upper = date - now, date + 1 - sent
        self._min_offset, self._max_offset = max(self._min_offset, lower), min(self._max_offset, upper)
        if self._min_offset > self._max_offset:  # one of the clocks was set
            self._min_offset, self._max_offset = lower, upper

    def last_minute_boundary(self, now: float) -> float:
        """Return the local time at which the latest possible minute boundary has passed for certain.

        It can lie in the future. Minus infinity if Asana's clock is not known precisely enough.
        """
        if self._max_offset - self._min_offset > MAX_UNCERTAINTY_SECONDS:
            return -math.inf
        minute = math.floor((now + self._max_offset + BOUNDARY_MARGIN_SECONDS) / MINUTE_SECONDS)
        return minute * MINUTE_SECONDS - self._min_offset + BOUNDARY_MARGIN_SECONDS
