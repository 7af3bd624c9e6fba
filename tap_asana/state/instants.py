"""Instants as Asana and the state write them: ISO 8601, UTC, milliseconds.

A file of its own because the shape of the state, the bookmarks and the tasks all need it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from tap_asana.config import END_OF_TIME, EPOCH, parse_date_time
from tap_asana.errors import AsanaError

NEW_SECONDS = 600
"""Age of an object up to which a 404 for its gid does not prove that it is gone."""


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 date or date-time, in UTC if it names no time zone.

    A year outside the range that Asana can know is clamped to EPOCH or END_OF_TIME. Raises AsanaError for other text.
    """
    try:
        return min(max(parse_date_time(text), EPOCH), END_OF_TIME)
    except (ValueError, OverflowError):
        raise AsanaError(f"state: {text!r} is not an ISO 8601 instant such as 2026-01-31T08:00:00Z") from None


def format_instant(moment: datetime) -> str:
    """Write an instant as Asana does: UTC, milliseconds, rounded down."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def look_back(moment: datetime, seconds: int) -> datetime:
    """Return the instant this many seconds earlier, but not before EPOCH."""
    return EPOCH + timedelta(milliseconds=max(0, (moment - EPOCH) // timedelta(milliseconds=1) - 1000 * seconds))


def new_since(start: str) -> str:
    """Return the `created_at` of the oldest objects that Asana may list, and not know by their gids yet, in a run."""
    return format_instant(look_back(parse_instant(start), NEW_SECONDS))
