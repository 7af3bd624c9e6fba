"""The rate limiter against every form of Asana's limit, in virtual time (law 6)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from clock import Clock
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from bench.simulation import Case, Journal, Simulation, Traffic
from fake_asana.server.rate_meters import RateForm, RateMeter, RetryAfter
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.errors import RunCancelled

GOAL = 0.95
MAX_LATE_REFUSALS = 5


@pytest.mark.parametrize("retry_after", ["date", "past date", "zero", "negative", "word"])
@pytest.mark.parametrize("form", [RateForm("sliding"), RateForm("bucket", 25, charges_refused=False)])
def test_any_retry_after_will_do(form: RateForm, retry_after: RetryAfter) -> None:
    """A Retry-After that is a date is obeyed; one that is over or unreadable counts as absent."""
    share, journal = Case(150, replace(form, retry_after=retry_after), Traffic()).run()
    assert share >= GOAL
    assert journal.late_refusals <= MAX_LATE_REFUSALS


@pytest.mark.parametrize("counting", ["sliding", "minute", "bucket"])
def test_a_configured_limit_is_never_exceeded(counting: Any) -> None:  # noqa: ANN401 - one of the literals
    """If the setting is Asana's limit by minutes, nothing is refused; a bucket refuses its first excess only."""
    form = RateForm(counting, burst=25)
    share, journal = Case(150, form, Traffic(), setting=150).run()
    assert share >= GOAL - 0.02
    assert journal.late_refusals <= 1
    assert not journal.refused or counting == "bucket"


@dataclass
class Refusing(RateMeter):
    """A server without a limit that refuses some requests: the first `count`, and others at later moments."""

    per_minute: int = 10**9
    count: int = 0
    gap: float = 1.0
    seconds: float = 1.0
    refusals: list[float] = field(default_factory=list)

    @override
    def spend(self, now: float) -> float | None:
        """Refuse the request after the first `count`, and one more `gap` seconds later."""
        self.requests += 1
        is_due = self.requests == self.count + 1 or (len(self.refusals) == 1 and now >= self.refusals[0] + self.gap)
        if len(self.refusals) == 2 or not is_due:
            return None
        self.refusals.append(now)
        return self.seconds


def rate_after(journal: Journal, start: float) -> float:
    """Return the accepted requests per second in the ten seconds from a moment on."""
    return journal.accepted_between(start, start + 10) / 10


@pytest.mark.parametrize("in_flight", [4, 48])
@pytest.mark.parametrize(
    ("count", "gap", "seconds", "latency"),
    [
        (60, 1.0, 1.0, 0.1),
        (5, 1.0, 1.0, 0.1),
        (20, 1.0, 1.0, 0.5),
        (150, 1.0, 58.0, 0.1),
        (150, 1.0, 1.0, 0.5),
        (400, 30.0, 30.0, 0.1),
        (3, 2.0, 20.0, 0.5),
        (60, 1.0, 1.0, 2.0),
        (20, 0.05, 1.0, 0.5),
        (1, 0.05, 20.0, 0.1),
        (150, 0.3, 1.0, 2.0),
        (140, 1.5, 20.0, 2.0),
    ],
)
def test_a_wrong_limit_is_left_within_two_minutes(
    count: int, gap: float, seconds: float, latency: float, in_flight: int
) -> None:
    """Two 429s that are not about the rate slow the run down for two minutes at most, their pauses not counted."""
    server = Refusing(count=count, gap=gap, seconds=seconds)
    journal = Simulation(1500, server, Traffic(latency, in_flight, seconds=300)).run()
    paused_until = journal.refused[-1] + seconds
    assert rate_after(journal, paused_until + 120) >= GOAL * min(25.0, in_flight / latency)


def test_a_run_with_little_to_request_learns_no_tiny_limit() -> None:
    """Some 429s of a run that sends a request every ten seconds do not show that this is the limit."""
    server = RateMeter(10**9, RateForm(costly_every=3, costly_seconds=1))
    simulation = Simulation(1500, server, Traffic(10.0, in_flight=1, seconds=300))
    assert len(simulation.run().refused) > 5
    assert simulation.limiter.pace.rate is not None
    assert simulation.limiter.pace.rate >= 0.5


