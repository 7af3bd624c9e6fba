"""What comes of an answer for the run: pages, left-out parents, lists that begin again (law 6)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from requests.adapters import HTTPAdapter
from rig import ASK, HEADERS, TOKEN, URL, Rig, bad, good

from tap_asana.api.attempts import MAX_LIST_RESTARTS, TOKENS_EXPIRE_TOO_FAST, UNEXPECTED_SYNC_TOKEN
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.api.transport import new_session
from tap_asana.errors import FatalResponseError


@pytest.fixture
def rig() -> Rig:
    """Return a client without answers."""
    return Rig()


def read(rig: Rig, ask: Request) -> list[str]:
    """Return the gids of a list, page after page."""
    gids: list[str] = []
    following: Request | None = ask
    while following:
        page = rig.client.fetch(following)
        gids += [record["gid"] for record in page.records]
        following = page.next_request
    return gids


def test_a_page_brings_records_and_what_follows(rig: Rig) -> None:
    """A page holds its records and the ask for the next page; the last one has no next."""
    rig.script("/tasks", good("1", offset="eyJ"), good("2"))
    page = rig.client.fetch(ASK)
    assert page == Page(ASK, [{"gid": "1"}], ASK.with_offset("eyJ"))
    assert page.next_request is not None
    assert rig.client.fetch(page.next_request) == Page(ASK.with_offset("eyJ"), [{"gid": "2"}])


def test_the_query_is_what_was_asked(rig: Rig) -> None:
    """Parameters, page size and page token are sent, and what is not set is not."""
    rig.script("/tasks", good("1", offset="eyj"), good())
    rig.script("/workspaces/1/events", good())
    read(rig, ASK)
    rig.client.fetch(Request("events", "/workspaces/1/events"))
    query = {"project": "12", "opt_fields": "name", "limit": "100"}
    assert rig.asked() == [query, {**query, "offset": "eyj"}, {}]


def test_what_does_not_page_has_no_next_page(rig: Rig) -> None:
    """Where no page size is asked for, an offset in the answer leads nowhere."""
    rig.script("/tasks", good("1", offset="eyJ"))
    assert rig.client.fetch(replace(ASK, limit=None)).next_request is None


def test_an_endless_list_ends_with_an_empty_page(rig: Rig) -> None:
    """A list that always names a next page is read to its first empty one; any other goes on behind an empty page."""
    rig.script("/tasks", good("1", offset="a"), good(offset="b"), good("2"))
    assert read(rig, replace(ASK, stop_on_empty_page=True)) == ["1"]
    rig.script("/tasks", good("1", offset="a"), good(offset="b"), good("2"))
    assert read(rig, ASK) == ["1", "2"]


def test_what_has_a_body_is_posted(rig: Rig) -> None:
    """An ask with a body goes out as POST in Asana's envelope, is tried again like any other, and gives its record."""
    made = {"status_code": 201, "json": {"data": {"gid": "5"}}}
    rig.asana.register_uri("POST", f"{URL}/exports/resource", [bad(500), made])
    page = rig.client.fetch(Request("tasks", "/exports/resource", body={"workspace": "1"}))
    assert page.records == [{"gid": "5"}]
    assert [request.json() for request in rig.asana.request_history] == [{"data": {"workspace": "1"}}] * 2


def test_every_request_says_who_asks(rig: Rig) -> None:
    """Token, configured headers and timeout go with every request, retried ones and later pages included."""
    rig.script("/tasks", bad(500), good("1", offset="eyJ"), bad(429), good())
    read(rig, ASK)
    assert len(rig.asana.request_history) == 4
    for request in rig.asana.request_history:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert dict(HEADERS).items() <= dict(request.headers).items()
        assert request.timeout == 60.0


