"""A circular or endless list ends with an error line; a long list is read to its end (law 6)."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from itertools import count
from typing import Literal

import pytest
from client_fixture import REQUEST, ClientFixture, bad, good, read_list
from expected import missing
from harness import TINY, asana, clock, discovered, selecting, summary, sync
from requests_mock.request import _RequestObjectProxy
from requests_mock.response import _Context
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.model.dialect import Dialect, ListForm
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from tap_asana.api.attempts import PAGES_REPEAT
from tap_asana.api.request import MAX_EMPTY_PAGES, Page
from tap_asana.api.retries import RetryLimits

ENDLESS_AFTER = 20_000
"""Requests after which a list counts as endless."""

Order = Literal["rank", "shuffled"]


class NumberedPages:
    """The pages of a list by number: `token` and `row` return the token and the only row of a page."""

    def __init__(
        self, fixture: ClientFixture, pages: int, *, circle: int = 0, tokens_repeat: bool = True, rows: bool = True
    ) -> None:
        """Create a list of `pages` pages, the last `circle` of which repeat forever."""
        self.pages, self.circle, self.tokens_repeat, self.rows = pages, circle, tokens_repeat, rows
        self.fresh = count()
        self.broken: list[dict[str, str]] = []
        fixture.asana.register_uri("GET", "https://app.asana.com/api/1.0/tasks", json=self)

    def __call__(self, request: _RequestObjectProxy, _: _Context) -> object:
        """Return a page."""
        place = int(request.qs.get("offset", ["0"])[0].partition("-")[0])
        last = place + 1 == self.pages
        number = place + 1 - (self.circle if last else 0)
        token = f"{number}" if self.tokens_repeat else f"{number}-{next(self.fresh)}"
        return {
            "data": [*self.broken, {"gid": f"{place}"}] if self.rows else [],
            "next_page": None if last and not self.circle else {"offset": token},
        }


def read(fixture: ClientFixture) -> tuple[list[str], Page]:
    """Return the gids of the list, and its last page."""
    gids: list[str] = []
    page = fixture.client.fetch(REQUEST)
    for _ in range(ENDLESS_AFTER):
        gids += [record["gid"] for record in page.records]
        if page.next_request is None:
            return gids, page
        page = fixture.client.fetch(page.next_request)
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("tokens_repeat", [True, False], ids=["tokens", "pages"])
@pytest.mark.parametrize(("pages", "circle"), [(1, 1), (2, 1), (2, 2), (7, 3), (50, 1), (50, 49)])
def test_a_circular_list_ends(pages: int, circle: int, *, tokens_repeat: bool) -> None:
    """If pages repeat, by token or by row, the list is restarted, and finally unavailable with the rows it returned."""
    fixture = ClientFixture()
    NumberedPages(fixture, pages, circle=circle, tokens_repeat=tokens_repeat)
    gids, last = read(fixture)
    assert last.unavailable == PAGES_REPEAT
    assert set(gids) == {f"{number}" for number in range(pages)}
    assert len(fixture.asana.request_history) <= (RetryLimits().list_restarts + 1) * 4 * (pages + circle)
    assert fixture.client.metrics["tasks"].skipped_by_status == {PAGES_REPEAT.status: 1}


def test_a_list_that_circles_in_another_order_each_time_ends() -> None:
    """No page returns as it was, and no page token: the rows alone show that the list has begun again."""
    fixture, pages = ClientFixture(), count()

    def answer(*_: object) -> object:
        """Return the next page; after each third one, the same rows follow in another order."""
        circle, place = divmod(next(pages), 3)
        rows = sorted(range(30), key=lambda row: zlib.crc32(f"{circle} {row}".encode()))[10 * place : 10 * place + 10]
        return {"data": [{"gid": f"{row}"} for row in rows], "next_page": {"offset": f"{circle}-{place}"}}

    fixture.asana.register_uri("GET", "https://app.asana.com/api/1.0/tasks", json=answer)
    gids, last = read(fixture)
    assert last.unavailable == PAGES_REPEAT
    assert len(set(gids)) == 30


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(("length", "rows"), [(3, 1), (6, 2), (30, 3)])
def test_a_circular_list_whose_pages_are_mostly_empty_ends(length: int, rows: int, place: int) -> None:
    """No page token returns, and only a few pages have a row that shows the circle."""
    fixture, pages, every = ClientFixture(), count(), length // rows

    def answer(*_: object) -> object:
        """Return the next page."""
        number = next(pages)
        row, at = divmod(number % length, every)
        return {"data": [{"gid": f"{row}"}] if at == place else [], "next_page": {"offset": f"{number}"}}

    fixture.asana.register_uri("GET", "https://app.asana.com/api/1.0/tasks", json=answer)
    gids, last = read(fixture)
    assert last.unavailable == PAGES_REPEAT
    assert len(set(gids)) == rows
    assert len(fixture.asana.request_history) <= (RetryLimits().list_restarts + 1) * 8 * length


def test_a_list_of_empty_pages_ends() -> None:
    """A list of empty pages without an end is unavailable, after as many restarts as any other."""
    limits = RetryLimits(list_restarts=1)
    fixture = ClientFixture(retry_limits=limits)
    NumberedPages(fixture, ENDLESS_AFTER, tokens_repeat=False, rows=False)
    _, last = read(fixture)
    assert last.unavailable == PAGES_REPEAT
    assert len(fixture.asana.request_history) == (limits.list_restarts + 1) * (MAX_EMPTY_PAGES + 1)


@pytest.mark.parametrize(("pages", "broken"), [(3000, []), (50, [{"gid": ""}])], ids=["whole", "broken"])
def test_a_long_list_is_read_to_its_end(pages: int, broken: list[dict[str, str]]) -> None:
    """A list of any length is read as long as its pages are new, with a broken row in front of each or without."""
    fixture = ClientFixture()
    NumberedPages(fixture, pages).broken = broken
    gids, last = read(fixture)
    assert gids == [f"{number}" for number in range(pages)]
    assert last.unavailable is None


def test_a_list_that_was_circular_once_is_complete() -> None:
    """A list restarted because of repeated pages can be complete afterwards."""
    fixture = ClientFixture()
    fixture.script("/tasks", good("1", offset="a"), good("2", offset="a"), good("1", offset="b"), good("2"))
    gids, last = read(fixture)
    assert set(gids) == {"1", "2"}
    assert last.unavailable is None


@pytest.mark.parametrize(
    ("moves", "order"),
    [(False, "rank"), (True, "rank"), (True, "shuffled")],
    ids=["tokens repeat", "rows repeat", "rows repeat in any order"],
)
def test_a_run_with_circular_lists_ends(caplog: pytest.LogCaptureFixture, *, moves: bool, order: Order) -> None:
    """Circular lists are named in the log, their rows are emitted, and no version is announced."""
    caplog.set_level("INFO")
    api = asana(TINY, limits=Limits(circle_after=4), dialect=Dialect(lists=ListForm(order=order)))

    def move(_: HttpRequest) -> None:
        if moves:
            clock(api).advance(1)

    select = ["users", "tags", "sections"]
    config = {"page_size": 2, "emit_activate_version_messages": True}
    output = sync(api, select=select, config=config, on_request=move)
    parts = summary(caplog.records)
    assert "skipped with repeating pages (/users" in parts["users"]
    assert output.rows("users")
    assert "users" not in {message["stream"] for message in output.of("ACTIVATE_VERSION")}


@pytest.mark.parametrize("names_end", [True, False])
def test_a_page_without_next_page_is_logged(caplog: pytest.LogCaptureFixture, *, names_end: bool) -> None:
    """If no page has the field `next_page`, a warning for each list says so, and no version deletes missing rows.

    Asana refuses the whole lists, which would show that the pages are the last ones.
    """
    api = asana(TINY, dialect=Dialect(null_next_page=names_end), limits=Limits(unpaged=1))
    first, *_ = api.world.workspaces
    number = sum(first in str(user["workspaces"]) for user in api.world.expected_records("users").values())
    config = {"page_size": number, "emit_activate_version_messages": True}
    output = sync(api, select=["users", "workspaces"], config=config)
    assert missing(api, output) == {}
    warned = [record.getMessage() for record in caplog.records if "does not say whether more" in record.getMessage()]
    versions = {message["stream"] for message in output.of("ACTIVATE_VERSION")}
    lists = ["/workspaces", *(f"/users?workspace={gid}" for gid in api.world.workspaces)]
    assert sorted(line.split()[1] for line in warned) == ([] if names_end else sorted(lists))
    assert ("users" in versions) is names_end


@pytest.mark.parametrize("gid", [["1"], {"gid": "1"}, None, 7])
def test_a_row_with_an_invalid_gid_does_not_stop_a_list(gid: object) -> None:
    """A row without a text gid is skipped, and the following pages are read."""
    fixture = ClientFixture()
    rows: dict[str, object] = {"data": [{"gid": gid}], "next_page": {"offset": "2"}}
    fixture.script("/tasks", {"json": rows}, good("2"))
    assert "2" in read(fixture)[0]


def test_a_list_starts_again_with_longer_pages() -> None:
    """Each restart doubles the page size, up to Asana's maximum: fewer page tokens can expire."""
    fixture = ClientFixture()
    expired = bad(400, "offset: Your pagination token has expired.")
    fixture.script("/tasks", *[good("1", offset="old"), expired] * 3, good("1"))
    assert read_list(fixture, replace(REQUEST, limit=30)) == ["1"] * 4
    sizes = [request.qs["limit"][0] for request in fixture.asana.request_history]
    assert sizes == ["30", "30", "60", "60", "100", "100", "100"]


