"""What is left out and what ends the run, when tries are used up (law 6)."""

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

from tap_asana.api.attempts import ROOT_ATTEMPTS
from tap_asana.api.protocol import NO_ANSWER, Unavailable
from tap_asana.api.request import Request
from tap_asana.api.retries import MAX_ATTEMPTS
from tap_asana.errors import FatalResponseError, RetriesExhaustedError

PASSING = {
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


faults = pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)


@faults
def test_passing_faults_are_tried_again(fault: dict[str, Any]) -> None:
    """Whatever may pass is tried again more than five times, and the page comes whole in the end."""
    rig = Rig()
    rig.script("/tasks", *[fault] * 7, good("1", "2"))
    assert rig.client.fetch(ASK).records == [{"gid": "1"}, {"gid": "2"}]
    tally = rig.client.metrics["tasks"]
    assert (tally.requests, tally.retries) == (8, 7)
    assert len(rig.clock.slept) == 7


@faults
@pytest.mark.parametrize("root", PASSING.values(), ids=PASSING)
def test_what_does_not_pass_ends_the_run(fault: dict[str, Any], root: dict[str, Any]) -> None:
    """A fault that stays, at the root too, is an outage that names the path and the reason, after a minute of patience.

    However few requests a run makes, it does not end well where each of them fails.
    """
    rig = Rig()
    rig.script("/tasks", fault)
    rig.script("/workspaces", root)
    begin = rig.clock.now
    with pytest.raises(RetriesExhaustedError) as raised:
        rig.client.fetch(ASK)
    assert re.fullmatch(r"Asana could not be read \(.+\) at /tasks, however often it was tried", str(raised.value))
    asked = [request.path.rpartition("/")[2] for request in rig.asana.request_history]
    assert asked.count("tasks") > 5
    assert asked.count("workspaces") == ROOT_ATTEMPTS
    assert 60 <= rig.clock.now - begin <= 150


@faults
def test_what_fails_for_good_while_asana_is_there_is_left_out(fault: dict[str, Any]) -> None:
    """Where the root answers, the fault is that of one parent: it is named, counted, and no other is touched."""
    rig = Rig()
    rig.script("/workspaces", good("1"))
    rig.script("/tasks", fault)
    rig.script("/users", good("2"))
    refused = rig.client.fetch(ASK).unavailable
    assert refused is not None
    assert not refused.permanent
    assert rig.client.metrics["tasks"].skipped_by_status == {refused.status: 1}
    assert rig.client.fetch(replace(ASK, path="/users")).records == [{"gid": "2"}]


def test_a_root_that_does_not_pass_ends_the_run() -> None:
    """All hangs from the root: nothing else is asked whether it may be left out."""
    rig = Rig()
    rig.script("/workspaces", {"status_code": 404, "text": "<html>Not Found</html>"})
    with pytest.raises(
        RetriesExhaustedError, match=r"\(404: Not Found, which is not Asana's own answer\) at /workspaces"
    ):
        rig.client.fetch(Request("workspaces", "/workspaces", limit=100, is_root=True))
    assert len(rig.asana.request_history) == MAX_ATTEMPTS


def test_a_token_that_is_refused_by_the_root_ends_the_run() -> None:
    """Where a parent fails and the root does not accept the token, it is the token."""
    rig = Rig()
    rig.script("/tasks", bad(503))
    rig.script("/workspaces", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\)"):
        rig.client.fetch(ASK)


def test_many_failures_in_a_row_are_an_outage() -> None:
    """Though the root answers, so many failures with no success between are an outage; a success counts anew."""
    rig = Rig(max_failures=4)
    rig.script("/workspaces", good("1"))
    rig.script("/tasks", bad(500, "Server Error"))
    rig.script("/users", good("2"))
    for _ in range(3):
        for _ in range(3):
            assert rig.client.fetch(ASK).unavailable == Unavailable(500, "500: Server Error")
        rig.client.fetch(replace(ASK, path="/users"))
    for _ in range(3):
        rig.client.fetch(ASK)
    line = r"^Asana fails in too many requests in a row, the last one \(500: Server Error\) at /tasks$"
    with pytest.raises(RetriesExhaustedError, match=line):
        rig.client.fetch(ASK)


def test_the_root_is_not_asked_where_asana_has_answered_since() -> None:
    """What another request was told later than the last try says already that Asana is there."""
    rig, tries = Rig(), count(1)

    def answered_meanwhile(_request: _RequestObjectProxy, context: _Context) -> str:
        if next(tries) == MAX_ATTEMPTS:
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
def test_an_outage_tells_what_happened(fault: str, reason: str) -> None:
    """The reason is the status with its name, what is wrong with the body, or the kind of network error."""
    rig = Rig()
    rig.script("/tasks", PASSING[fault])
    with pytest.raises(RetriesExhaustedError, match=rf"\({reason}\)"):
        rig.client.fetch(ASK)


def test_an_outage_tells_the_phrase_of_a_500() -> None:
    """What Asana's support asks for after a 500 is in the message that ends the run."""
    rig = Rig()
    rig.script("/tasks", {"status_code": 500, "json": {"errors": [{"phrase": "6 sad squid snuggle softly"}]}})
    with pytest.raises(RetriesExhaustedError, match="500: 6 sad squid snuggle softly"):
        rig.client.fetch(ASK)


@pytest.mark.parametrize("status", [424, 501])
def test_a_third_party_that_stays_away_costs_one_parent(status: int) -> None:
    """Where another company's host stays away, the parent is tried as long as any other and then left out."""
    rig = Rig()
    rig.script("/tasks", bad(status, "Failed Dependency"))
    rig.script("/workspaces", good("1"))
    assert rig.client.fetch(ASK).unavailable == Unavailable(status, f"{status}: Failed Dependency")
    assert len(rig.asana.request_history) > 5
    assert rig.client.metrics["tasks"].skipped_by_status == {status: 1}
