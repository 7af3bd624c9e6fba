"""How fast requests are sent: ever faster until Asana refuses one, then evenly at the rate that it sustains."""

from __future__ import annotations

MINUTE_SECONDS = 60.0
"""The period of Asana's limit."""

PAID_PLAN_PER_MINUTE = 1500
"""The highest limit that Asana documents; a higher setting means that there is none to be found out."""

START_PER_SECOND, START_IN_FLIGHT = 7.5, 3.0
"""Rate of the first requests after an answer: so many a second, and so many more in flight."""

EARLY_ANSWERS = 30
"""Accepted requests after which the rate may grow quickly. Fewer would exceed a small limit by too much."""

GAIN_PER_ANSWER = 0.9
"""Growth of the rate for each accepted request after the early ones."""

ANSWERS_PER_SQUARE = 2.0
"""Accepted requests, after the early ones, after which one more may be in flight; twice as many allow four more."""

MAX_GROWTH = 2.9
"""Highest rate, as a multiple of the configured one: the faster, the more requests in flight are refused at once."""

CAUTIOUS_PER_SECOND, CAUTIOUS_IN_FLIGHT, CAUTIOUS_GAIN = 3.0, 1.5, 0.1
"""Rate after a refusal that has not revealed the limit: the larger of the two, and its growth for each early answer."""

SLOW_ANSWER_SECONDS = 1.5
"""Latency from which the configured rate is used at once: all requests that may be in flight do not exceed it."""

UNEVEN_SHARE = 4.0
"""Requests sent at once if answers are slow, as a multiple of those in the mean deviation of latency: they do not
arrive evenly, and the requests in flight limit the rate."""

RESERVE = 0.004
"""Share of a known rate that stays unused, so that rounding does not exceed it."""

BURST_SECONDS = 0.01
"""Duration of the largest burst while the limit is unknown, because threads cannot wait for less time."""

MIN_DELAY_SECONDS = 1e-4
"""Delay below which a request is sent at once."""

LATENESS_SHARE = 0.7
"""Share of the reserve that a late request may catch up on."""

LATENCY_WEIGHT = 0.2
"""Weight of a new latency in the mean."""

MIN_STEP, MAX_STEP = 0.15, 0.5
"""Smallest and largest relative step above a rate that was too low."""

MIN_SURPLUS, SURPLUS_SHARE = 2.0, 0.01
"""Accepted requests above a learned rate that disprove it: a number, and a share of the requests accepted since."""

WINDOW_SURPLUS, WINDOW_SURPLUS_SHARE = 1.0, 0.02
"""Requests of a minute above a learned limit that disprove it: a number, and a share of the limit."""


