"""Failures after all retries: which ones skip a parent, and which ones end the run (law 6)."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import requests
from client_fixture import REQUEST, ClientFixture, bad, good
from requests_mock.request import _RequestObjectProxy
from requests_mock.response import _Context

from tap_asana.api.protocol import NO_ANSWER, Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.api.retries import RetryLimits
from tap_asana.errors import FatalResponseError, RetriesExhaustedError

TRANSIENT_FAULTS = {
    "500": bad(500, "Server Error"),
    "502 as HTML": {"status_code": 502, "text": "<html><h1>Bad Gateway</h1></html>"},
    "503 without a body": {"status_code": 503},
    "403 as HTML": {"status_code": 403, "text": "<html><h1>403 Forbidden</h1></html>"},
    "404 without a body": {"status_code": 404},
    "401 as HTML": {"status_code": 401, "text": "<html>proxy</html>"},
    "400 in another form": {"status_code": 400, "json": {"error": "bad request"}},
    "402 in another form": {"status_code": 402, "json": {"errors": []}},
    "204": {"status_code": 204},
    "302": {"status_code": 302, "headers": {"Location": "https://login.example.com"}},
    "304": {"status_code": 304},
    "307": {"status_code": 307, "headers": {"Location": "https://login.example.com"}},
    "407": bad(407),
    "408": bad(408),
    "409": bad(409, "Conflict"),
    "null at 200": {"json": {"data": None}},
    "HTML at 200": {"text": "<html>maintenance</html>"},
    "nothing at 200": {"text": ""},
    "cut JSON": {"text": '{"data": [{"gid": "1"}, {"gi'},
    "reset": {"exc": requests.ConnectionError("Connection reset by peer")},
    "no connection in time": {"exc": requests.ConnectTimeout},
    "no answer in time": {"exc": requests.ReadTimeout},
    "cut body": {"exc": requests.exceptions.ChunkedEncodingError("IncompleteRead")},
    "broken compression": {"exc": requests.exceptions.ContentDecodingError},
}


faults = pytest.mark.parametrize("fault", TRANSIENT_FAULTS.values(), ids=TRANSIENT_FAULTS)


@faults
def test_transient_faults_are_retried(fault: dict[str, Any]) -> None:
    """A transient fault is retried more than five times, and the page is complete in the end."""
    fixture = ClientFixture()
    fixture.script("/tasks", *[fault] * 7, good("1", "2"))
    assert fixture.client.fetch(REQUEST).records == [{"gid": "1"}, {"gid": "2"}]
    metrics = fixture.client.metrics["tasks"]
    assert (metrics.requests, metrics.retries) == (8, 7)
    assert len(fixture.clock.slept) == 7


@faults
@pytest.mark.parametrize("root", TRANSIENT_FAULTS.values(), ids=TRANSIENT_FAULTS)
def test_a_persistent_fault_ends_the_run(fault: dict[str, Any], root: dict[str, Any]) -> None:
    """A fault of both the request and the root ends the run after a minute, with the path and the reason.

    This also holds for a run of a single request.
    """
    fixture = ClientFixture()
    fixture.script("/tasks", fault)
    fixture.script("/workspaces", root)
    begin = fixture.clock.now
    with pytest.raises(RetriesExhaustedError) as raised:
        fixture.client.fetch(REQUEST)
    assert re.fullmatch(r"Request to /tasks failed on every attempt: .+", str(raised.value))
    paths = [request.path.rpartition("/")[2] for request in fixture.asana.request_history]
    assert paths.count("tasks") > 5
    assert paths.count("workspaces") == RetryLimits().root_attempts
    assert 60 <= fixture.clock.now - begin <= 150


@faults
def test_a_persistent_fault_of_one_parent_skips_it(fault: dict[str, Any]) -> None:
    """If the root answers, the failing parent is skipped, named and counted, and others are read."""
    fixture = ClientFixture()
    fixture.script("/workspaces", good("1"))
    fixture.script("/tasks", fault)
    fixture.script("/users", good("2"))
    unavailable = fixture.client.fetch(REQUEST).unavailable
    assert unavailable is not None
    assert not unavailable.is_permanent
    assert fixture.client.metrics["tasks"].skipped_by_status == {unavailable.status: 1}
    assert fixture.client.fetch(replace(REQUEST, path="/users")).records == [{"gid": "2"}]


def test_the_first_page_of_the_root_proves_that_asana_answers() -> None:
    """If it does not say whether another one follows, none is requested, whose failure would wait for this proof."""
    fixture, pages = ClientFixture(), list[Page]()
    fixture.script("/workspaces", {"json": {"data": [{"gid": "1"}]}}, {"status_code": 503})
    fixture.script("/tasks", {"status_code": 503})
    thread = threading.Thread(target=lambda: pages.append(fixture.client.fetch(REQUEST)), daemon=True)
    thread.start()
    thread.join(30)
    assert [page.unavailable is not None for page in pages] == [True]
    assert [request.path for request in fixture.asana.request_history].count("/api/1.0/workspaces") == 1


def test_a_persistent_fault_of_the_root_ends_the_run() -> None:
    """A failing root list is never skipped, and no further request is made."""
    fixture = ClientFixture()
    fixture.script("/workspaces", {"status_code": 404, "text": "<html>Not Found</html>"})
    with pytest.raises(
        RetriesExhaustedError,
        match=r"^Request to /workspaces failed on every attempt: 404: Not Found, not sent by Asana itself$",
    ):
        fixture.client.fetch(Request("workspaces", "/workspaces", limit=100, is_root=True))
    assert len(fixture.asana.request_history) == RetryLimits().attempts


def test_a_token_rejected_by_the_root_ends_the_run() -> None:
    """If a parent fails and the root rejects the token, the error is about the token."""
    fixture = ClientFixture()
    fixture.script("/tasks", bad(503))
    fixture.script("/workspaces", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\)"):
        fixture.client.fetch(REQUEST)


def test_many_consecutive_failures_end_the_run() -> None:
    """Too many consecutive failures end the run even if the root answers; a success resets the count."""
    fixture = ClientFixture(retry_limits=RetryLimits(consecutive_failures=4))
    fixture.script("/workspaces", good("1"))
    fixture.script("/tasks", bad(500, "Server Error"))
    fixture.script("/users", good("2"))
    for _ in range(3):
        for _ in range(3):
            assert fixture.client.fetch(REQUEST).unavailable == Unavailable(500, "500: Server Error")
        fixture.client.fetch(replace(REQUEST, path="/users"))
    for _ in range(3):
        fixture.client.fetch(REQUEST)
    line = "^Too many requests failed in a row, the last one to /tasks: 500: Server Error$"
    with pytest.raises(RetriesExhaustedError, match=line):
        fixture.client.fetch(REQUEST)


def test_a_recent_answer_replaces_the_root_check() -> None:
    """The root is not requested if another request succeeded after the last attempt."""
    fixture, tries = ClientFixture(), count(1)

    def answered_meanwhile(_request: _RequestObjectProxy, context: _Context) -> str:
        if next(tries) == RetryLimits().attempts:
            fixture.client.fetch(replace(REQUEST, path="/users"))
        context.status_code = 503
        return ""

    fixture.script("/tasks", {"text": answered_meanwhile})
    fixture.script("/users", good("2"))
    assert fixture.client.fetch(REQUEST).unavailable == Unavailable(NO_ANSWER, "503: Service Unavailable")
    assert not [each for each in fixture.asana.request_history if each.path.endswith("/workspaces")]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("502 as HTML", "502: Bad Gateway"), ("cut JSON", "malformed JSON"), ("no answer in time", "ReadTimeout")],
)
def test_the_error_of_an_outage_names_the_reason(fault: str, reason: str) -> None:
    """The reason is the status with its name, the fault of the body, or the kind of network error."""
    fixture = ClientFixture()
    fixture.script("/tasks", TRANSIENT_FAULTS[fault])
    with pytest.raises(RetriesExhaustedError, match=rf": {reason}$"):
        fixture.client.fetch(REQUEST)


def test_the_error_of_an_outage_holds_the_support_phrase() -> None:
    """The phrase for Asana's support in a 500 is part of the message that ends the run."""
    fixture = ClientFixture()
    fixture.script("/tasks", {"status_code": 500, "json": {"errors": [{"phrase": "6 sad squid snuggle softly"}]}})
    with pytest.raises(RetriesExhaustedError, match="500: 6 sad squid snuggle softly"):
        fixture.client.fetch(REQUEST)


@pytest.mark.parametrize("status", [424, 501])
def test_an_unavailable_third_party_skips_one_parent(status: int) -> None:
    """If another company's host fails, the parent is retried like any other and then skipped."""
    fixture = ClientFixture()
    fixture.script("/tasks", bad(status, "Failed Dependency"))
    fixture.script("/workspaces", good("1"))
    assert fixture.client.fetch(REQUEST).unavailable == Unavailable(status, f"{status}: Failed Dependency")
    assert len(fixture.asana.request_history) > 5
    assert fixture.client.metrics["tasks"].skipped_by_status == {status: 1}
