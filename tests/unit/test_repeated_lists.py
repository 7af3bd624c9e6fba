"""The second pass over a long list: its pages at once, and no row lost that stays in its place."""

from __future__ import annotations

import base64
import json
import random

import pytest

from tap_asana.api.page_tokens import PageToken, read_page_token
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.tasks.repeated_lists import RepeatedLists

PART = ("list", "")
PAGE_ROWS = 5
LIFE_SECONDS = 900.0
FIRST = Request("tasks", "/tasks", {"project": "1"}, limit=PAGE_ROWS)


def encoded(value: object) -> str:
    """Return a part of a JSON Web Token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class ListServer:
    """A list of tasks by rank that answers requests as Asana does; `now` is its clock."""

    def __init__(self, rows: int) -> None:
        """Start with so many tasks, with gaps between their ranks."""
        self.ranks = {1000 + number: float(number) for number in range(rows)}
        self.now = 0.0
        self.requests = 0
        self.refused_offsets: set[str] = set()
        self.is_opaque = False
        self.copies = 1

    def token(self, rank: float) -> str:
        """Return the token for the page after a rank."""
        claims = {"border_rank": rank, "iat": self.now, "exp": self.now + LIFE_SECONDS}
        header = "opaque" if self.is_opaque else "header"
        return f"{header}{rank}" if self.is_opaque else ".".join((header, encoded(claims), "signature"))

    def answer(self, request: Request) -> Page:
        """Return a page; a refused token restarts its list, as the client does."""
        self.requests += 1
        if request.offset in self.refused_offsets:
            request = request.restart()
        token = read_page_token(request.offset or "")
        after = float(json.loads(token.position)["border_rank"]) if token else -1.0
        if request.offset and self.is_opaque:
            after = float(request.offset.removeprefix("opaque"))
        gids = sorted((gid for gid, rank in self.ranks.items() if rank > after), key=self.ranks.__getitem__)
        limit = request.limit or len(gids)
        rows = [{"gid": f"{gid}"} for gid in gids[:limit] for _ in range(self.copies)]
        if len(gids) <= limit:
            return Page(request, rows)
        following = request.next_page(self.token(self.ranks[gids[limit - 1]]), request.trail)
        is_pausing = request.pause_after == 1
        return Page(request, rows, None if is_pausing else following, rest=following if is_pausing else None)


def read_first(server: ListServer, lists: RepeatedLists) -> set[int]:
    """Read a list for the first time; return its tasks."""
    request: Request | None = FIRST
    found = set[int]()
    while request is not None:
        page = server.answer(request)
        lists.add_page(PART, page)
        found |= {int(row["gid"]) for row in page.records}
        request = page.next_request
    return found


class SecondPass:
    """A second pass whose answers come in any order; `steps` are the rounds if all requests of a round are at once."""

    def __init__(self, server: ListServer, lists: RepeatedLists) -> None:
        """Start with nothing found."""
        self.server, self.lists, self.found, self.is_read, self.steps = server, lists, set[int](), False, 0

    def run(self, dice: random.Random, change: float = 0.0) -> None:
        """Read the list; before each request somebody changes it with a probability."""
        waiting = [self.lists.first_request(PART, FIRST)]
        while waiting:
            self.steps += 1
            dice.shuffle(waiting)
            answered, waiting = waiting, []
            for request in answered:
                if dice.random() < change:
                    disturb(self.server, dice)
                waiting += self.take(self.server.answer(request))
            assert self.server.requests < 2000

    def take(self, page: Page) -> list[Request]:
        """Take a page; return the requests that follow."""
        assert not self.is_read
        self.found |= {int(row["gid"]) for row in page.records}
        requests = self.lists.following(PART, page, [row for row in page.records if int(row["gid"]) >= 5000])
        self.is_read = self.lists.is_read(PART, page)
        return [*requests, *([page.next_request] if page.next_request else [])]


def disturb(server: ListServer, dice: random.Random) -> None:
    """Add, remove or move a task; a new one is at the top, at the end or between others."""
    choice, known = dice.randrange(4), sorted(server.ranks)
    place = dice.choice([-0.5 * dice.random(), len(known) + dice.random(), dice.random() * len(known)])
    if choice == 0:
        server.ranks[5000 + server.requests * 10 + dice.randrange(10)] = place
    elif choice == 1 and known:
        del server.ranks[dice.choice(known)]
    elif known:
        server.ranks[dice.choice(known)] = place


def start(rows: int = 40, min_seconds: float = 300.0) -> tuple[ListServer, RepeatedLists]:
    """Return a list after its first pass."""
    server, lists = ListServer(rows), RepeatedLists(4, min_seconds)
    read_first(server, lists)
    server.requests = 0
    return server, lists


def test_an_unchanged_list_takes_as_many_requests_and_few_rounds() -> None:
    """The first page, the second one, and all others at once."""
    server, lists = start()
    second = SecondPass(server, lists)
    second.run(random.Random(1))  # noqa: S311 - no secret
    assert (second.found, second.is_read) == (set(server.ranks), True)
    assert (server.requests, second.steps) == (8, 3)


@pytest.mark.parametrize("place", [-0.5, 3.5, 100.0])
def test_a_new_row_costs_one_request_or_two(place: float) -> None:
    """The page before it reads on, as far as the row is new, to where the next page begins."""
    server, lists = start(38)
    server.ranks[5000] = place
    second = SecondPass(server, lists)
    second.run(random.Random(1))  # noqa: S311 - no secret
    assert (second.found, second.is_read) == (set(server.ranks), True)
    assert server.requests <= 9
    assert second.steps <= 4


def test_a_removed_row_costs_one_request() -> None:
    """The page goes beyond the last task of the one before, and is requested again up to it."""
    server, lists = start()
    del server.ranks[1012]
    second = SecondPass(server, lists)
    second.run(random.Random(1))  # noqa: S311 - no secret
    assert (second.found, second.is_read) == (set(server.ranks), True)
    assert server.requests == 9


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("seed", range(150))
def test_no_row_in_its_place_is_lost(seed: int, copies: int) -> None:
    """Whatever moves before and during the second pass, it finds every row that stays in its place meanwhile.

    It ends even if each row of a page comes twice.
    """
    dice = random.Random(seed)  # noqa: S311 - no secret
    server, lists = start(dice.randrange(1, 60))
    server.copies = copies
    for _ in range(dice.randrange(8)):
        disturb(server, dice)
    before = dict(server.ranks)
    second = SecondPass(server, lists)
    second.run(dice, change=dice.choice([0.0, 0.1, 0.5]))
    unmoved = {gid for gid, rank in before.items() if server.ranks.get(gid) == rank}
    assert unmoved - second.found == set()
    assert second.is_read


def test_tokens_of_another_form_are_used_one_after_the_other() -> None:
    """Nothing proves where such a page begins."""
    server, lists = start()
    server.is_opaque = True
    second = SecondPass(server, lists)
    second.run(random.Random(1))  # noqa: S311 - no secret
    assert (second.found, second.steps, server.requests) == (set(server.ranks), 8, 8)


def test_tokens_that_expire_soon_are_not_used() -> None:
    """The pages are requested one after the other, with new tokens."""
    server, lists = start()
    server.now = LIFE_SECONDS - 100
    second = SecondPass(server, lists)
    second.run(random.Random(1))  # noqa: S311 - no secret
    assert (second.found, second.steps, server.requests) == (set(server.ranks), 8, 8)


@pytest.mark.parametrize("number", range(7))
def test_a_refused_token_starts_the_list_again(number: int) -> None:
    """The list is then read page by page; the second page shows that no token is accepted before others are sent."""
    server, lists = start()
    tokens = lists._first[PART].tokens  # noqa: SLF001 - tokens that nobody accepts any more
    server.refused_offsets = set(tokens[number:])
    server.now = 60.0
    second = SecondPass(server, lists)
    second.run(random.Random(1))  # noqa: S311 - no secret
    assert (second.found, second.is_read) == (set(server.ranks), True)
    assert server.requests <= (2 + 7 if number == 0 else 8 + 7)


def test_a_refusal_starts_the_list_again_and_counts_once() -> None:
    """A page of the second pass is a probe; the list as a whole is not, so that its refusal is counted."""
    server, lists = start()
    second = SecondPass(server, lists)
    refusal = Unavailable(403, "no access")
    (again,) = second.take(Page(lists.first_request(PART, FIRST), unavailable=refusal))
    assert (again, again.is_probe) == (FIRST, False)
    assert second.take(Page(again, unavailable=refusal)) == []
    assert not second.is_read


def test_a_short_list_is_read_page_by_page() -> None:
    """Three pages take as long as others that are read meanwhile."""
    _, lists = start(15)
    assert lists.first_request(PART, FIRST) is FIRST


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("", None),
        ("a.b", None),
        ("a.$.c", None),
        (f"a.{encoded([1])}.c", None),
        (f"a.{encoded({'iat': 1, 'exp': 2})}.c", None),
        (f"a.{encoded({'border_rank': '[1]', 'iat': None, 'exp': 2})}.c", None),
        (f"a.{encoded({'border_rank': '[1]', 'iat': 1, 'exp': 901})}.c", PageToken('{"border_rank": "[1]"}', 1, 901)),
    ],
)
def test_a_page_token_is_read(token: str, expected: PageToken | None) -> None:
    """Only a token of the known form says anything."""
    assert read_page_token(token) == expected


def test_another_token_of_the_same_position_is_equal() -> None:
    """Only the times differ."""
    early, late = ListServer(1), ListServer(1)
    late.now = 60.0
    known, repeated = (read_page_token(server.token(2.5)) for server in (early, late))
    assert known is not None
    assert repeated is not None
    assert (known.position, known.issued) == (repeated.position, repeated.issued - 60)
