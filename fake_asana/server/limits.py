"""The limits of the server, and the counts of requests."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from fake_asana.messages import ApiError

RATE_LIMITED = "You have made too many requests and hit a rate limit. Please retry after the given amount of time."
WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Limits:
    """The server's limits; None means unlimited.

    `per_minute` counts per token and clock minute, including rejected requests; `in_flight` counts concurrent requests.
    `unpaged` is the largest list without `limit`, `users` the length of the alphabetical user lists, `truncate` the
    number of rows after which a list fails. `token_life` and `sync_life` (of event streams) are in seconds. One page in
    `short_every` (0: none) is half as long as possible. After `circle_after` rows (0: never) a list starts over. An
    export takes `export_seconds`.

    A search finds changes older than `search_lag` seconds. It returns newer ones as they were before, or, with
    `search_fresh`, in their old position with new fields. `search_inclusive` names the bounds (`after`, `before`) of
    time filters that include their own instant.
    """

    per_minute: int | None = None
    search_per_minute: int | None = None
    in_flight: int | None = 50
    unpaged: int = 1000
    users: int = 2000
    truncate: int | None = None
    token_life: int = 900
    short_every: int = 0
    circle_after: int = 0
    sync_life: int = 86400
    export_seconds: int = 60
    search_lag: int = 0
    search_fresh: bool = False
    search_inclusive: frozenset[str] = frozenset()

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