def test_pages_are_remembered_for_one_list_only() -> None:
    """The remembered pages of a list do not affect another list."""
    fixture = ClientFixture()
    fixture.script("/tasks", good("1", offset="a"), good("1", offset="b"), good("2"))
    page = fixture.client.fetch(REQUEST)
    assert page.next_request is not None
    assert fixture.client.fetch(replace(page.next_request, offset=None)).next_request is not None


class EndlessLists(Api):
    """An Asana whose lists of one path omit `next_page`, and have two rows in a page at most."""

    path = ""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        if response.status != 200 or not request.path.endswith(self.path):
            return response
        body = json.loads(response.body)
        body.pop("next_page", None)
        body["data"] = body["data"][:2]
        return HttpResponse(200, response.headers, json.dumps(body).encode())


@pytest.mark.parametrize("path", ["/projects", "/tasks"])
@pytest.mark.parametrize("listed", [True, False], ids=["projects", "without projects"])
def test_possibly_missing_rows_are_not_deleted(path: str, *, listed: bool) -> None:
    """If a list may be longer than its returned part, neither it nor its children get a version."""
    api = EndlessLists(asana(TINY).world, Limits(unpaged=2))
    api.path = path
    catalog = selecting(discovered(), ["workspaces", "sections", "tasks", *(["projects"] if listed else [])])
    for entry in catalog["streams"]:
        entry["replication_method"] = "FULL_TABLE"
    output = sync(api, catalog=catalog, config={"page_size": 2, "emit_activate_version_messages": True})
    incomplete = missing(api, output)
    versions = {message["stream"] for message in output.of("ACTIVATE_VERSION")}
    assert "tasks" in incomplete
    assert versions.isdisjoint(incomplete)
    assert "workspaces" in versions
