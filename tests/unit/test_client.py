"""The client's pages: records, skipped parents and lists that restart (law 6)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from client_fixture import HEADERS, REQUEST, TOKEN, URL, ClientFixture, bad, good, read_list
from requests.adapters import HTTPAdapter

from tap_asana.api.attempts import TOKENS_EXPIRE_TOO_FAST, UNEXPECTED_SYNC_TOKEN
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.api.retries import RetryLimits
from tap_asana.api.transport import new_session
from tap_asana.errors import FatalResponseError


@pytest.fixture
def fixture() -> ClientFixture:
    """Return a client without answers."""
    return ClientFixture()


def test_a_page_holds_records_and_the_next_request(fixture: ClientFixture) -> None:
    """A page holds its records and the request for the next page; the last page has no next request."""
    fixture.script("/tasks", good("1", offset="eyJ"), good("2"))
    page = fixture.client.fetch(REQUEST)
    assert page == Page(REQUEST, [{"gid": "1"}], REQUEST.with_offset("eyJ"))
    assert page.next_request is not None
    assert fixture.client.fetch(page.next_request) == Page(REQUEST.with_offset("eyJ"), [{"gid": "2"}])


def test_the_query_holds_the_set_parameters_only(fixture: ClientFixture) -> None:
    """Parameters, page size and page token are sent if they are set."""
    fixture.script("/tasks", good("1", offset="eyj"), good())
    fixture.script("/workspaces/1/events", good())
    read_list(fixture, REQUEST)
    fixture.client.fetch(Request("events", "/workspaces/1/events"))
    query = {"project": "12", "opt_fields": "name", "limit": "100"}
    assert fixture.queries() == [query, {**query, "offset": "eyj"}, {}]


def test_a_request_without_a_page_size_has_no_next_page(fixture: ClientFixture) -> None:
    """If a request has no page size, an offset in the response is ignored."""
    fixture.script("/tasks", good("1", offset="eyJ"))
    assert fixture.client.fetch(replace(REQUEST, limit=None)).next_request is None


def test_an_endless_list_ends_with_an_empty_page(fixture: ClientFixture) -> None:
    """A list that always names a next page is read to its first empty page; any other continues after one."""
    fixture.script("/tasks", good("1", offset="a"), good(offset="b"), good("2"))
    assert read_list(fixture, replace(REQUEST, stop_on_empty_page=True)) == ["1"]
    fixture.script("/tasks", good("1", offset="a"), good(offset="b"), good("2"))
    assert read_list(fixture, REQUEST) == ["1", "2"]


def test_a_request_with_a_body_is_posted(fixture: ClientFixture) -> None:
    """A request with a body is sent as POST in Asana's envelope, retried like any other, and returns its record."""
    created = {"status_code": 201, "json": {"data": {"gid": "5"}}}
    fixture.asana.register_uri("POST", f"{URL}/exports/resource", [bad(500), created])
    page = fixture.client.fetch(Request("tasks", "/exports/resource", body={"workspace": "1"}))
    assert page.records == [{"gid": "5"}]
    assert [request.json() for request in fixture.asana.request_history] == [{"data": {"workspace": "1"}}] * 2


def test_every_request_carries_token_headers_and_timeout(fixture: ClientFixture) -> None:
    """Token, configured headers and timeout are part of every request, including retries and later pages."""
    fixture.script("/tasks", bad(500), good("1", offset="eyJ"), bad(429), good())
    read_list(fixture, REQUEST)
    assert len(fixture.asana.request_history) == 4
    for request in fixture.asana.request_history:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert dict(HEADERS).items() <= dict(request.headers).items()
        assert request.timeout == 60.0


def test_netrc_does_not_replace_the_token(
    fixture: ClientFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The credentials of a .netrc entry for the host do not replace the token."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine app.asana.com login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fixture.script("/tasks", good())
    fixture.client.fetch(REQUEST)
    assert fixture.asana.request_history[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_no_redirect_is_followed(fixture: ClientFixture) -> None:
    """A redirect is retried instead of followed: it would carry the token elsewhere, and Asana never redirects."""
    away = {"status_code": 302, "text": "", "headers": {"Location": f"{URL}/elsewhere"}}
    fixture.script("/tasks", away, good("2"))
    fixture.script("/elsewhere", good("1"))
    assert read_list(fixture, REQUEST) == ["2"]
    assert len(fixture.asana.request_history) == 2


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 410, 412, 451])
def test_an_unavailable_parent_is_counted_and_named(fixture: ClientFixture, status: int) -> None:
    """An unreadable parent gives an unavailable page, and is counted by its status."""
    fixture.script("/tasks", bad(status, "No."))
    assert fixture.client.fetch(REQUEST) == Page(REQUEST, unavailable=Unavailable(status, "No."))
    metrics = fixture.client.metrics["tasks"]
    assert metrics.skipped_by_status == {status: 1}
    assert metrics.skipped_parents == {status: ["/tasks?project=12"]}
    assert (metrics.requests, metrics.retries) == (1, 0)


