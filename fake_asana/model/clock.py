"""Instants: whole milliseconds inside the world, ISO 8601 text outside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from threading import Lock

Clock = Callable[[], float]
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class ManualClock:
    """A clock that moves only when it is told to: seconds since the epoch."""

    def __init__(self, now: float = 1_780_000_000.0) -> None:
        """Start at `now`."""
        self.now, self.lock = now, Lock()

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; from any thread."""
        with self.lock:
            self.now += seconds


def moment(milliseconds: int) -> datetime:
    """The instant as an aware UTC datetime."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def instant(milliseconds: int | None) -> str | None:
    """The instant as Asana writes it: UTC with milliseconds."""
    if milliseconds is None:
        return None
    return f"{moment(milliseconds):%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def day(milliseconds: int | None) -> str | None:
    """The UTC calendar day of an instant."""
    return None if milliseconds is None else f"{moment(milliseconds):%Y-%m-%d}"


def parse(text: str) -> int:
    """Milliseconds of an ISO 8601 instant or day, UTC when it names no zone; ValueError otherwise."""
    found = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace(" ", "+"))
    aware = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
    return round((aware - EPOCH).total_seconds() * 1000)
