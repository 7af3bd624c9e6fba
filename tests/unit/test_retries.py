"""Retries of the client: how often, how long and until when (law 6)."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from client_fixture import REQUEST, TOKEN, ClientFixture, bad, good
from clock import PATIENCE, Clock
from requests_mock.request import _RequestObjectProxy
from requests_mock.response import _Context

from tap_asana.api.auth import FixedToken
from tap_asana.api.client import AsanaClient, Connection
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.api.request import Request
from tap_asana.api.retries import RetryLimits, backoff_delays
from tap_asana.errors import RetriesExhaustedError, RunCancelled


def test_backoff_delays_grow_and_vary() -> None:
    """Delays double up to half a minute, with a random half so that requests do not return together."""
    first, second = list(backoff_delays()), list(backoff_delays())
    assert first[-1] is None
    assert len(first) > 6
    fixed = [0.5, 1, 2, 4, 8, 15, 15, 15]
    assert all(least <= (pause or 0) <= 2 * least for least, pause in zip(fixed, first, strict=False))
    assert first != second


def test_a_429_without_a_retry_after_pauses_with_growing_delays() -> None:
    """Without a Retry-After, the pause doubles with each repetition."""
    fixture = ClientFixture()
    fixture.script("/tasks", *[bad(429)] * 5, good("1"))
    begin = fixture.clock.now
    fixture.client.fetch(REQUEST)
    assert fixture.clock.slept == [1, 2, 4, 8, 16]
    assert fixture.clock.now - begin == 31


def test_a_longer_retry_after_replaces_the_backoff() -> None:
    """A Retry-After that exceeds the backoff delay replaces it."""
    fixture = ClientFixture()
    fixture.script("/tasks", bad(503, headers={"Retry-After": "40"}), good())
    fixture.client.fetch(REQUEST)
    assert fixture.clock.slept == [40.0]


def test_429s_do_not_count_as_attempts() -> None:
    """A throttled request succeeds after many 429s, but their number is limited."""
    fixture = ClientFixture()
    throttled = bad(429, headers={"Retry-After": "1"})
    fixture.script("/tasks", *[throttled] * RetryLimits().consecutive_429, good("1"))
    assert fixture.client.fetch(REQUEST).records
    fixture.script("/tasks", throttled)
    with pytest.raises(RetriesExhaustedError, match=r"^Request to /tasks failed on every attempt: 429$"):
        fixture.client.fetch(REQUEST)
    assert len(fixture.asana.request_history) == 2 * (RetryLimits().consecutive_429 + 1)


def test_a_429_between_two_401s_hides_no_refusal() -> None:
    """A list that Asana refuses with 401 is skipped, although the limiter answers every second request to it."""
    fixture = ClientFixture()
    throttled = bad(429, headers={"Retry-After": "1"})
    fixture.script("/workspaces", good("1"))
    fixture.script("/tasks", good("1"), *[bad(401), throttled] * 60)
    fixture.client.fetch(REQUEST)
    page = fixture.client.fetch(REQUEST)
    assert page.unavailable is not None
    assert page.unavailable.status == 401
    assert sum(sent.path.endswith("/tasks") for sent in fixture.asana.request_history) == 4


def test_a_504_halves_the_page_size() -> None:
    """Each 504 halves the page size, down to ten, for the rest of the list."""
    fixture = ClientFixture()
    fixture.script("/tasks", *[bad(504)] * 5, good("1", offset="eyj"), good())
    page = fixture.client.fetch(REQUEST)
    assert page.next_request is not None
    fixture.client.fetch(page.next_request)
    assert [query["limit"] for query in fixture.queries()] == ["100", "50", "25", "12", "10", "10", "10"]


@pytest.mark.parametrize("small", [Request("tasks", "/tasks", limit=5), Request("tasks", "/tasks")])
def test_a_504_keeps_a_small_page_size(small: Request) -> None:
    """After a 504, a page size below ten is kept, and a request without a page size stays so."""
    fixture = ClientFixture()
    fixture.script("/tasks", bad(504), good())
    fixture.client.fetch(small)
    first, second = fixture.queries()
    assert first == second


def test_other_server_errors_keep_the_page_size() -> None:
    """A 500 does not mean that the page was too large."""
    fixture = ClientFixture()
    fixture.script("/tasks", bad(500), good())
    fixture.client.fetch(REQUEST)
    assert [query["limit"] for query in fixture.queries()] == ["100", "100"]


def test_a_failed_request_after_a_429_does_not_block_others() -> None:
    """If the request that finds out whether a pause is over raises or is cancelled, later requests are still sent."""
    fixture = ClientFixture()
    fixture.script("/tasks", bad(429), {"exc": RuntimeError}, good("1"))
    with pytest.raises(RuntimeError):
        fixture.client.fetch(REQUEST)
    fixture.client.cancelled.set()
    with pytest.raises(RunCancelled):
        fixture.client.fetch(REQUEST)
    fixture.client.cancelled.clear()
    assert fixture.client.fetch(REQUEST).records == [{"gid": "1"}]
    assert fixture.clock.slept[0] == 1
    assert sum(fixture.clock.slept) < 2


def test_cancelling_a_run_ends_every_pause() -> None:
    """A request that waits for a retry or for the limiter gives up as soon as the run is cancelled."""
    fixture = ClientFixture()
    paused = threading.Semaphore(0)
    fixture.script("/tasks", bad(503, headers={"Retry-After": "3600"}))
    fixture.script("/users", bad(429, headers={"Retry-After": "3600"}))
    stopping = threading.Event()

    def wait(seconds: float) -> bool:
        paused.release()
        return stopping.wait(min(seconds, PATIENCE))

    client = AsanaClient(
        Connection("https://app.asana.com/api/1.0"),
        FixedToken(TOKEN),
        RateLimiter(1500, clock=Clock(), sleep=wait),
        session=fixture.session,
        sleep=wait,
    )
    client.cancelled = stopping
    with ThreadPoolExecutor() as pool:
        fetches = [pool.submit(client.fetch, request) for request in (REQUEST, Request("users", "/users"))]
        for _ in fetches:
            assert paused.acquire(timeout=PATIENCE)
        stopping.set()
        for fetch in fetches:
            with pytest.raises(RunCancelled):
                fetch.result(PATIENCE)


def test_a_request_does_not_wait_after_cancellation() -> None:
    """If a run is cancelled during a request, the request does not wait for the limiter after its delay."""
    fixture = ClientFixture(per_minute=1)

    def last_answer(_request: _RequestObjectProxy, _context: _Context) -> str:
        fixture.client.cancelled.set()
        return "<html>"

    fixture.script("/tasks", {"text": last_answer})
    with pytest.raises(RunCancelled):
        fixture.client.fetch(REQUEST)
    assert len(fixture.clock.slept) == 1


def test_a_cancelled_run_sends_no_requests() -> None:
    """Once the run is cancelled, no request is sent or counted."""
    fixture = ClientFixture()
    fixture.script("/tasks", good())
    fixture.client.cancelled.set()
    with pytest.raises(RunCancelled):
        fixture.client.fetch(REQUEST)
    assert fixture.asana.request_history == []
    assert fixture.client.metrics.requests() == 0


def test_logs_and_messages_keep_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """No token, no address and no word of a task appears in a log line or an error message (law 9)."""
    fixture = ClientFixture()
    secrets = (TOKEN, "jane@example.com", "Fire Jack on Monday")
    leak = f"{TOKEN} jane@example.com Fire Jack on Monday"
    record = {"json": {"data": [{"gid": "1", "name": leak}]}, "headers": {"Asana-Change": "name=a;info=b"}}
    answers = [record, bad(403, leak), bad(402, leak), bad(404, leak), {"exc": requests.ConnectionError(leak)}, record]
    fixture.script("/tasks", *answers, {"status_code": 503, "text": leak})
    with caplog.at_level(logging.DEBUG):
        for stream in "abcde":
            fixture.client.fetch(Request(stream, "/tasks", {"assignee": "jane@example.com"}))
        with pytest.raises(RetriesExhaustedError) as raised:
            fixture.client.fetch(REQUEST)
    assert len(fixture.asana.request_history) > len(answers)
    output = f"{caplog.text} {raised.value!r} {[fixture.client.metrics[stream] for stream in 'bcd']}"
    assert all(text in output for text in ("(403)", "{402: 1}", "(404)"))  # a 402 has its line at the end of the run
    assert [secret for secret in secrets if secret in output] == []