def test_a_402_is_requested_once_per_workspace(fixture: ClientFixture, caplog: pytest.LogCaptureFixture) -> None:
    """After a 402 the stream is not requested again in that workspace, and is named at the end of the run only."""
    fixture.script("/goals", bad(402, "Payment Required"))
    fixture.script("/tasks", good("1"))
    first, second = (
        Request("goals", "/goals", {"workspace": "1"}, workspace="1"),
        Request("goals", "/goals", workspace="1"),
    )
    assert [fixture.client.fetch(request).unavailable for request in (first, second, second)] == [
        Unavailable(402, "Payment Required")
    ] * 3
    assert len(fixture.asana.request_history) == 1
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
    assert fixture.client.metrics.streams_outside_plan() == {"1": ["goals"]}

    fixture.client.fetch(replace(first, workspace="2"))
    assert read_list(fixture, REQUEST) == ["1"]
    assert len(fixture.asana.request_history) == 3


def test_a_402_of_a_project_concerns_that_project_only(fixture: ClientFixture) -> None:
    """After a 402 for a project, others are still requested: a workspace without a plan can have a premium team."""
    path = "/projects/{}/custom_field_settings"
    requests = [
        Request(
            "custom_field_settings",
            path.format(gid),
            parent_keys={"project_gid": gid, "workspace_gid": "1"},
            workspace="1",
        )
        for gid in "12"
    ]
    fixture.script(path.format(1), bad(402, "Custom Field Settings are not available for free users."))
    fixture.script(path.format(2), good("3"))
    assert [len(fixture.client.fetch(request).records) for request in (*requests, *requests)] == [0, 1, 0, 1]
    assert len(fixture.asana.request_history) == 3


@pytest.mark.parametrize("status", [403, 404])
def test_an_unavailable_parent_does_not_affect_others(fixture: ClientFixture, status: int) -> None:
    """After a 403 or 404 the other parents of the stream are still requested."""
    fixture.script("/tasks", bad(status), good("1"))
    assert fixture.client.fetch(REQUEST).unavailable
    assert read_list(fixture, replace(REQUEST, params={"project": "13"})) == ["1"]


@pytest.mark.parametrize("message", ["has expired", "is invalid"])
def test_an_expired_page_token_restarts_the_list(fixture: ClientFixture, message: str) -> None:
    """A list with an expired page token is read again from its first page."""
    expired = bad(400, f"offset: Your pagination token {message}.")
    fixture.script("/tasks", good("1", offset="old"), expired, good("1", offset="new"), good("2"))
    assert read_list(fixture, REQUEST) == ["1", "1", "2"]
    assert [query.get("offset") for query in fixture.queries()] == [None, "old", None, "new"]
    assert fixture.client.metrics["tasks"].retries == 1


def test_any_400_for_a_page_token_restarts_the_list(fixture: ClientFixture) -> None:
    """Asana's message for a rejected page token is not documented, so any 400 for one restarts the list."""
    fixture.script("/tasks", good("1", offset="old"), bad(400, "Bad offset"), good("1", offset="new"), good("2"))
    assert read_list(fixture, REQUEST) == ["1", "1", "2"]


@pytest.mark.parametrize(
    ("message", "unavailable"),
    [
        ("offset: Your pagination token has expired.", TOKENS_EXPIRE_TOO_FAST),
        ("offset: Not a string", Unavailable(400, "offset: Not a string")),
    ],
)
def test_restarts_of_a_list_are_limited(fixture: ClientFixture, message: str, unavailable: Unavailable) -> None:
    """A list whose page tokens always expire before its end is skipped and counted."""
    pages = [good("1", offset="old"), bad(400, message)]
    fixture.script("/tasks", *pages * (RetryLimits().list_restarts + 5))
    request = REQUEST
    while (page := fixture.client.fetch(request)).next_request:
        request = page.next_request
    assert page.unavailable == unavailable
    assert fixture.client.metrics["tasks"].skipped_by_status == {400: 1}
    assert len(fixture.asana.request_history) == 2 * (RetryLimits().list_restarts + 1)


def test_an_unavailable_root_list_ends_the_run(fixture: ClientFixture) -> None:
    """A refused root list ends the run with Asana's own message."""
    fixture.script("/workspaces", bad(403, "Forbidden"))
    with pytest.raises(FatalResponseError, match=r"^Cannot read the list of workspaces \(403\): Forbidden$"):
        fixture.client.fetch(Request("workspaces", "/workspaces", limit=100, is_root=True))


def test_a_truncated_list_is_flagged(fixture: ClientFixture) -> None:
    """A truncated list gives a page with a flag, so that the list can be split."""
    fixture.script("/tasks", bad(400, "The result set was truncated."))
    assert fixture.client.fetch(REQUEST) == Page(REQUEST, truncated=True)


