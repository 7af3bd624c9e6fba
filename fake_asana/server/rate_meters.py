"""The forms of a rate limit: how requests are counted, and what a 429 says."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Literal, get_args

from fake_asana.model.choices import open_point

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WINDOW_SECONDS = 60
THIRTY_SECONDS = "30"

Counting = Literal["minute", "sliding", "bucket"]
RetryAfter = Literal["seconds", "date", "past date", "zero", "negative", "word", "thirty", "absent"]
RETRY_AFTER_FORMS: tuple[RetryAfter, ...] = get_args(RetryAfter)


@dataclass(frozen=True)
class RateForm:
    """One plausible form of the rate limit."""

    counting: Counting = open_point("minute", "sliding", "bucket")  # noqa: RUF009 - a field
    """Count requests by minutes of the clock, in the last 60 seconds, or in a bucket that refills evenly."""

    burst: int = open_point(1, 10)
    """Requests that a full bucket holds."""

    charges_refused: bool = True
    """Count refused requests too; a bucket then owes them."""

    retry_after: RetryAfter = open_point(*RETRY_AFTER_FORMS)  # noqa: RUF009 - a field
    """Form of the header Retry-After."""

    costly_every: int = open_point(0, 7, 60)
    """Refuse one request in this many for its cost alone, whatever the rate; 0 for none."""

    costly_seconds: int = 5
    """Seconds that such a refusal asks everyone to wait."""


@dataclass
class RateMeter:
    """The requests of one token against one limit; `spend` counts them."""

    per_minute: int
    form: RateForm = field(default_factory=RateForm)
    requests: int = 0
    minute: int = -1
    count: int = 0
    recent: deque[float] = field(default_factory=deque)
    tokens: float = math.nan
    since: float = 0.0

    def spend(self, now: float) -> float | None:
        """Count a request; return None if it is accepted, else the seconds until the next one is."""
        self.requests += 1
        if self.form.costly_every and self.requests % self.form.costly_every == 0:
            return float(self.form.costly_seconds)
        return COUNTINGS[self.form.counting](self, now)

    def spend_in_minute(self, now: float) -> float | None:
        """Count a request in its minute of the clock."""
        minute = int(now // WINDOW_SECONDS)
        if minute != self.minute:
            self.minute, self.count = minute, 0
        is_accepted = self.count < self.per_minute
        self.count += is_accepted or self.form.charges_refused
        return None if is_accepted else WINDOW_SECONDS - now % WINDOW_SECONDS

    def spend_in_window(self, now: float) -> float | None:
        """Count a request in the last 60 seconds."""
        recent = self.recent
        while recent and recent[0] <= now - WINDOW_SECONDS:
            recent.popleft()
        is_accepted = len(recent) < self.per_minute
        if is_accepted or self.form.charges_refused:
            recent.append(now)
        return None if is_accepted else recent[-self.per_minute] + WINDOW_SECONDS - now

    def spend_from_bucket(self, now: float) -> float | None:
        """Take a request from the bucket."""
        rate = self.per_minute / WINDOW_SECONDS
        tokens = self.form.burst if math.isnan(self.tokens) else self.tokens + (now - self.since) * rate
        self.tokens, self.since = min(float(self.form.burst), tokens), now
        is_accepted = self.tokens >= 1
        if is_accepted or self.form.charges_refused:
            self.tokens -= 1
        return None if is_accepted else (1 - self.tokens) / rate

    def headers(self, seconds: float, now: float) -> dict[str, str]:
        """Return the headers of a refusal that lasts for so many seconds."""
        value = RETRY_AFTER_VALUES[self.form.retry_after](max(1, math.ceil(seconds)), now)
        return {} if value is None else {"Retry-After": value}


def http_date(moment: float) -> str:
    """Return an instant as a date of HTTP."""
    return format_datetime(datetime.fromtimestamp(moment, tz=timezone.utc), usegmt=True)


COUNTINGS: Mapping[str, Callable[[RateMeter, float], float | None]] = {
    "minute": RateMeter.spend_in_minute,
    "sliding": RateMeter.spend_in_window,
    "bucket": RateMeter.spend_from_bucket,
}
RETRY_AFTER_VALUES: Mapping[str, Callable[[int, float], str | None]] = {
    "seconds": lambda seconds, _: str(seconds),
    "date": lambda seconds, now: http_date(math.ceil(now) + seconds),
    "past date": lambda _, now: http_date(now - WINDOW_SECONDS),
    "zero": lambda _, __: "0",
    "negative": lambda seconds, _: str(-seconds),
    "word": lambda _, __: "soon",
    "thirty": lambda _, __: THIRTY_SECONDS,
    "absent": lambda _, __: None,
}