@pytest.mark.parametrize("every", [100, 400])
@pytest.mark.parametrize("latency", [0.1, 0.5])
def test_costly_requests_are_not_evidence_of_a_rate(every: int, latency: float) -> None:
    """If one request in so many is refused for its cost, the time outside of these pauses is used."""
    seconds = 3
    form = RateForm("sliding", costly_every=every, costly_seconds=seconds)
    journal = Simulation(1500, RateMeter(1500, form), Traffic(latency, seconds=300)).run()
    free_seconds = 180 - seconds * sum(1 for moment in journal.refused if moment >= 120)
    assert journal.accepted_between(120, 300) >= 0.9 * 25 * free_seconds


@settings(deadline=None, max_examples=30)
@given(
    per_minute=st.integers(1, 12),
    latency=st.floats(0.01, 20),
    jitter=st.floats(0, 0.9),
    in_flight=st.integers(1, 8),
)
def test_no_minute_exceeds_the_limit(per_minute: int, latency: float, jitter: float, in_flight: int) -> None:
    """Whatever the latency, no span of 60 seconds at the server exceeds the configured limit."""
    server = RateMeter(per_minute, RateForm("sliding"))
    journal = Simulation(per_minute, server, Traffic(latency, in_flight, seconds=200, jitter=jitter)).run()
    assert journal.accepted
    assert journal.refused == []


@pytest.mark.parametrize("jitter", [0.02, 0.1, 0.3])
def test_slow_answers_that_come_unevenly_are_made_up_for(jitter: float) -> None:
    """At 2 s an answer, the requests in flight limit the rate, however much the latency varies."""
    share, journal = Case(1500, RateForm("sliding"), Traffic(2.0, jitter=jitter)).run()
    assert share >= GOAL
    assert journal.refused == []


def test_the_number_in_flight_follows_rate_and_latency() -> None:
    """Once the rate is known, no more requests are in flight than rate times latency."""
    traffic = Traffic(0.5)
    journal = Simulation(1500, RateMeter(1500, RateForm("bucket", 50)), traffic).run()
    late = [moment for moment in journal.sent if 20 < moment < 45]
    assert max(sum(1 for moment in late if at <= moment < at + traffic.latency) for at in late) <= 25 * 0.5 + 1


@pytest.mark.parametrize("times", [(20, 5, 10), (5, 20, 10), (5, 10, 20)])
def test_the_longest_pause_applies(times: tuple[float, float, float]) -> None:
    """A later 429 with a shorter Retry-After does not shorten the pause, and a longer one extends it."""
    clock = Clock(0)
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    start = clock.now
    for permit, after in zip([limiter.acquire() for _ in times], times, strict=True):
        start = start or clock.now
        limiter.on_throttled(permit, after)
    limiter.acquire()
    assert clock.now == start + 20


def test_a_429_of_another_limit_teaches_nothing() -> None:
    """A refused search pauses all requests, but says nothing about the general limit."""
    clock = Clock(0)
    limiter = RateLimiter(1500, clock=clock, sleep=clock.sleep)
    for _ in range(100):
        limiter.on_success(limiter.acquire())
    limiter.on_throttled(limiter.acquire(), 1, teaches=False)
    assert limiter.pace.rate is None
    assert limiter.delay() == 1


def test_a_learned_limit_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """One line tells that 429s have slowed the run down."""
    caplog.set_level("INFO", logger="tap_asana")
    Case(150, RateForm("sliding"), Traffic()).run()
    assert [record.getMessage() for record in caplog.records] == [
        "Asana answered 429: going on with about 150 requests a minute, and more later"
    ]


@pytest.mark.parametrize("per_minute", [3000, 10**6])
def test_a_setting_above_all_plans_is_used_at_once(per_minute: int) -> None:
    """A setting above Asana's limits means that there is none: all requests in flight are used from the start."""
    journal = Simulation(per_minute, RateMeter(10**9, RateForm()), Traffic(seconds=2)).run()
    assert len(journal.sent) >= GOAL * min(per_minute / 60, 480) * 2


def test_threads_take_turns() -> None:
    """Any number of threads share one limiter, and each gets a permit of its own."""
    limiter, permits = RateLimiter(10**6), list[int]()
    lock = threading.Lock()

    def work() -> None:
        for _ in range(20):
            permit = limiter.acquire()
            with lock:
                permits.append(permit.number)
            limiter.on_success(permit)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(permits) == list(range(1, 161))


def test_cancelling_a_run_ends_the_wait() -> None:
    """Once the run is cancelled, no request waits for the limit or for a pause of hours."""
    ending = threading.Event()
    ending.set()
    limiter = RateLimiter(1, sleep=ending.wait)
    limiter.on_throttled(limiter.acquire(), 36_000)
    with pytest.raises(RunCancelled):
        limiter.acquire()