def test_pages_of_events_hold_a_sync_token(fixture: ClientFixture) -> None:
    """A page of events holds the next sync token, or a new one if the old one was rejected."""
    events = Request("deletions", "/events")
    fixture.script(
        "/events",
        {"status_code": 412, "json": {"errors": [{"message": "Sync token invalid"}], "sync": "new"}},
        {"json": {"data": [], "sync": "next", "has_more": True}},
    )
    assert fixture.client.fetch(events) == Page(events, sync_token="new", sync_token_expired=True)
    assert fixture.client.fetch(events) == Page(events, sync_token="next", has_more=True)


def test_a_412_without_a_sync_token_is_followed_by_a_request_for_one(fixture: ClientFixture) -> None:
    """If Asana rejects an old sync token and keeps the new one back, a request without a token returns it."""
    events = Request("deletions", "/events", {"sync": "old"}, lacks_gids=True)
    fixture.script("/events", bad(412), {"status_code": 412, "json": {"errors": [{"message": ""}], "sync": "new"}})
    page = fixture.client.fetch(events)
    assert (page.sync_token, page.sync_token_expired, page.unavailable) == ("new", True, None)
    assert fixture.queries() == [{"sync": "old"}, {}]


def test_a_412_without_events_is_unavailable(fixture: ClientFixture) -> None:
    """Only events restart with a new sync token: any other list with a 412 is unavailable, not empty."""
    fixture.script("/tasks", {"status_code": 412, "json": {"errors": [{"message": "No."}], "sync": "new"}})
    assert fixture.client.fetch(REQUEST).unavailable == UNEXPECTED_SYNC_TOKEN
    assert fixture.client.metrics["tasks"].skipped_by_status == {412: 1}


def test_a_search_waits_for_both_limits() -> None:
    """A request with an endpoint limit counts against that and the common limit; other requests do not wait for it."""
    fixture = ClientFixture(per_minute=100, budgets={"search": 10})
    fixture.script("/tasks", good())
    begin, search = fixture.clock.now, replace(REQUEST, endpoint_limit="search")
    for _ in range(10):
        fixture.client.fetch(search)
    for _ in range(89):
        fixture.client.fetch(REQUEST)
    assert fixture.clock.now < begin + 40  # the common limit spaces them; that of searches would hold them for a minute
    fixture.client.fetch(search)
    assert 60 <= fixture.clock.now - begin <= 62

    fixture = ClientFixture(per_minute=10, budgets={"search": 100})
    fixture.script("/tasks", good())
    for _ in range(11):
        fixture.client.fetch(search)
    assert 60 <= fixture.clock.now - begin <= 62


def test_a_throttled_search_pauses_both_limits() -> None:
    """Asana does not say which limit a 429 is for, so all requests wait."""
    fixture = ClientFixture(budgets={"search": 60})
    fixture.script("/tasks", bad(429, headers={"Retry-After": "30"}), good())
    begin = fixture.clock.now
    fixture.client.fetch(replace(REQUEST, endpoint_limit="search"))
    assert fixture.clock.now == begin + 30


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Wed, 21 Oct 2015 07:28:00 GMT", 40.0),
        ("Wed, 21 Oct 2015 07:29:00 GMT", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("Mon, 01 Jan 2020 00:00:00 +99999999999999", 0.0),
    ],
)
def test_a_fast_clock_is_detected(fixture: ClientFixture, date: str, ahead: float) -> None:
    """The Date header shows how far the local clock is ahead; a slow clock does no harm."""
    fixture.script("/tasks", {**good(), "headers": {"Date": date}}, good())
    fixture.clock.now = 1_445_412_520.0
    fixture.client.fetch(REQUEST)
    fixture.client.fetch(REQUEST)
    assert fixture.client.clock_skew.ahead == ahead


def test_announced_api_changes_are_logged_once(fixture: ClientFixture, caplog: pytest.LogCaptureFixture) -> None:
    """The changes that Asana announces in responses are logged once a run, each on its own line."""
    both = "name=a;info=https://asana.com/a, name=b;info=https://asana.com/b;affected=true"
    first, second = both.split(", ")
    fixture.script("/tasks", *({**good(), "headers": {"Asana-Change": change}} for change in (first, both, second)))
    with caplog.at_level("INFO"):
        for _ in range(3):
            fixture.client.fetch(REQUEST)
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [first, second]


def test_a_session_keeps_a_connection_for_each_request_in_flight() -> None:
    """The pool is as large as the concurrency, so that no connection is closed and opened again."""
    with new_session(37) as session:
        adapter = session.get_adapter(URL)
    assert isinstance(adapter, HTTPAdapter)
    assert adapter.poolmanager.connection_pool_kw["maxsize"] == 37
