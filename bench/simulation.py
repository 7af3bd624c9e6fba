"""Simulate the tap's rate limiter and Asana's, in virtual time: no request is sent and nothing sleeps."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, product
from random import Random
from typing import Protocol

from fake_asana.server.rate_meters import RateForm, RateMeter, RetryAfter
from tap_asana.api.protocol import retry_after
from tap_asana.api.rate_limit import Permit, RateLimiter

EPOCH = 1_800_000_000.0
"""Start of a simulation, in epoch seconds: the start of a minute."""

START_SECONDS = 10.0
"""Seconds in which the limiter may find out the limit by refused requests."""

MINUTE_SECONDS = 60.0


class Server(Protocol):
    """A rate limit, as a server checks it."""

    def spend(self, now: float) -> float | None:
        """Count a request; return None if it is accepted, else the seconds until the next one is."""

    def headers(self, seconds: float, now: float) -> Mapping[str, str]:
        """Return the headers of a refusal that lasts for so many seconds."""


@dataclass(frozen=True)
class Traffic:
    """Requests without end: `latency` in seconds varies by the share `jitter`, `in_flight` bounds their number."""

    latency: float = 0.1
    in_flight: int = 48
    seconds: float = 90.0
    jitter: float = 0.0
    phase: float = 0.0
    """Age of the server's minute at the start, in seconds."""


@dataclass
class Journal:
    """The requests of a simulation, in seconds since its start."""

    sent: list[float] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    sent_in_pauses: int = 0

    @property
    def late_refusals(self) -> int:
        """Return the most refusals in any minute after the start."""
        late = [moment for moment in self.refused if moment >= START_SECONDS]
        return max((sum(1 for other in late if at <= other < at + MINUTE_SECONDS) for at in late), default=0)

    def accepted_between(self, start: float, end: float) -> int:
        """Return the number of requests accepted in a span."""
        return sum(1 for moment in self.accepted if start <= moment < end)


class VirtualClock:
    """A clock that a simulation sets."""

    def __init__(self) -> None:
        """Start at zero."""
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Simulation:
    """A limiter that sends as many requests as it allows, and a server that decides at half of their latency."""

    def __init__(self, per_minute: int, server: Server, traffic: Traffic) -> None:
        """Start with nothing sent; `per_minute` is the limiter's setting."""
        self.clock, self.journal = VirtualClock(), Journal()
        self.limiter = RateLimiter(per_minute, clock=self.clock)
        self._server, self._traffic = server, traffic
        self._random = Random(1)  # noqa: S311 - latencies, not secrets
        self._events: list[tuple[float, int, Permit, float, bool, float | None]] = []
        self._serial = count()
        self._in_flight = 0
        self._paused_until = 0.0

    def run(self) -> Journal:
        """Run to the end and return what happened."""
        while True:
            next_check = self._send()
            moment = min(next_check, self._events[0][0] if self._events else next_check)
            if moment >= self._traffic.seconds:
                return self.journal
            self.clock.now = moment
            while self._events and self._events[0][0] <= moment:
                self._handle(*heapq.heappop(self._events)[2:])

    def _send(self) -> float:
        """Send what the limiter allows now; return when to ask again."""
        traffic, clock = self._traffic, self.clock
        while self._in_flight < traffic.in_flight:
            if delay := self.limiter.delay():
                return clock.now + delay
            self.journal.sent_in_pauses += clock.now < self._paused_until - 1e-9
            permit = self.limiter.grant()
            self._in_flight += 1
            self.journal.sent.append(clock.now)
            latency = traffic.latency * (1 + traffic.jitter * (2 * self._random.random() - 1))
            self._add(latency / 2, permit, latency, is_answer=False, after=None)
        return float("inf")

    def _add(self, delay: float, permit: Permit, latency: float, *, is_answer: bool, after: float | None) -> None:
        heapq.heappush(self._events, (self.clock.now + delay, next(self._serial), permit, latency, is_answer, after))

    def _handle(self, permit: Permit, latency: float, is_answer: bool, after: float | None) -> None:  # noqa: FBT001 - an event
        if is_answer:
            self._on_answer(permit, after)
            return
        now = self.clock.now
        server_time = EPOCH + self._traffic.phase + now
        seconds = self._server.spend(server_time)
        (self.journal.accepted if seconds is None else self.journal.refused).append(now)
        headers = {} if seconds is None else self._server.headers(seconds, server_time)
        advice = -1.0 if seconds is None else retry_after(headers, server_time)
        self._add(latency / 2, permit, latency, is_answer=True, after=advice)

    def _on_answer(self, permit: Permit, after: float | None) -> None:
        """Report an answer; a negative time stands for an accepted request."""
        self._in_flight -= 1
        if after is not None and after < 0:
            self.limiter.on_success(permit)
            return
        self.limiter.on_throttled(permit, after)
        self._paused_until = max(self._paused_until, self.clock.now + (after or 0.0))


def possible(per_minute: int, form: RateForm, traffic: Traffic) -> float:
    """Return the requests that the sustained rate, the burst of a bucket and the requests in flight allow."""
    burst = form.burst if form.counting == "bucket" else 0
    little = traffic.in_flight / traffic.latency * (traffic.seconds - traffic.latency / 2)
    return min(burst + per_minute * traffic.seconds / MINUTE_SECONDS, little)


@dataclass(frozen=True)
class Case:
    """One limit, and the traffic under it; `setting` is the tap's own limit."""

    per_minute: int
    form: RateForm
    traffic: Traffic
    setting: int = 1500

    def run(self) -> tuple[float, Journal]:
        """Return the share of the possible requests that were accepted, and all requests."""
        journal = Simulation(self.setting, RateMeter(self.per_minute, self.form), self.traffic).run()
        bound = min(self.per_minute, self.setting)
        return len(journal.accepted) / possible(bound, self.form, self.traffic), journal


def forms(per_minute: int) -> Iterator[tuple[str, RateForm, float]]:
    """Yield every way to count, with its name and the age of the server's minute."""
    yield "last 60 seconds", RateForm("sliding"), 0.0
    for phase in (0.0, 20.0, 50.0, 59.0):
        yield f"minute, {phase:.0f} s old", RateForm("minute"), phase
    for burst in (per_minute // 6, per_minute // 30, 1):
        yield f"bucket of {burst}", RateForm("bucket", burst), 0.0


LATENCIES: Sequence[float] = (0.1, 0.5, 2.0)
RETRY_AFTERS: Sequence[RetryAfter] = ("seconds", "absent")
VARIANTS: Sequence[tuple[bool, RetryAfter]] = tuple(product((False, True), RETRY_AFTERS))
"""Whether refused requests count, and the form of Retry-After."""
