"""The limits of the server, and the counts of requests."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from fake_asana.messages import ApiError

RATE_LIMITED = "You have made too many requests and hit a rate limit. Please retry after the given amount of time."
WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Limits:
    """The server's limits; None means unlimited."""

    per_minute: int | None = None
    """Requests per token and clock minute, including rejected ones."""

    search_per_minute: int | None = None
    """Searches per token and clock minute."""

    in_flight: int | None = 50
    """Concurrent requests."""

    unpaged: int = 1000
    """Rows of a list without `limit`."""

    users: int = 2000
    """Rows of the alphabetical user lists."""

    truncate: int | None = None
    """Rows after which a list fails."""

    token_life: int = 900
    """Lifetime of an offset token in seconds."""

    short_every: int = 0
    """One page in this many is half as long as possible; 0 for none."""

    circle_after: int = 0
    """Rows after which a list starts over; 0 for never."""

    sync_life: int = 86400
    """Lifetime of an event stream's sync token in seconds."""

    export_seconds: int = 60
    """Duration of an export."""

    search_lag: int = 0
    """Seconds before a search finds a change; until then it returns the task as it was."""

    search_fresh: bool = False
    """Return a task in its old position with its new fields during the lag."""

    search_inclusive: frozenset[str] = frozenset()
    """Bounds of time filters (`after`, `before`) that include their own instant."""

    def rate_limit(self, name: str) -> int | None:
        """Return the requests per minute of an additional limit."""
        return {"search": self.search_per_minute}[name]


@dataclass
class RequestCounts:
    """Requests per clock minute and key."""

    used: dict[str, tuple[int, int]] = field(default_factory=dict)

    def count(self, key: str, now: float) -> int:
        """Count one request and return the number in this minute."""
        minute = int(now // WINDOW_SECONDS)
        last, count = self.used.get(key, (minute, 0))
        count = count + 1 if last == minute else 1
        self.used[key] = (minute, count)
        return count

    def spend(self, key: str, limit: int | None, now: float) -> None:
        """Count one request; ApiError 429 with Retry-After if it exceeds the limit."""
        count = self.count(key, now)
        if limit is not None and count > limit:
            seconds_left = max(1, math.ceil(WINDOW_SECONDS - now % WINDOW_SECONDS))
            raise ApiError(429, RATE_LIMITED, {"Retry-After": str(seconds_left)})
