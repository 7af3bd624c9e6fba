"""Instants: whole milliseconds inside the world, ISO 8601 text outside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from threading import Lock

Clock = Callable[[], float]
SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class ManualClock:
    """A clock that only `advance` moves; in seconds since the epoch."""

    def __init__(self, now: float = 1_780_000_000.0) -> None:
        """Start at `now`."""
        self.now, self.lock = now, Lock()

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds`, from any thread."""
        with self.lock:
            self.now += seconds


def to_datetime(milliseconds: int) -> datetime:
    """Return the instant as an aware UTC datetime."""
    return EPOCH + timedelta(milliseconds=milliseconds)


@lru_cache(maxsize=4096)  # the same instants are in many records
def format_instant(milliseconds: int | None) -> str | None:
    """Return the instant in Asana's form: UTC with milliseconds."""
    if milliseconds is None:
        return None
    return f"{to_datetime(milliseconds):%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


@lru_cache(maxsize=4096)
def format_day(milliseconds: int | None) -> str | None:
    """Return the UTC calendar day of an instant."""
    return None if milliseconds is None else f"{to_datetime(milliseconds):%Y-%m-%d}"


def parse_milliseconds(text: str) -> int:
    """Return the milliseconds of an ISO 8601 instant or day, UTC by default; ValueError if unreadable."""
    parsed = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace(" ", "+"))
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)
    return round((aware - EPOCH).total_seconds() * 1000)
