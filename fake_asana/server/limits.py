"""What the server allows, and the counting of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from fake_asana.messages import ApiError

BUSY = "You have made too many requests and hit a rate limit. Please retry after the given amount of time."
WINDOW = 60


@dataclass(frozen=True)
class Limits:
    """The server's limits; None is no limit.

    `per_minute` counts per token and clock minute, rejected requests too; `in_flight` counts
    requests being answered at once. `unpaged` is how many rows a list without `limit` may hold,
    `users` where the alphabetical user lists end, `truncate` after how many rows a list breaks
    off with an error. `token_life` and `sync_life` (of event streams) are in seconds. One page in
    `short_every` (0: none) is half as long as it could be. After `circle_after` rows (0: never) the token of a list's
    next page is that of its first one. An export takes `export_seconds`.

    A search sees changes that are older than `search_lag` seconds; younger ones as they were, or,
    with `search_fresh`, in their old place with their new fields. `search_inclusive` names the bounds
    (`after`, `before`) of filters by time that let their own instant through.
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

    def budget(self, name: str) -> int | None:
        """How many requests a minute may spend from an allowance of its own."""
        return {"search": self.search_per_minute}[name]


@dataclass
class Allowance:
    """Requests per clock minute and key; what is over is told when to come back."""

    used: dict[str, tuple[int, int]] = field(default_factory=dict)

    def count(self, key: str, now: float) -> int:
        """Count one request; how many this minute has seen."""
        minute = int(now // WINDOW)
        last, count = self.used.get(key, (minute, 0))
        count = count + 1 if last == minute else 1
        self.used[key] = (minute, count)
        return count

    def spend(self, key: str, most: int | None, now: float) -> None:
        """Count one request; ApiError 429 with Retry-After when the minute has no room for it."""
        count = self.count(key, now)
        if most is not None and count > most:
            rest = max(1, math.ceil(WINDOW - now % WINDOW))
            raise ApiError(429, BUSY, {"Retry-After": str(rest)})
