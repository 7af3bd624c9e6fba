"""What each answer of Asana's means (law 6)."""

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
    """Decipher a JSON answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_response(status, named, json.dumps(document).encode(), NOW)


def error(status: int, message: str, **more: str | None) -> Outcome:
    """Decipher an answer in Asana's envelope for errors."""
    return answer(status, {"errors": [{"message": message, "help": "For more information …"}], **more})


def test_a_list_is_a_page_of_its_records() -> None:
    """The records of a list come with the token of its next page."""
    outcome = answer(200, {"data": [{"gid": "1"}, {"gid": "2"}], "next_page": {"offset": "eyJ", "path": "/x"}})
    assert outcome == Records([{"gid": "1"}, {"gid": "2"}], "eyJ")


@pytest.mark.parametrize("document", [{"data": [{"gid": "1"}]}, {"data": [{"gid": "1"}], "next_page": None}])
def test_a_list_ends_where_no_page_follows(document: object) -> None:
    """A next_page of null is the end of a list, and so is none at all."""
    assert answer(200, document) == Records([{"gid": "1"}])


def test_a_short_page_does_not_end_a_list() -> None:
    """A page without records goes on all the same where Asana names a next one."""
    assert answer(200, {"data": [], "next_page": {"offset": "eyJ"}}) == Records([], "eyJ")


@pytest.mark.parametrize("status", [200, 201])
def test_an_object_is_a_page_of_one_record(status: int) -> None:
    """A single object is read as a list of it, be it found or just made."""
    assert answer(status, {"data": {"gid": "1"}}) == Records([{"gid": "1"}])


def test_events_bring_their_token() -> None:
    """The sync token of events and whether more of them wait come with the page."""
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
def test_a_good_status_without_a_good_body_is_tried_again(body: bytes) -> None:
    """Cut, malformed, foreign and empty bodies are passing faults; no list ends because of one."""
    outcome = parse_response(200, {}, body, NOW)
    assert isinstance(outcome, Retry)
    assert (outcome.after_seconds, outcome.throttled, outcome.as_unavailable().status) == (None, False, NO_ANSWER)


OWN = b'{"errors": [{"message": "Server Error"}]}'
"""A body in Asana's own envelope."""


@pytest.mark.parametrize("body", [b"", HTML, OWN])
@pytest.mark.parametrize("status", [407, 408, 409, 424, 425, 500, 501, 502, 503, 504, 520, 599])
def test_passing_faults_are_tried_again(status: int, body: bytes) -> None:
    """Every 5xx passes, and each 4xx of a moment, whatever its body; only 504 says that the page was too much.

    Tried often enough, it is a refusal with that status where Asana itself said so.
    """
    outcome = parse_response(status, {}, body, NOW)
    assert isinstance(outcome, Retry)
    assert outcome.reason.startswith(f"{status}: ")
    assert (outcome.throttled, outcome.halve_page) == (False, status == 504)
    assert outcome.as_unavailable() == Unavailable(status if body == OWN else NO_ANSWER, outcome.reason)


def test_the_time_that_a_server_error_names_is_kept() -> None:
    """A Retry-After beside a 503 concerns this request, not everybody."""
    assert answer(503, {}, Retry_After="7") == Retry("503: Service Unavailable", 7.0)


def test_the_phrase_of_a_500_is_told() -> None:
    """What Asana's support asks for after a 500 is part of the reason, in one line."""
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
def test_refusals_carry_the_words_of_asana(status: int, outcome: Outcome) -> None:
    """401 is about the token, and every other 4xx about the one parent or list that was asked for."""
    assert error(status, "No.") == outcome


@pytest.mark.parametrize("status", [*range(400, 429), 451, 499])
@pytest.mark.parametrize("body", [b"", HTML, b"{}", b'{"errors": "no"}', b'{"errors": []}', b'{"errors": ["no"]}'])
def test_only_the_envelope_of_asana_refuses(status: int, body: bytes) -> None:
    """Without it nothing is known of what was asked for: whoever answered was not Asana, and may be gone soon."""
    outcome = parse_response(status, {}, body, NOW)
    assert isinstance(outcome, Retry)
    assert outcome.reason.endswith(", which is not Asana's own answer")
    assert not outcome.as_unavailable().permanent


def test_a_refusal_without_words_is_told_by_its_name() -> None:
    """Where the envelope holds no words, the status has a name of its own."""
    assert answer(403, {"errors": [None, {"message": 5}]}) == Unavailable(403, "Forbidden")
    assert answer(499, {"errors": [{}]}) == Unavailable(499, "unknown status")


def test_some_refusals_stay_until_somebody_changes_something() -> None:
    """Plan, scope and permission are nobody's fault; whatever else is refused may be answered tomorrow."""
    assert {status for status in range(600) if Unavailable(status, "").permanent} == {401, 402, 403, 404}


def test_all_errors_of_an_answer_are_told_in_one_line() -> None:
    """Several errors, and errors of several lines, make one line."""
    outcome = answer(400, {"errors": [{"message": "limit: Not\n a number"}, {"message": "offset: Not text"}]})
    assert outcome == Unavailable(400, "limit: Not a number offset: Not text")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304, 204])
def test_no_redirect_is_an_answer(status: int) -> None:
    """Asana does not redirect: whatever does is not Asana, and passes."""
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
def test_an_old_page_token_restarts_its_list(message: str) -> None:
    """An expired page token is no error of the tap's."""
    assert error(400, message) == PageTokenExpired()
    assert isinstance(error(403, message), Unavailable)


def test_a_truncated_list_is_told() -> None:
    """A list that is longer than Asana gives out is neither complete nor an error."""
    assert error(400, "The result set has been truncated; narrow your query.") == Truncated()


@pytest.mark.parametrize(
    "message",
    [
        "The result is too large. You should use pagination (may require specifying a workspace)!",
        "project: Not a recognized ID: 0",
        "offset: expected a string",
    ],
)
def test_any_other_400_is_told_in_the_words_of_asana(message: str) -> None:
    """A request that Asana cannot read is refused in Asana's own words."""
    assert error(400, message) == Unavailable(400, message)


def test_an_old_sync_token_brings_a_new_one() -> None:
    """A 412 with a sync token is where events begin again; without one it is a refusal."""
    assert error(412, "Sync token invalid or too old", sync="de4774") == SyncTokenExpired("de4774")
    assert error(412, "Sync token invalid", sync=None) == Unavailable(412, "Sync token invalid")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        (DATE, 10.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
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
def test_everyone_waits_as_long_as_a_429_says(value: str, seconds: float | None) -> None:
    """Retry-After is a number of seconds or a date; what cannot be read is no time, and no wait is endless."""
    assert answer(429, {"errors": []}, Retry_After=value) == Retry("429", seconds, throttled=True)


def test_a_429_need_not_name_a_time() -> None:
    """A 429 without Retry-After still holds everybody; how long is for the pace to say."""
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
def test_every_answer_means_something(status: int, body: bytes) -> None:
    """No status and no body is beyond the protocol, and only 200 and 201 can bring records."""
    outcome = parse_response(status, {}, body, NOW)
    assert isinstance(outcome, Outcome)
    assert not isinstance(outcome, Records) or status in {200, 201}


@given(value=st.text(max_size=40) | st.floats().map(str) | st.integers().map(str))
def test_every_retry_after_can_be_waited_for(value: str) -> None:
    """Whatever Retry-After says, the wait has an end and is not negative."""
    seconds = retry_after({"Retry-After": value}, NOW)
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER_SECONDS