def test_no_netrc_takes_the_place_of_the_token(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that a .netrc holds for the host do not replace the token."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine app.asana.com login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    rig.script("/tasks", good())
    rig.client.fetch(ASK)
    assert rig.asana.request_history[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_no_redirect_is_followed(rig: Rig) -> None:
    """A redirect would carry the token elsewhere: it passes, as whoever redirects is not Asana."""
    away = {"status_code": 302, "text": "", "headers": {"Location": f"{URL}/elsewhere"}}
    rig.script("/tasks", away, good("2"))
    rig.script("/elsewhere", good("1"))
    assert read(rig, ASK) == ["2"]
    assert len(rig.asana.request_history) == 2


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 410, 412, 451])
def test_a_refused_parent_is_counted_and_named(rig: Rig, status: int) -> None:
    """One parent that cannot be read gives a page that says so, and stands in the tally by its status."""
    rig.script("/tasks", bad(status, "No."))
    assert rig.client.fetch(ASK) == Page(ASK, unavailable=Unavailable(status, "No."))
    tally = rig.client.metrics["tasks"]
    assert tally.skipped_by_status == {status: 1}
    assert tally.skipped_parents == {status: ["/tasks?project=12"]}
    assert (tally.requests, tally.retries) == (1, 0)


def test_what_the_plan_lacks_is_asked_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """After a 402 the stream is not asked again in that workspace, and one warning says so."""
    rig.script("/goals", bad(402, "Payment Required"))
    rig.script("/tasks", good("1"))
    first, second = (
        Request("goals", "/goals", {"workspace": "1"}, workspace="1"),
        Request("goals", "/goals", workspace="1"),
    )
    assert [rig.client.fetch(ask).unavailable for ask in (first, second, second)] == [
        Unavailable(402, "Payment Required")
    ] * 3
    assert len(rig.asana.request_history) == 1
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["goals: the plan of workspace 1 does not have them (402)"]

    rig.client.fetch(replace(first, workspace="2"))
    assert read(rig, ASK) == ["1"]
    assert len(rig.asana.request_history) == 3


def test_what_one_parent_lacks_another_may_have(rig: Rig) -> None:
    """A 402 of a project is that project's: a team can be premium inside of a workspace that is not."""
    path = "/projects/{}/custom_field_settings"
    asks = [
        Request(
            "custom_field_settings",
            path.format(gid),
            parent_keys={"project_gid": gid, "workspace_gid": "1"},
            workspace="1",
        )
        for gid in "12"
    ]
    rig.script(path.format(1), bad(402, "Custom Field Settings are not available for free users."))
    rig.script(path.format(2), good("3"))
    assert [len(rig.client.fetch(ask).records) for ask in (*asks, *asks)] == [0, 1, 0, 1]
    assert len(rig.asana.request_history) == 3


@pytest.mark.parametrize("status", [403, 404])
def test_one_refused_parent_closes_no_other(rig: Rig, status: int) -> None:
    """After a 403 or 404 the other parents of that stream are still asked."""
    rig.script("/tasks", bad(status), good("1"))
    assert rig.client.fetch(ASK).unavailable
    assert read(rig, replace(ASK, params={"project": "13"})) == ["1"]


@pytest.mark.parametrize("message", ["has expired", "is invalid"])
def test_an_expired_page_token_restarts_the_list(rig: Rig, message: str) -> None:
    """A list whose page token is too old is read again from its first page."""
    expired = bad(400, f"offset: Your pagination token {message}.")
    rig.script("/tasks", good("1", offset="old"), expired, good("1", offset="new"), good("2"))
    assert read(rig, ASK) == ["1", "1", "2"]
    assert [query.get("offset") for query in rig.asked()] == [None, "old", None, "new"]
    assert rig.client.metrics["tasks"].retries == 1


def test_a_400_for_a_page_token_restarts_the_list_whatever_its_words(rig: Rig) -> None:
    """How Asana calls a page token that it does not take is not known: any 400 for one begins the list anew."""
    rig.script("/tasks", good("1", offset="old"), bad(400, "Bad offset"), good("1", offset="new"), good("2"))
    assert read(rig, ASK) == ["1", "1", "2"]


@pytest.mark.parametrize(
    ("message", "refused"),
    [
        ("offset: Your pagination token has expired.", TOKENS_EXPIRE_TOO_FAST),
        ("offset: Not a string", Unavailable(400, "offset: Not a string")),
    ],
)
def test_a_list_does_not_restart_for_ever(rig: Rig, message: str, refused: Unavailable) -> None:
    """A list whose tokens are never accepted to its end is refused, and counted."""
    pages = [good("1", offset="old"), bad(400, message)]
    rig.script("/tasks", *pages * (MAX_LIST_RESTARTS + 5))
    ask = ASK
    while (page := rig.client.fetch(ask)).next_request:
        ask = page.next_request
    assert page.unavailable == refused
    assert rig.client.metrics["tasks"].skipped_by_status == {400: 1}
    assert len(rig.asana.request_history) == 2 * (MAX_LIST_RESTARTS + 1)


