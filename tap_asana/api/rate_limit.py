"""How fast requests may leave: the allowance per minute, and the holds that Asana asks for."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from tap_asana.api.clocks import MINUTE_SECONDS, ServerClock
from tap_asana.errors import RunCancelled

WINDOW_SECONDS = 61.0
"""Seconds in which the allowance is spent: a minute, and one second for answers that travel unevenly."""

FREE_PLAN_PER_MINUTE = 150
"""Requests a minute on free plans, the one tier below the paid one (facts, section 4)."""

ENDPOINT_LIMITS: Mapping[str, int] = {"search": 60}
"""Requests a minute of the endpoints that have an allowance of their own beside the general one."""

COUNT_TOLERANCE = 0.1
"""Two refusals at counts this close to each other mean a limit, not a costly request."""

PROBE_TIMEOUT_SECONDS = 10.0
"""Seconds that a probe waits for the answers to what left before it: else it could come to Asana before that."""

MIN_CREDIBLE_COUNT = 50
"""Asana lets so many requests be in flight (facts, section 4): a refusal at fewer is not for their rate."""


class RateLimiter:
    """A limit on requests that all threads share.

    At most `per_minute` requests leave in any window. A 429 holds everybody for as long as it
    says; where the count at that moment tells a lower limit, that limit is kept (design, section 2).

    Until it is known whether the limit is the free plan's, what goes beyond that leaves when nothing is out. Such a
    probe proves a higher limit where it is accepted as the 151st of one minute, however Asana counts minutes: the last
    60 seconds, by its clock, or from the end of a hold. Nothing leaves while Asana's clock turns, so that it is known
    which requests a minute holds. A request may also be refused for its cost: what one refusal near the free plan's
    limit told is doubted, by going on with probes until one proves more or another refusal confirms it.

    `clock` is monotonic seconds; `sleep` waits, and returns true when the run is ending.
    Each request is told apart by the moment it counts from; what came of it has to be told, whatever it was.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Start with the whole allowance unspent."""
        self.per_minute = per_minute
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._sent: deque[float] = deque()
        self._last = float("-inf")
        self._held_until = float("-inf")
        self._held_at = float("-inf")
        self._refused_at_count: int | None = None
        self._probe: float | None = None
        self._in_flight: set[float] = set()
        self._configured_limit = per_minute
        self._limit_known = per_minute <= FREE_PLAN_PER_MINUTE
        self._limit_uncertain = False
        self._minutes = ServerClock()
        self._count_from = float("-inf")

    def acquire(self) -> float:
        """Block until a request may leave; return the moment it counts from. Raises Stopped when the run is ending."""
        while True:
            with self._lock:
                now = self._clock()
                delay = self._delay(now)
                if delay <= 0:
                    return self._leave(now)
            if self._sleep(delay):
                raise RunCancelled

    def _leave(self, now: float) -> float:
        moment = self._last = max(now, math.nextafter(self._last, math.inf))
        if self._probing():
            self._probe = moment
        self._sent.append(moment)
        self._in_flight.add(moment)
        return moment

    def _delay(self, now: float) -> float:
        while self._sent and self._sent[0] + WINDOW_SECONDS <= now:
            self._sent.popleft()
        turned = float("-inf") if self._limit_known else self._minutes.last_minute_boundary(now)
        if now < max(self._held_until, turned):
            return max(self._held_until, turned) - now
        if self._probe is not None or (
            self._probing() and any(sent > now - PROBE_TIMEOUT_SECONDS for sent in self._in_flight)
        ):
            return 0.05
        if len(self._sent) >= (self._configured_limit if self._limit_uncertain else self.per_minute):
            return self._sent[0] + WINDOW_SECONDS - now
        return 0.0

    def _probing(self) -> bool:
        return not self._limit_known and self._count(self._count_from, math.inf) >= FREE_PLAN_PER_MINUTE

    def _count(self, since: float, before: float) -> int:
        return sum(1 for moment in self._sent if since <= moment < before)

    def observe_date(self, sent: float, date: float) -> None:
        """Note the date, in epoch seconds, of the answer to the request sent at that moment."""
        with self._lock:
            self._minutes.observe_date(sent, self._clock(), date)

    def on_success(self, sent: float) -> None:
        """Note that the request sent at that moment was not refused for its rate."""
        with self._lock:
            self._in_flight.discard(sent)
            if self._probe == sent:
                self._probe = None
                self._passed(sent, self._clock())

    def _passed(self, probe: float, now: float) -> None:
        """Note what a probe proves that was accepted."""
        begun = [moment for moment in self._sent if moment < probe][-FREE_PLAN_PER_MINUTE:]
        if len(begun) < FREE_PLAN_PER_MINUTE or now - begun[0] >= MINUTE_SECONDS:
            return
        turned = max(self._minutes.last_minute_boundary(now), self._held_until)
        if turned > begun[0]:
            self._count_from = turned
        else:
            self.per_minute, self._limit_known, self._limit_uncertain = self._configured_limit, True, False

    def on_lost(self, sent: float) -> None:
        """Note that nothing came back for the request sent at that moment: another has to probe."""
        with self._lock:
            self._in_flight.discard(sent)
            if self._probe == sent:
                self._probe = None

    def on_throttled(self, sent: float, after: float) -> None:
        """Note a 429 for the request sent at that moment: hold everybody for `after` seconds.

        Requests that were in flight when the hold began tell nothing new about the limit.
        """
        with self._lock:
            now = self._clock()
            self._in_flight.discard(sent)
            self._held_until = max(self._held_until, now + after)
            if self._probe == sent:
                self._probe = None
            if sent > self._held_at:
                self._held_at = self._last
                self._learn(sent)

    def _learn(self, sent: float) -> None:
        """Keep a lower limit where the number of requests that went before tells one."""
        before, count = self._refused_at_count, self._count(float("-inf"), sent)
        self._refused_at_count = count
        if any(
            abs(each - FREE_PLAN_PER_MINUTE) <= FREE_PLAN_PER_MINUTE * COUNT_TOLERANCE
            for each in (count, self._count(self._count_from, sent))
        ):
            self._limit_known, self._limit_uncertain = (
                self.per_minute <= FREE_PLAN_PER_MINUTE,
                self.per_minute > FREE_PLAN_PER_MINUTE,
            )
            self.per_minute = min(FREE_PLAN_PER_MINUTE, self.per_minute)
        elif before is not None and count >= MIN_CREDIBLE_COUNT and abs(count - before) <= before * COUNT_TOLERANCE:
            self.per_minute = count
