"""When requests may be sent: Asana's rate limit, which all threads share, and the pauses that Asana asks for."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tap_asana.api.ordered_lock import OrderedLock
from tap_asana.api.pace import MINUTE_SECONDS, Pace
from tap_asana.api.refusals import (
    FREE_PLAN_PER_MINUTE,
    MAX_UNPROVEN_IN_FLIGHT,
    Refusal,
    RefusalEvidence,
    requests_of_minute,
)
from tap_asana.errors import RunCancelled

ENDPOINT_LIMITS: Mapping[str, int] = {"search": 60}
"""Requests per minute of endpoints with a limit of their own, in addition to the general one."""

LONG_PAUSE_SECONDS = 3.0
"""Retry-After from which a 429 may ask to wait for the end of a minute."""

LONG_SILENCE_SECONDS = 5.0
"""Seconds of pauses after which a limit per minute is likely; Asana named no time."""

FIRST_IN_FLIGHT, IN_FLIGHT_PER_ANSWER = 7, 3
"""Requests in flight while no limit is known: before any answer, and more for each accepted request."""

MAX_CHECK_SECONDS = 0.05
"""Seconds between two checks while a request waits for the answer to another."""

END_OF_MINUTE_SECONDS = 0.05
"""Seconds added to a minute before a request is tried again."""

LOGGED_CHANGE = 0.1
"""Relative change of the learned limit that is logged."""

logger = logging.getLogger(__name__)


class Permit(NamedTuple):
    """The permission to send one request: its number, when it was given, and the excess of the pace with it."""

    number: int
    sent: float
    excess: float


class RateLimiter:
    """A limit on requests that all threads share.

    In any 60 seconds at most `per_minute` requests are sent and answered. A 429 pauses all requests for the time that
    it names, or for a growing time if it names none; then a single request finds out whether the pause is over. Asana
    counts requests in a way that it does not document, so that the limiter learns from 429s how fast it may be: see
    Pace and RefusalEvidence.

    `clock` returns monotonic seconds. `sleep(seconds)` returns true if the run is ending. The outcome of every permit
    must be reported by `on_success`, `on_throttled` or `on_lost`.
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
        self.pace = Pace(per_minute)
        self._evidence = RefusalEvidence(self.pace, per_minute)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.RLock()
        self._turn = OrderedLock()
        self._answered: deque[float] = deque()
        self._in_flight = 0
        self._number = 0
        self._refused = 0
        self._paused_until = -math.inf
        self._paused_seconds = 0.0
        self._last_before_pause = 0
        self._pauses_in_a_row = 0
        self._first_refused: Refusal | None = None
        self._last_refused_sent = 0.0
        self._answered_before: list[float] = []
        self._must_probe = self._is_probing = self._teaches = False
        self._logged_per_minute = float(per_minute)

    @property
    def known_per_minute(self) -> float:
        """Return the limit in requests a minute: the configured one, or a lower one learned from 429s."""
        return min(self.per_minute, (self.pace.rate or self.pace.limit) * MINUTE_SECONDS)

    @property
    def is_pausing(self) -> bool:
        """Return whether a 429 pauses all requests now."""
        return self._clock() < self._paused_until

    def acquire(self, *, urgency: int = 0) -> Permit:
        """Block until a request may be sent, and return its permit; raises RunCancelled if the run is ending.

        Of requests that wait, the most urgent goes first.
        """
        with self._turn.held(urgency):  # one thread waits for the moment, and the others for their turn
            while True:
                with self._lock:  # no 429 arrives between the check and the permit
                    delay = self.delay()
                    if not delay:
                        return self.grant()
                if self._sleep(delay):
                    raise RunCancelled

    def delay(self) -> float:
        """Return the seconds until the next check whether a request may be sent; 0 if it may be sent now."""
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return self._paused_until - now
            while self._answered and self._answered[0] <= now - MINUTE_SECONDS:
                self._answered.popleft()
            count = len(self._answered) + self._in_flight
            if count >= self.per_minute:
                return self._delay_of_full_minute(now)
            if (self._must_probe and self._is_probing) or self._is_blind or self._may_exceed_free_plan(count):
                return self._poll_seconds
            return self.pace.delay(now)

    def _delay_of_full_minute(self, now: float) -> float:
        pace = self.pace
        if pace.rate is None or pace.rate < pace.limit:
            pace.adopt(pace.limit, 0.0, now, now, is_windowed=True)
        return max(self._answered[0] + MINUTE_SECONDS - now, 1e-3) if self._answered else MAX_CHECK_SECONDS

    @property
    def _is_blind(self) -> bool:
        """Return whether too few answers are known for one more request in flight."""
        return self.pace.is_growing and self._in_flight >= FIRST_IN_FLIGHT + IN_FLIGHT_PER_ANSWER * self.pace.accepted

    def _may_exceed_free_plan(self, count: int) -> bool:
        """Return whether one more request may be refused because the free plan's limit applies."""
        return (
            self.pace.is_growing
            and len(self._answered) <= FREE_PLAN_PER_MINUTE <= count - MAX_UNPROVEN_IN_FLIGHT
            and self.per_minute > FREE_PLAN_PER_MINUTE
        )

    @property
    def _poll_seconds(self) -> float:
        return min(MAX_CHECK_SECONDS, (self.pace.latency or 1.0) / 10)

    def grant(self) -> Permit:
        """Return the permit for a request that is sent now."""
        with self._lock:
            now = self._clock()
            self.pace.take(now)
            self._number += 1
            self._in_flight += 1
            self._is_probing = self._must_probe
            return Permit(self._number, now, self.pace.excess)

    def _on_answered(self, permit: Permit, now: float) -> bool:
        """Count an answer; return whether its request was sent after the last pause."""
        self._in_flight -= 1
        self._answered.append(now)
        is_current = permit.number > self._last_before_pause
        self._is_probing = self._is_probing and not is_current
        return is_current

    def on_lost(self, permit: Permit) -> None:
        """Record that there was no answer."""
        with self._lock:
            self._on_answered(permit, self._clock())

    def on_success(self, permit: Permit) -> None:
        """Record an answer other than 429."""
        with self._lock:
            now = self._clock()
            is_current = self._on_answered(permit, now)
            self.pace.accepted += 1
            self.pace.observe_latency(now - permit.sent)
            if is_current:
                self._end_pauses(permit, now)
                self.pace.on_accepted(now, len(self._answered))

    def _end_pauses(self, permit: Permit, now: float) -> None:
        """Go on after one or several pauses; if they were long and without a named end, learn the limit per minute."""
        first, must_probe = self._first_refused, self._must_probe
        self._first_refused, self._must_probe, self._pauses_in_a_row = None, False, 0
        if first is None or not must_probe or not self._teaches or permit.sent - first.now < LONG_SILENCE_SECONDS:
            return
        moments = self._answered_before
        fewest = sum(1 for moment in moments if moment >= permit.sent - MINUTE_SECONDS)
        most = sum(1 for moment in moments if moment >= self._last_refused_sent - MINUTE_SECONDS)
        refusal = first._replace(now=now, resume_at=now)
        # If Asana counts the last 60 seconds, all requests before the first 429 belong to its minute.
        if not self._evidence.learn_minute(fewest, most, refusal):
            self._evidence.learn_minute(len(moments), len(moments), refusal)
        self._log_rate()

    def on_throttled(self, permit: Permit, after: float | None, *, teaches: bool = True) -> None:
        """Record a 429, and pause all requests for `after` seconds, or for a growing time if Asana named none.

        Requests in flight at the start of a pause show nothing new. `teaches` is false if the 429 may be that of
        another limit.
        """
        with self._lock:
            now = self._clock()
            is_current = self._on_answered(permit, now)
            self._refused += 1
            if not is_current:
                if after is not None:
                    self._pause(now + after)
                    self.pace.extend_pause(self._paused_until)
                if teaches:
                    self._evidence.confirm(max(now, self._paused_until))
                return
            is_repeated = self._first_refused is not None
            self._pauses_in_a_row = self._pauses_in_a_row + 1 if is_repeated else 0
            paused_before, per_second = self._paused_seconds, self.pace.per_second(now)
            if not is_repeated:
                self._answered_before = list(self._answered)
            self._pause(now + self._pause_seconds(now, after))
            self._last_before_pause, self._last_refused_sent = self._number, permit.sent
            # After this pause the minute is over, and its limit is known.
            is_over = self._pauses_in_a_row < 0 and self.pace.is_windowed
            self._must_probe = not is_over and (self._must_probe or after is None or is_repeated)
            self.pace.pause(self._paused_until)
            if is_repeated:
                self.pace.count_from(self._paused_until)
                return
            refused = self._refused - 1
            place = *permit, refused, paused_before
            self._first_refused = Refusal(*place, now, self._paused_until, per_second)
            self._teaches = teaches
            if teaches:
                self._learn(self._first_refused, after)
                self._log_rate()

    def _log_rate(self) -> None:
        """Log a new estimate of the limit, if it differs much from the last one."""
        per_minute = (self.pace.rate or self.pace.limit) * MINUTE_SECONDS
        if abs(per_minute - self._logged_per_minute) > LOGGED_CHANGE * self._logged_per_minute:
            self._logged_per_minute = per_minute
            logger.info("Asana answered 429: going on with about %.0f requests a minute, and more later", per_minute)

    def _pause(self, until: float) -> None:
        now = self._clock()
        self._paused_seconds += max(0.0, until - max(now, self._paused_until))
        self._paused_until = max(self._paused_until, until)

    def _pause_seconds(self, now: float, after: float | None) -> float:
        """Return the seconds to pause; without an advice they double, up to the end of the minute."""
        seconds = min(MINUTE_SECONDS, 2.0**self._pauses_in_a_row)
        if after is not None:
            return max(after, seconds / 2 if self._pauses_in_a_row else 0.0)
        first, answered = self._first_refused, self._answered_before
        if first is None or self._pauses_in_a_row <= 0:
            return seconds
        # A limit that counts the last minute may count the refused requests, too.
        counted = min(self._refused - first.refused_before, len(answered))
        left = answered[counted - 1] - (self.pace.latency or 0.0) + MINUTE_SECONDS + END_OF_MINUTE_SECONDS - now
        if 0 < left < seconds:
            self._pauses_in_a_row = -1
            return left
        return seconds

    def _learn(self, refusal: Refusal, after: float | None) -> None:
        if self._evidence.is_unexpected(refusal):
            return
        if self._evidence.exceeds_plan(refusal):
            self._evidence.learn_minute(refusal.number - 1, refusal.number - 1, refusal)
            return
        if after is not None and after >= LONG_PAUSE_SECONDS:
            counts = requests_of_minute(self._answered, refusal.now + after, self.pace.latency or 0.0)
            if self._evidence.learn_minute(*counts, refusal):
                return
        self._evidence.learn_rate(refusal)