def test_the_root_is_not_refused(rig: Rig) -> None:
    """What all hangs from ends the run where it is refused, in Asana's own words."""
    rig.script("/workspaces", bad(403, "Forbidden"))
    with pytest.raises(FatalResponseError, match=r"^Asana refuses the list of workspaces \(403\): Forbidden$"):
        rig.client.fetch(Request("workspaces", "/workspaces", limit=100, is_root=True))


def test_a_truncated_list_says_so(rig: Rig) -> None:
    """A truncated list gives a page by which it can be split."""
    rig.script("/tasks", bad(400, "The result set was truncated."))
    assert rig.client.fetch(ASK) == Page(ASK, truncated=True)


def test_events_bring_their_token(rig: Rig) -> None:
    """The sync token comes with a page of events, and a new one where the old was not accepted."""
    events = Request("deletions", "/events")
    rig.script(
        "/events",
        {"status_code": 412, "json": {"errors": [{"message": "Sync token invalid"}], "sync": "new"}},
        {"json": {"data": [], "sync": "next", "has_more": True}},
    )
    assert rig.client.fetch(events) == Page(events, sync_token="new", sync_token_expired=True)
    assert rig.client.fetch(events) == Page(events, sync_token="next", has_more=True)


def test_a_412_is_a_refusal_where_there_are_no_events(rig: Rig) -> None:
    """Only events begin again with a sync token: a list that answers so is refused, and not empty."""
    rig.script("/tasks", {"status_code": 412, "json": {"errors": [{"message": "No."}], "sync": "new"}})
    assert rig.client.fetch(ASK).unavailable == UNEXPECTED_SYNC_TOKEN
    assert rig.client.metrics["tasks"].skipped_by_status == {412: 1}


def test_search_waits_for_both_allowances() -> None:
    """A request with an allowance of its own counts against both it and the common one; others do not wait for it."""
    rig = Rig(per_minute=100, budgets={"search": 10})
    rig.script("/tasks", good())
    begin, search = rig.clock.now, replace(ASK, endpoint_limit="search")
    for _ in range(10):
        rig.client.fetch(search)
    for _ in range(89):
        rig.client.fetch(ASK)
    assert rig.clock.now == begin
    rig.client.fetch(search)
    assert 60 <= rig.clock.now - begin <= 62

    rig = Rig(per_minute=10, budgets={"search": 100})
    rig.script("/tasks", good())
    for _ in range(11):
        rig.client.fetch(search)
    assert 60 <= rig.clock.now - begin <= 62


def test_a_refused_search_holds_both_allowances() -> None:
    """Asana does not say which limit a 429 is for: everybody waits."""
    rig = Rig(budgets={"search": 60})
    rig.script("/tasks", bad(429, headers={"Retry-After": "30"}), good())
    begin = rig.clock.now
    rig.client.fetch(replace(ASK, endpoint_limit="search"))
    assert rig.clock.now == begin + 30


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
def test_a_clock_that_is_ahead_is_noticed(rig: Rig, date: str, ahead: float) -> None:
    """By the Date of the answers it is known how far our clock is ahead; one that is behind does no harm."""
    rig.script("/tasks", {**good(), "headers": {"Date": date}}, good())
    rig.clock.now = 1_445_412_520.0
    rig.client.fetch(ASK)
    rig.client.fetch(ASK)
    assert rig.client.clock_skew.ahead == ahead


def test_changes_to_the_api_are_told_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """What Asana announces in its answers is logged once a run, each change on a line of its own."""
    both = "name=a;info=https://asana.com/a, name=b;info=https://asana.com/b;affected=true"
    first, second = both.split(", ")
    rig.script("/tasks", *({**good(), "headers": {"Asana-Change": change}} for change in (first, both, second)))
    with caplog.at_level("INFO"):
        for _ in range(3):
            rig.client.fetch(ASK)
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [first, second]


def test_a_session_keeps_a_connection_for_each_request_in_flight() -> None:
    """The pool is as large as the concurrency, so that no connection is thrown away and made again."""
    with new_session(37) as session:
        adapter = session.get_adapter(URL)
    assert isinstance(adapter, HTTPAdapter)
    assert adapter.poolmanager.connection_pool_kw["maxsize"] == 37
