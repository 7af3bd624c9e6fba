"""Failures after all retries: which ones skip a parent, and which ones end the run (law 6)."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import requests
from requests_mock.request import _RequestObjectProxy
from requests_mock.response import _Context
from rig import ASK, Rig, bad, good

from tap_asana.api.protocol import NO_ANSWER, Unavailable
from tap_asana.api.request import Request
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
    rig = Rig()
    rig.script("/tasks", *[fault] * 7, good("1", "2"))
    assert rig.client.fetch(ASK).records == [{"gid": "1"}, {"gid": "2"}]
    metrics = rig.client.metrics["tasks"]
    assert (metrics.requests, metrics.retries) == (8, 7)
    assert len(rig.clock.slept) == 7


@faults
@pytest.mark.parametrize("root", TRANSIENT_FAULTS.values(), ids=TRANSIENT_FAULTS)
def test_a_persistent_fault_ends_the_run(fault: dict[str, Any], root: dict[str, Any]) -> None:
    """A fault of both the request and the root ends the run after a minute, with the path and the reason.

    This also holds for a run of a single request.
    """
    rig = Rig()
    rig.script("/tasks", fault)
    rig.script("/workspaces", root)
    begin = rig.clock.now
    with pytest.raises(RetriesExhaustedError) as raised:
        rig.client.fetch(ASK)
    assert re.fullmatch(r"Request to /tasks failed on every attempt: .+", str(raised.value))
    paths = [request.path.rpartition("/")[2] for request in rig.asana.request_history]
    assert paths.count("tasks") > 5
    assert paths.count("workspaces") == RetryLimits().root_attempts
    assert 60 <= rig.clock.now - begin <= 150


@faults
def test_a_persistent_fault_of_one_parent_skips_it(fault: dict[str, Any]) -> None:
    """If the root answers, the failing parent is skipped, named and counted, and others are read."""
    rig = Rig()
    rig.script("/workspaces", good("1"))
    rig.script("/tasks", fault)
    rig.script("/users", good("2"))
    unavailable = rig.client.fetch(ASK).unavailable
    assert unavailable is not None
    assert not unavailable.is_permanent
    assert rig.client.metrics["tasks"].skipped_by_status == {unavailable.status: 1}
    assert rig.client.fetch(replace(ASK, path="/users")).records == [{"gid": "2"}]


def test_a_persistent_fault_of_the_root_ends_the_run() -> None:
    """A failing root list is never skipped, and no further request is made."""
    rig = Rig()
    rig.script("/workspaces", {"status_code": 404, "text": "<html>Not Found</html>"})
    with pytest.raises(
        RetriesExhaustedError,
        match=r"^Request to /workspaces failed on every attempt: 404: Not Found, not sent by Asana itself$",
    ):
        rig.client.fetch(Request("workspaces", "/workspaces", limit=100, is_root=True))
    assert len(rig.asana.request_history) == RetryLimits().attempts


def test_a_token_rejected_by_the_root_ends_the_run() -> None:
    """If a parent fails and the root rejects the token, the error is about the token."""
    rig = Rig()
    rig.script("/tasks", bad(503))
    rig.script("/workspaces", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\)"):
        rig.client.fetch(ASK)


def test_many_consecutive_failures_end_the_run() -> None:
    """Too many consecutive failures end the run even if the root answers; a success resets the count."""
    rig = Rig(retry_limits=RetryLimits(consecutive_failures=4))
    rig.script("/workspaces", good("1"))
    rig.script("/tasks", bad(500, "Server Error"))
    rig.script("/users", good("2"))
    for _ in range(3):
        for _ in range(3):
            assert rig.client.fetch(ASK).unavailable == Unavailable(500, "500: Server Error")
        rig.client.fetch(replace(ASK, path="/users"))
    for _ in range(3):
        rig.client.fetch(ASK)
    line = "^Too many requests failed in a row, the last one to /tasks: 500: Server Error$"
    with pytest.raises(RetriesExhaustedError, match=line):
        rig.client.fetch(ASK)


def test_a_recent_answer_replaces_the_root_check() -> None:
    """The root is not requested if another request succeeded after the last attempt."""
    rig, tries = Rig(), count(1)

    def answered_meanwhile(_request: _RequestObjectProxy, context: _Context) -> str:
        if next(tries) == RetryLimits().attempts:
            rig.client.fetch(replace(ASK, path="/users"))
        context.status_code = 503
        return ""

    rig.script("/tasks", {"text": answered_meanwhile})
    rig.script("/users", good("2"))
    assert rig.client.fetch(ASK).unavailable == Unavailable(NO_ANSWER, "503: Service Unavailable")
    assert not [each for each in rig.asana.request_history if each.path.endswith("/workspaces")]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("502 as HTML", "502: Bad Gateway"), ("cut JSON", "malformed JSON"), ("no answer in time", "ReadTimeout")],
)
def test_the_error_of_an_outage_names_the_reason(fault: str, reason: str) -> None:
    """The reason is the status with its name, the fault of the body, or the kind of network error."""
    rig = Rig()
    rig.script("/tasks", TRANSIENT_FAULTS[fault])
    with pytest.raises(RetriesExhaustedError, match=rf": {reason}$"):
        rig.client.fetch(ASK)


def test_the_error_of_an_outage_holds_the_support_phrase() -> None:
    """The phrase for Asana's support in a 500 is part of the message that ends the run."""
    rig = Rig()
    rig.script("/tasks", {"status_code": 500, "json": {"errors": [{"phrase": "6 sad squid snuggle softly"}]}})
    with pytest.raises(RetriesExhaustedError, match="500: 6 sad squid snuggle softly"):
        rig.client.fetch(ASK)


@pytest.mark.parametrize("status", [424, 501])
def test_an_unavailable_third_party_skips_one_parent(status: int) -> None:
    """If another company's host fails, the parent is retried like any other and then skipped."""
    rig = Rig()
    rig.script("/tasks", bad(status, "Failed Dependency"))
    rig.script("/workspaces", good("1"))
    assert rig.client.fetch(ASK).unavailable == Unavailable(status, f"{status}: Failed Dependency")
    assert len(rig.asana.request_history) > 5
    assert rig.client.metrics["tasks"].skipped_by_status == {status: 1}
