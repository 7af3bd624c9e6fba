"""The outcome of each response from Asana (law 6)."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_asana.api.protocol import (
    MAX_RETRY_AFTER_SECONDS,
    NO_ANSWER,
    Outcome,
    PageTokenExpired,
    Records,
    Retry,
    SyncTokenExpired,
    Truncated,
    Unauthorized,
    Unavailable,
    parse_response,
    retry_after,
)

NOW = 1_445_412_470.0
"""Ten seconds before the date in DATE."""
DATE = "Wed, 21 Oct 2015 07:28:00 GMT"
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def answer(status: int, document: object, **headers: str) -> Outcome:
    """Parse a JSON response."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_response(status, named, json.dumps(document).encode(), NOW)


def error(status: int, message: str, **more: str | None) -> Outcome:
    """Parse a response in Asana's error envelope."""
    return answer(status, {"errors": [{"message": message, "help": "For more information …"}], **more})


def test_a_list_is_a_page_of_its_records() -> None:
    """The records of a list are returned with the token of its next page."""
    outcome = answer(200, {"data": [{"gid": "1"}, {"gid": "2"}], "next_page": {"offset": "eyJ", "path": "/x"}})
    assert outcome == Records([{"gid": "1"}, {"gid": "2"}], "eyJ")


def test_a_success_with_errors_is_retried() -> None:
    """Rows next to an error may be a part of them; an empty list of errors says nothing."""
    outcome = answer(200, {"data": [{"gid": "1"}], "errors": [{"message": "Server\nError"}], "next_page": None})
    assert outcome == Retry("200 with errors: Server Error")
    assert answer(200, {"data": [{"gid": "1"}], "errors": []}) == Records([{"gid": "1"}])


@pytest.mark.parametrize("document", [{"data": [{"gid": "1"}]}, {"data": [{"gid": "1"}], "next_page": None}])
def test_a_list_without_a_next_page_ends(document: object) -> None:
    """A list ends if next_page is null or missing."""
    assert answer(200, document) == Records([{"gid": "1"}])


def test_an_empty_page_does_not_end_a_list() -> None:
    """After a page without records, the list continues if Asana names a next page."""
    assert answer(200, {"data": [], "next_page": {"offset": "eyJ"}}) == Records([], "eyJ")


@pytest.mark.parametrize("status", [200, 201])
def test_an_object_is_a_page_of_one_record(status: int) -> None:
    """A single object, read or created, is parsed as a list of one record."""
    assert answer(status, {"data": {"gid": "1"}}) == Records([{"gid": "1"}])


def test_pages_of_events_hold_a_sync_token() -> None:
    """A page of events holds the sync token and whether there are more events."""
    assert answer(200, {"data": [], "sync": "de4774", "has_more": True}) == Records(
        [], sync_token="de4774", has_more=True
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"data": [{"gid": "1"}, {"gi',
        HTML,
        b"null",
        b"[]",
        b'"data"',
        b"{}",
        b'{"data": null}',
        b'{"data": "1"}',
        b'{"errors": [{"message": "Server Error"}]}',
        pytest.param(b"[" * 100_000, id="too deep"),
        b'{"data": [], "next_page": {}}',
        b'{"data": [], "next_page": {"offset": null}}',
        b'{"data": [], "next_page": {"offset": ""}}',
        b'{"data": [], "next_page": "eyJ"}',
    ],
)
def test_a_good_status_with_a_bad_body_is_retried(body: bytes) -> None:
    """Truncated, malformed, foreign and empty bodies are transient faults, and never end a list."""
    outcome = parse_response(200, {}, body, NOW)
    assert isinstance(outcome, Retry)
    assert (outcome.after_seconds, outcome.throttled, outcome.as_unavailable().status) == (None, False, NO_ANSWER)


OWN = b'{"errors": [{"message": "Server Error"}]}'
"""A body in Asana's own envelope."""


@pytest.mark.parametrize("body", [b"", HTML, OWN])
@pytest.mark.parametrize("status", [407, 408, 409, 424, 425, 500, 501, 502, 503, 504, 520, 599])
def test_transient_statuses_are_retried(status: int, body: bytes) -> None:
    """Every 5xx and each transient 4xx is retried, with any body; only a 504 halves the page.

    After the retries, the parent is unavailable with that status if the body is Asana's own.
    """
    outcome = parse_response(status, {}, body, NOW)
    assert isinstance(outcome, Retry)
    assert outcome.reason.startswith(f"{status}: ")
    assert (outcome.throttled, outcome.halve_page) == (False, status == 504)
    assert outcome.as_unavailable() == Unavailable(status if body == OWN else NO_ANSWER, outcome.reason)


def test_a_retry_after_of_a_server_error_is_kept() -> None:
    """A Retry-After in a 503 concerns that request only."""
    assert answer(503, {}, Retry_After="7") == Retry("503: Service Unavailable", 7.0)


def test_the_support_phrase_of_a_500_is_kept() -> None:
    """The phrase for Asana's support in a 500 is part of the reason, in one line."""
    outcome = answer(500, {"errors": [{"message": "Server\nError", "phrase": "6 sad squid snuggle softly"}]})
    assert outcome == Retry("500: Server Error 6 sad squid snuggle softly", status=500)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, Unauthorized("No.")),
        (402, Unavailable(402, "No.")),
        (403, Unavailable(403, "No.")),
        (404, Unavailable(404, "No.")),
        (400, Unavailable(400, "No.")),
        (405, Unavailable(405, "No.")),
        (410, Unavailable(410, "No.")),
        (412, Unavailable(412, "No.")),
        (413, Unavailable(413, "No.")),
        (451, Unavailable(451, "No.")),
    ],
)
def test_refusals_keep_asanas_message(status: int, outcome: Outcome) -> None:
    """A 401 concerns the token, and every other 4xx the requested parent or list."""
    assert error(status, "No.") == outcome


