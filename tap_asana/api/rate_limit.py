"""How fast requests may be sent: Asana's limit per minute, and the pauses that Asana asks for."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from tap_asana.api.clocks import MINUTE_SECONDS, ServerClock
from tap_asana.errors import RunCancelled

WINDOW_SECONDS = 61.0
"""Seconds in which at most the limit is sent: a minute, and one second for the variation of latency."""

FREE_PLAN_PER_MINUTE = 150
"""Requests per minute on free plans; paid plans have the only other limit, 1500."""

ENDPOINT_LIMITS: Mapping[str, int] = {"search": 60}
"""Requests per minute of endpoints with a limit of their own, in addition to the general one."""

COUNT_TOLERANCE = 0.1
"""Relative difference up to which two 429s at similar counts show a limit, and not one costly request."""

PROBE_TIMEOUT_SECONDS = 10.0
"""Seconds that a probe waits for earlier requests to be answered, so that it does not overtake them."""

PROBE_POLL_SECONDS = 0.05
"""Seconds between two checks whether a probe may be sent or has been answered."""

MIN_CREDIBLE_COUNT = 50
"""Count below which a 429 does not show a limit per minute: Asana allows 50 requests in flight."""


class RateLimiter:
    """A limit on requests that all threads share.

    At most `per_minute` requests are sent in any window. A 429 pauses all requests for the time that it names; if the
    count at that moment shows a lower limit, the limiter keeps that limit.

    Until it is known whether the free plan's limit applies, each request beyond that limit is a probe, sent while no
    other request is in flight. If Asana accepts a probe as the 151st request of one minute, the limit is higher. Asana
    may count the last 60 seconds, minutes of its clock, or the time since a pause; so nothing is sent around the end
    of a minute of Asana's clock, and the requests of each minute are known. Asana also rejects single requests for
    their cost. One 429 near the free plan's limit therefore leaves the limit uncertain: probes continue until one
    shows a higher limit, or another 429 confirms the lower one.

    `clock` returns monotonic seconds. `sleep(seconds)` returns true if the run is ending. Each request is identified by
    the time of its permit, and its outcome must be reported by `on_success`, `on_throttled` or `on_lost`.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Start without any requests."""
        self.per_minute = per_minute
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._recent_permits: deque[float] = deque()
        self._last_permit = -math.inf
        self._paused_until = -math.inf
        self._last_permit_before_pause = -math.inf
        self._count_at_429: int | None = None
        self._probe: float | None = None
        self._in_flight: set[float] = set()
        self._configured_limit = per_minute
        self._limit_known = per_minute <= FREE_PLAN_PER_MINUTE
        self._limit_uncertain = False
        self._server_clock = ServerClock()
        self._count_from = -math.inf

    def acquire(self) -> float:
        """Block until a request may be sent, and return its permit; raises RunCancelled if the run is ending."""
        while True:
            with self._lock:
                now = self._clock()
                delay = self._delay(now)
                if delay <= 0:
                    return self._grant(now)
            if self._sleep(delay):
                raise RunCancelled

    def _grant(self, now: float) -> float:
        permit = self._last_permit = max(now, math.nextafter(self._last_permit, math.inf))
        if self._must_probe():
            self._probe = permit
        self._recent_permits.append(permit)
        self._in_flight.add(permit)
        return permit

    def _delay(self, now: float) -> float:
        while self._recent_permits and self._recent_permits[0] + WINDOW_SECONDS <= now:
            self._recent_permits.popleft()
        boundary = -math.inf if self._limit_known else self._server_clock.last_minute_boundary(now)
        resume_at = max(self._paused_until, boundary)
        if now < resume_at:
            return resume_at - now
        if self._probe is not None or (
            self._must_probe() and any(sent > now - PROBE_TIMEOUT_SECONDS for sent in self._in_flight)
        ):
            return PROBE_POLL_SECONDS
        if len(self._recent_permits) >= (self._configured_limit if self._limit_uncertain else self.per_minute):
            return self._recent_permits[0] + WINDOW_SECONDS - now
        return 0.0

    def _must_probe(self) -> bool:
        return not self._limit_known and self._count(self._count_from, math.inf) >= FREE_PLAN_PER_MINUTE

    def _count(self, since: float, before: float) -> int:
        return sum(1 for permit in self._recent_permits if since <= permit < before)

    def observe_date(self, permit: float, date: float) -> None:
        """Use the Date header, in epoch seconds, of the response to the request with this permit."""
        with self._lock:
            self._server_clock.observe_date(permit, self._clock(), date)

    def on_success(self, permit: float) -> None:
        """Record a response other than 429."""
        with self._lock:
            self._in_flight.discard(permit)
            if self._probe == permit:
                self._probe = None
                self._on_accepted_probe(permit, self._clock())

    def _on_accepted_probe(self, probe: float, now: float) -> None:
        """Raise the limit if the probe was the 151st request of one minute, by each way to count minutes."""
        before = [permit for permit in self._recent_permits if permit < probe][-FREE_PLAN_PER_MINUTE:]
        if len(before) < FREE_PLAN_PER_MINUTE or now - before[0] >= MINUTE_SECONDS:
            return
        minute_start = max(self._server_clock.last_minute_boundary(now), self._paused_until)
        if minute_start > before[0]:
            self._count_from = minute_start
        else:
            self.per_minute, self._limit_known, self._limit_uncertain = self._configured_limit, True, False

    def on_lost(self, permit: float) -> None:
        """Record that there was no response; if the request was a probe, another one must follow."""
        with self._lock:
            self._in_flight.discard(permit)
            if self._probe == permit:
                self._probe = None

    def on_throttled(self, permit: float, after: float) -> None:
        """Record a 429, and pause all requests for `after` seconds.

        Requests in flight at the start of the pause show nothing new about the limit.
        """
        with self._lock:
            now = self._clock()
            self._in_flight.discard(permit)
            self._paused_until = max(self._paused_until, now + after)
            if self._probe == permit:
                self._probe = None
            if permit > self._last_permit_before_pause:
                self._last_permit_before_pause = self._last_permit
                self._learn(permit)

    def _learn(self, permit: float) -> None:
        """Lower the limit if the number of requests before a 429 shows a lower one."""
        earlier, count = self._count_at_429, self._count(-math.inf, permit)
        self._count_at_429 = count
        near_free_plan = FREE_PLAN_PER_MINUTE * COUNT_TOLERANCE
        counts = (count, self._count(self._count_from, permit))
        if any(abs(count - FREE_PLAN_PER_MINUTE) <= near_free_plan for count in counts):
            self._limit_known = self.per_minute <= FREE_PLAN_PER_MINUTE
            self._limit_uncertain = not self._limit_known
            self.per_minute = min(FREE_PLAN_PER_MINUTE, self.per_minute)
        elif earlier is not None and count >= MIN_CREDIBLE_COUNT and abs(count - earlier) <= earlier * COUNT_TOLERANCE:
            self.per_minute = count
