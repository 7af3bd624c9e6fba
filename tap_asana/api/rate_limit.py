"""How fast requests may leave: the allowance per minute, and the holds that Asana asks for."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from tap_asana.api.server_clock import MINUTE, Minutes
from tap_asana.errors import Stopped

WINDOW = 61.0
"""Seconds in which the allowance is spent: a minute, and one second for answers that travel unevenly."""

FREE_PLAN = 150
"""Requests a minute on free plans, the one tier below the paid one (facts, section 4)."""

BUDGETS: Mapping[str, int] = {"search": 60}
"""Requests a minute of the endpoints that have an allowance of their own beside the general one."""

ALIKE = 0.1
"""Two refusals at counts this close to each other mean a limit, not a costly request."""

PATIENCE = 10.0
"""Seconds that a probe waits for the answers to what left before it: else it could come to Asana before that."""

FEWEST = 50
"""Asana lets so many requests be in flight (facts, section 4): a refusal at fewer is not for their rate."""


class Pace:
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
        self._out: set[float] = set()
        self._asked_for = per_minute
        self._known = per_minute <= FREE_PLAN
        self._doubted = False
        self._minutes = Minutes()
        self._since = float("-inf")

    def wait(self) -> float:
        """Block until a request may leave; return the moment it counts from. Raises Stopped when the run is ending."""
        while True:
            with self._lock:
                now = self._clock()
                delay = self._delay(now)
                if delay <= 0:
                    return self._leave(now)
            if self._sleep(delay):
                raise Stopped

    def _leave(self, now: float) -> float:
        moment = self._last = max(now, math.nextafter(self._last, math.inf))
        if self._probing():
            self._probe = moment
        self._sent.append(moment)
        self._out.add(moment)
        return moment

    def _delay(self, now: float) -> float:
        while self._sent and self._sent[0] + WINDOW <= now:
            self._sent.popleft()
        turned = float("-inf") if self._known else self._minutes.turned(now)
        if now < max(self._held_until, turned):
            return max(self._held_until, turned) - now
        if self._probe is not None or (self._probing() and any(sent > now - PATIENCE for sent in self._out)):
            return 0.05
        if len(self._sent) >= (self._asked_for if self._doubted else self.per_minute):
            return self._sent[0] + WINDOW - now
        return 0.0

    def _probing(self) -> bool:
        return not self._known and self._count(self._since, math.inf) >= FREE_PLAN

    def _count(self, since: float, before: float) -> int:
        return sum(1 for moment in self._sent if since <= moment < before)

    def hear(self, sent: float, date: float) -> None:
        """Note the date, in epoch seconds, of the answer to the request sent at that moment."""
        with self._lock:
            self._minutes.hear(sent, self._clock(), date)

    def accepted(self, sent: float) -> None:
        """Note that the request sent at that moment was not refused for its rate."""
        with self._lock:
            self._out.discard(sent)
            if self._probe == sent:
                self._probe = None
                self._passed(sent, self._clock())

    def _passed(self, probe: float, now: float) -> None:
        """Note what a probe proves that was accepted."""
        begun = [moment for moment in self._sent if moment < probe][-FREE_PLAN:]
        if len(begun) < FREE_PLAN or now - begun[0] >= MINUTE:
            return
        turned = max(self._minutes.turned(now), self._held_until)
        if turned > begun[0]:
            self._since = turned
        else:
            self.per_minute, self._known, self._doubted = self._asked_for, True, False

    def lost(self, sent: float) -> None:
        """Note that nothing came back for the request sent at that moment: another has to probe."""
        with self._lock:
            self._out.discard(sent)
            if self._probe == sent:
                self._probe = None

    def refused(self, sent: float, after: float) -> None:
        """Note a 429 for the request sent at that moment: hold everybody for `after` seconds.

        Requests that were in flight when the hold began tell nothing new about the limit.
        """
        with self._lock:
            now = self._clock()
            self._out.discard(sent)
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
        if any(abs(each - FREE_PLAN) <= FREE_PLAN * ALIKE for each in (count, self._count(self._since, sent))):
            self._known, self._doubted = self.per_minute <= FREE_PLAN, self.per_minute > FREE_PLAN
            self.per_minute = min(FREE_PLAN, self.per_minute)
        elif before is not None and count >= FEWEST and abs(count - before) <= before * ALIKE:
            self.per_minute = count
