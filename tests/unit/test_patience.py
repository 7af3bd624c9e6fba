"""How long the client tries, what it waits for, and when it gives up (law 6)."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from clock import PATIENCE, Clock
from requests_mock.request import _RequestObjectProxy
from requests_mock.response import _Context
from rig import ASK, TOKEN, Rig, bad, good

from tap_asana.api.attempts import MAX_CONSECUTIVE_429
from tap_asana.api.auth import FixedToken
from tap_asana.api.client import AsanaClient, Connection
from tap_asana.api.rate_limit import FREE_PLAN_PER_MINUTE, RateLimiter
from tap_asana.api.request import Request
from tap_asana.api.retries import backoff_delays, default_throttle_delay
from tap_asana.errors import RetriesExhaustedError, RunCancelled


def test_pauses_grow_and_differ() -> None:
    """Pauses double up to half a minute, with a random half that keeps requests from coming back together."""
    first, second = list(backoff_delays()), list(backoff_delays())
    assert first[-1] is None
    assert len(first) > 6
    fixed = [0.5, 1, 2, 4, 8, 15, 15, 15]
    assert all(least <= (pause or 0) <= 2 * least for least, pause in zip(fixed, first, strict=False))
    assert first != second


def test_a_429_without_a_time_holds_longer_and_longer() -> None:
    """Where Asana names no time, the hold doubles with each repetition, up to a minute."""
    for tries in range(20):
        longest = min(60.0, 2.0**tries)
        assert longest / 2 <= default_throttle_delay(tries) <= longest
    rig = Rig()
    rig.script("/tasks", *[bad(429)] * 5, good("1"))
    begin = rig.clock.now
    rig.client.fetch(ASK)
    assert 15.5 <= rig.clock.now - begin <= 31


def test_a_server_error_is_waited_for_as_long_as_it_says() -> None:
    """A Retry-After that is longer than the pause takes its place."""
    rig = Rig()
    rig.script("/tasks", bad(503, headers={"Retry-After": "40"}), good())
    rig.client.fetch(ASK)
    assert rig.clock.slept == [40.0]


def test_429s_do_not_use_up_the_tries() -> None:
    """Requests that are held back by the rate come through however often they are, but not without end."""
    rig = Rig()
    refused = bad(429, headers={"Retry-After": "1"})
    rig.script("/tasks", *[refused] * MAX_CONSECUTIVE_429, good("1"))
    assert rig.client.fetch(ASK).records
    rig.script("/tasks", refused)
    with pytest.raises(RetriesExhaustedError, match=r"\(429\) at /tasks"):
        rig.client.fetch(ASK)
    assert len(rig.asana.request_history) == 2 * (MAX_CONSECUTIVE_429 + 1)


def test_a_page_that_takes_too_long_is_halved() -> None:
    """After each 504 half as many rows are asked for, down to ten, and the rest of the list stays so."""
    rig = Rig()
    rig.script("/tasks", *[bad(504)] * 5, good("1", offset="eyj"), good())
    page = rig.client.fetch(ASK)
    assert page.next_request is not None
    rig.client.fetch(page.next_request)
    assert [query["limit"] for query in rig.asked()] == ["100", "50", "25", "12", "10", "10", "10"]


@pytest.mark.parametrize("ask", [Request("tasks", "/tasks", limit=5), Request("tasks", "/tasks")])
def test_a_small_page_is_not_made_larger(ask: Request) -> None:
    """A page size below ten is kept after a 504, and none is sent where none was asked for."""
    rig = Rig()
    rig.script("/tasks", bad(504), good())
    rig.client.fetch(ask)
    first, second = rig.asked()
    assert first == second


def test_other_server_errors_leave_the_page_size() -> None:
    """A 500 does not say that the page was too large."""
    rig = Rig()
    rig.script("/tasks", bad(500), good())
    rig.client.fetch(ASK)
    assert [query["limit"] for query in rig.asked()] == ["100", "100"]


def test_a_broken_request_does_not_hold_the_probe() -> None:
    """Whatever becomes of the request that probes for the free plan, others may leave after it."""
    rig = Rig()
    rig.script("/tasks", *[good()] * FREE_PLAN_PER_MINUTE, {"exc": RuntimeError}, good("1"))
    for _ in range(FREE_PLAN_PER_MINUTE):
        rig.client.fetch(ASK)
    with pytest.raises(RuntimeError):
        rig.client.fetch(ASK)
    rig.client.cancelled.set()
    with pytest.raises(RunCancelled):
        rig.client.fetch(ASK)
    rig.client.cancelled.clear()
    assert rig.client.fetch(ASK).records == [{"gid": "1"}]
    assert rig.clock.slept == []


def test_the_end_of_a_run_ends_every_pause() -> None:
    """A request that waits to be tried again, or for the pace, gives up as soon as the run is ending."""
    rig = Rig()
    paused = threading.Semaphore(0)
    rig.script("/tasks", bad(503, headers={"Retry-After": "3600"}))
    rig.script("/users", bad(429, headers={"Retry-After": "3600"}))
    stopping = threading.Event()

    def wait(seconds: float) -> bool:
        paused.release()
        return stopping.wait(min(seconds, PATIENCE))

    client = AsanaClient(
        Connection("https://app.asana.com/api/1.0"),
        FixedToken(TOKEN),
        RateLimiter(1500, clock=Clock(), sleep=wait),
        session=rig.session,
        sleep=wait,
    )
    client.cancelled = stopping
    with ThreadPoolExecutor() as pool:
        fetches = [pool.submit(client.fetch, ask) for ask in (ASK, Request("users", "/users"))]
        for _ in fetches:
            assert paused.acquire(timeout=PATIENCE)
        stopping.set()
        for fetch in fetches:
            with pytest.raises(RunCancelled):
                fetch.result(PATIENCE)


def test_a_pause_that_was_cut_short_is_the_last_wait() -> None:
    """Where the run began to end during a request, the request does not wait for the pace after its pause."""
    rig = Rig(per_minute=1)

    def last_answer(_request: _RequestObjectProxy, _context: _Context) -> str:
        rig.client.cancelled.set()
        return "<html>"

    rig.script("/tasks", {"text": last_answer})
    with pytest.raises(RunCancelled):
        rig.client.fetch(ASK)
    assert len(rig.clock.slept) == 1


def test_a_run_that_ends_sends_nothing_more() -> None:
    """Once the run is ending, no request leaves, and none is counted."""
    rig = Rig()
    rig.script("/tasks", good())
    rig.client.cancelled.set()
    with pytest.raises(RunCancelled):
        rig.client.fetch(ASK)
    assert rig.asana.request_history == []
    assert rig.client.metrics.requests() == 0


def test_logs_and_messages_keep_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """No token, no address and no word of a task is logged at any level or told in an error (law 9)."""
    rig = Rig()
    secrets = (TOKEN, "jane@example.com", "Fire Jack on Monday")
    leak = f"{TOKEN} jane@example.com Fire Jack on Monday"
    record = {"json": {"data": [{"gid": "1", "name": leak}]}, "headers": {"Asana-Change": "name=a;info=b"}}
    answers = [record, bad(403, leak), bad(402, leak), bad(404, leak), {"exc": requests.ConnectionError(leak)}, record]
    rig.script("/tasks", *answers, {"status_code": 503, "text": leak})
    with caplog.at_level(logging.DEBUG):
        for purpose in "abcde":
            rig.client.fetch(Request(purpose, "/tasks", {"assignee": "jane@example.com"}))
        with pytest.raises(RetriesExhaustedError) as raised:
            rig.client.fetch(ASK)
    assert len(rig.asana.request_history) > len(answers)
    told = f"{caplog.text} {raised.value!r} {rig.client.metrics['b']}"
    assert "(402)" in told
    assert [secret for secret in secrets if secret in told] == []
