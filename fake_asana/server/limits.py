"""The limits of the server, and the counts of requests."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_asana.messages import ApiError
from fake_asana.server.rate_meters import RateForm, RateMeter

RATE_LIMITED = "You have made too many requests and hit a rate limit. Please retry after the given amount of time."


@dataclass(frozen=True)
class Limits:
    """The server's limits; None means unlimited."""

    per_minute: int | None = None
    """Requests per token and minute."""

    rate_form: RateForm = field(default_factory=RateForm)
    """How the requests per token are counted, and what a 429 says."""

    search_per_minute: int | None = None
    """Searches per token and clock minute, including rejected ones."""

    in_flight: int | None = 50
    """Concurrent requests of a token."""

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
class RateMeters:
    """The meters of all tokens and limits, by key."""

    meters: dict[str, RateMeter] = field(default_factory=dict)

    def spend(self, key: str, limit: int | None, now: float, form: RateForm | None = None) -> None:
        """Count one request; ApiError 429 if it exceeds the limit."""
        if limit is None:
            return
        meter = self.meters.setdefault(key, RateMeter(limit, form or RateForm()))
        seconds = meter.spend(now)
        if seconds is not None:
            raise ApiError(429, RATE_LIMITED, meter.headers(seconds, now))