@pytest.mark.parametrize("status", [*range(400, 429), 451, 499])
@pytest.mark.parametrize("body", [b"", HTML, b"{}", b'{"errors": "no"}', b'{"errors": []}', b'{"errors": ["no"]}'])
def test_a_4xx_without_asanas_envelope_is_retried(status: int, body: bytes) -> None:
    """Without Asana's error envelope, a 4xx came from an intermediary, and may pass."""
    outcome = parse_response(status, {}, body, NOW)
    assert isinstance(outcome, Retry)
    assert outcome.reason.endswith(", not sent by Asana itself")
    assert not outcome.as_unavailable().is_permanent


def test_a_refusal_without_a_message_gets_the_status_name() -> None:
    """If the envelope holds no message, the name of the status replaces it."""
    assert answer(403, {"errors": [None, {"message": 5}]}) == Unavailable(403, "Forbidden")
    assert answer(499, {"errors": [{}]}) == Unavailable(499, "unknown status")


def test_permanent_refusals() -> None:
    """Refusals for plan, scope or permission are permanent; any other may be answered on the next run."""
    assert {status for status in range(600) if Unavailable(status, "").is_permanent} == {401, 402, 403, 404}


def test_all_errors_of_a_response_are_joined_to_one_line() -> None:
    """Several errors, and errors of several lines, become one line."""
    outcome = answer(400, {"errors": [{"message": "limit: Not\n a number"}, {"message": "offset: Not text"}]})
    assert outcome == Unavailable(400, "limit: Not a number offset: Not text")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304, 204])
def test_redirects_are_retried(status: int) -> None:
    """Asana never redirects: a redirect comes from an intermediary, and is a transient fault."""
    outcome = parse_response(status, {"Location": "https://example.com"}, b"", NOW)
    assert isinstance(outcome, Retry)
    assert outcome.as_unavailable().status == NO_ANSWER


@pytest.mark.parametrize(
    "message",
    [
        "offset: Your pagination token has expired.",
        "offset: Your pagination token is invalid.",
        "Your Pagination Token Has Expired",
    ],
)
def test_an_expired_page_token_is_recognized(message: str) -> None:
    """A 400 for an expired page token has an outcome of its own."""
    assert error(400, message) == PageTokenExpired()
    assert isinstance(error(403, message), Unavailable)


def test_a_truncated_list_is_recognized() -> None:
    """A list beyond Asana's limit is neither complete nor an error."""
    assert error(400, "The result set has been truncated; narrow your query.") == Truncated()


@pytest.mark.parametrize(
    "message",
    [
        "The result is too large. You should use pagination (may require specifying a workspace)!",
        "project: Not a recognized ID: 0",
        "offset: expected a string",
    ],
)
def test_any_other_400_keeps_asanas_message(message: str) -> None:
    """Any other 400 makes the parent unavailable, with Asana's own message."""
    assert error(400, message) == Unavailable(400, message)


def test_an_expired_sync_token_is_replaced() -> None:
    """A 412 with a sync token restarts the events; without one, the parent is unavailable."""
    assert error(412, "Sync token invalid or too old", sync="de4774") == SyncTokenExpired("de4774")
    assert error(412, "Sync token invalid", sync=None) == Unavailable(412, "Sync token invalid")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        ("0", None),
        ("1.5", 1.5),
        ("-3", None),
        (DATE, 10.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Wed, 32 Oct 2015 07:28:00 GMT", None),
        ("Mon, 01 Jan 2020 00:00:00 +99999999999999", None),
        ("99999999999", MAX_RETRY_AFTER_SECONDS),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_SECONDS),
    ],
)
def test_a_429_pauses_for_its_retry_after(value: str, seconds: float | None) -> None:
    """Retry-After is a number of seconds or a date; one that is unreadable or over is ignored, a long one capped."""
    assert answer(429, {"errors": []}, Retry_After=value) == Retry("429", seconds, throttled=True)


def test_a_429_without_a_retry_after_is_throttled() -> None:
    """A 429 without Retry-After still pauses all requests; the rate limiter chooses the time."""
    assert error(429, "You've made too many requests.") == Retry("429", None, throttled=True)


json_text = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
envelopes = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("data", "next_page", "errors", "sync", "has_more"), json_text)
)


@given(
    status=st.integers(0, 999),
    body=st.binary(max_size=60) | st.builds(lambda document: json.dumps(document).encode(), json_text | envelopes),
)
@example(status=200, body=b'{"data":{"gid":1e400}}')
def test_every_response_has_an_outcome(status: int, body: bytes) -> None:
    """Every status and body has an outcome, and only 200 and 201 can give records."""
    outcome = parse_response(status, {}, body, NOW)
    assert isinstance(outcome, Outcome)
    assert not isinstance(outcome, Records) or status in {200, 201}


@given(value=st.text(max_size=40) | st.floats().map(str) | st.integers().map(str))
def test_every_retry_after_is_bounded(value: str) -> None:
    """For any Retry-After, the wait is finite and positive."""
    seconds = retry_after({"Retry-After": value}, NOW)
    assert seconds is None or 0 < seconds <= MAX_RETRY_AFTER_SECONDS