class Pace:
    """The rate of requests, in requests per second.

    Until Asana refuses a request, the rate grows with every accepted one. A refusal can reveal the sustained rate:
    `adopt` keeps it. Then requests are spaced evenly, first a little below that rate, and after a while a little above
    it. If Asana accepts more than the rate allows, the rate rises, in ever larger steps.
    """

    def __init__(self, per_minute: int) -> None:
        """Start without answers; `per_minute` is the configured limit."""
        self.limit = per_minute / MINUTE_SECONDS
        self.rate: float | None = None
        self.burst = 1.0
        self.latency: float | None = None
        self.deviation = 0.0
        self.accepted = 0
        self.is_windowed = False
        self.calm_until = 0.0
        self.step = 0.0
        self.disproved = 0
        self.excess = 0.0
        """Requests sent faster than the configured rate, less those it has made up for."""
        self._excess_at = 0.0
        self._since, self._accepted_before = 0.0, 0
        self._answers = 0
        self._is_cautious = False
        self._tokens, self._tokens_at = 1.0, 0.0

    @property
    def is_growing(self) -> bool:
        """Return whether Asana's limit is still unknown, and may be lower than the configured one."""
        return self.rate is None and self.limit <= PAID_PLAN_PER_MINUTE / MINUTE_SECONDS

    def per_second(self, now: float) -> float:
        """Return the rate at this moment."""
        if self.rate is None:
            return self._growing_rate()
        rate = self.rate * (1 - RESERVE if now < self.calm_until else 1 + self.step)
        return min(rate, self.limit * (1 - RESERVE))

    def _growing_rate(self) -> float:
        """Return the rate while the limit is unknown."""
        most = self.limit * (1 - RESERVE)
        if not self.is_growing or self.latency is None:
            return most
        late_answers = max(0, self._answers - EARLY_ANSWERS)
        if self._is_cautious:
            start = max(CAUTIOUS_IN_FLIGHT / self.latency, CAUTIOUS_PER_SECOND)
            return start + self._answers * CAUTIOUS_GAIN + late_answers * GAIN_PER_ANSWER
        if self.latency >= SLOW_ANSWER_SECONDS:
            return most
        in_flight = START_IN_FLIGHT + (late_answers / ANSWERS_PER_SQUARE) ** 2
        rate = START_PER_SECOND + late_answers * GAIN_PER_ANSWER + in_flight / self.latency
        return min(rate, MAX_GROWTH * self.limit)

    def delay(self, now: float) -> float:
        """Return the seconds until the next request may be sent."""
        rate = self.per_second(now)
        if now > self._tokens_at:
            self._tokens = min(self._capacity(rate), self._tokens + (now - self._tokens_at) * rate)
            self._tokens_at = now
        seconds = (1 - self._tokens) / rate
        return 0.0 if seconds < MIN_DELAY_SECONDS else seconds

    def _capacity(self, rate: float) -> float:
        """Return how many requests may be sent at once after a delay."""
        if self.rate is not None:
            return max(self.burst, 1 + LATENESS_SHARE * (self.rate / rate - 1))
        if self.latency is not None and self.latency >= SLOW_ANSWER_SECONDS:
            return 1 + UNEVEN_SHARE * self.deviation * rate
        return 1 + max(0.0, rate - self.limit) * BURST_SECONDS

    def take(self, now: float) -> None:
        """Count a request that is sent now."""
        self._tokens -= 1
        self.excess = max(0.0, self.excess - (now - self._excess_at) * self.limit) + 1
        self._excess_at = now

    def pause(self, until: float) -> None:
        """Send nothing until this moment, and go on cautiously if the limit is unknown."""
        self._tokens, self._tokens_at = 1.0, until
        self._is_cautious, self._answers = True, 0

    def extend_pause(self, until: float) -> None:
        """Send nothing until this later moment."""
        self._tokens_at = until

    def observe_latency(self, seconds: float) -> None:
        """Use the latency of an accepted request."""
        seconds = max(seconds, 1e-3)
        earlier = seconds if self.latency is None else self.latency
        self.latency = earlier + LATENCY_WEIGHT * (seconds - earlier)
        self.deviation += LATENCY_WEIGHT * (abs(seconds - earlier) - self.deviation)

    def on_accepted(self, now: float, in_last_minute: int) -> None:
        """Count an accepted request that was sent after the last pause; raise the rate if it is disproved."""
        self._answers += 1
        if self.rate is None or self.rate >= self.limit or self.surplus(now) <= self._min_surplus():
            return
        per_minute = self.rate * MINUTE_SECONDS
        if self.is_windowed and in_last_minute <= per_minute * (1 + WINDOW_SURPLUS_SHARE) + WINDOW_SURPLUS:
            return
        self.rate = min(self.limit, self.rate * (1 + self.step))
        self.step = min(MAX_STEP, max(MIN_STEP, 2 * self.step))
        self.is_windowed = False
        self.disproved += 1
        self.count_from(now)

    def _min_surplus(self) -> float:
        return MIN_SURPLUS + SURPLUS_SHARE * self.accepted_since

    @property
    def accepted_since(self) -> int:
        """Return the number of requests accepted since the rate was adopted."""
        return self.accepted - self._accepted_before

    def surplus(self, now: float) -> float:
        """Return how many more requests than the rate allows were accepted since it was adopted."""
        return self.accepted_since - (self.rate or 0.0) * (now - self._since)

    def is_testing(self, now: float) -> bool:
        """Return whether requests are sent above the adopted rate, to find out whether it is the limit."""
        return self.rate is not None and self.rate < self.limit and now >= self.calm_until

    def adopt(self, rate: float, step: float, since: float, calm_until: float, *, is_windowed: bool = False) -> None:
        """Keep a rate that Asana sustains; after `calm_until`, try to exceed it by the relative `step`.

        With `is_windowed`, Asana counts the requests of a minute, so that only those can disprove the rate.
        """
        self.rate, self.step = min(rate, self.limit), min(step, MAX_STEP)
        self.is_windowed, self.calm_until = is_windowed, calm_until
        self.count_from(since)

    def count_from(self, since: float) -> None:
        """Compare the requests accepted from this moment on with the adopted rate."""
        self._since, self._accepted_before = since, self.accepted
