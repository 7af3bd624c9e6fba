"""Requests are assigned to several access tokens."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest
from client_fixture import HEADERS, URL, ClientFixture, bad, good, read_list
from clock import Clock

from tap_asana.api.auth import FixedToken
from tap_asana.api.client import AsanaClient, Connection
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.api.request import Request
from tap_asana.api.tokens import TokenAccess, TokenPool, is_shared

STORIES = Request("stories", "/tasks/7/stories", workspace="1", limit=100)
TOKENS = ("0/first", "0/second", "0/third")


def accesses(clock: Clock) -> list[TokenAccess]:
    """Return three tokens with limits of their own."""
    return [TokenAccess(FixedToken(token), RateLimiter(1500, clock=clock, sleep=clock.sleep), 2) for token in TOKENS]


@pytest.mark.parametrize(
    ("request_", "shared"),
    [
        (STORIES, True),
        (Request("tasks", "/tasks/7/subtasks"), True),
        (Request("time", "/tasks/7/time_tracking_entries"), True),
        (Request("tasks", "/tasks", {"project": "7"}), True),
        (Request("attachments", "/attachments", {"parent": "7"}), True),
        (Request("sections", "/projects/7/sections"), True),
        (Request("tasks", "/tasks", {"assignee": "7", "workspace": "1"}), False),
        (Request("tasks", "/tags/7/tasks"), False),
        (Request("projects", "/projects", {"workspace": "1"}), False),
        (Request("tasks", "/workspaces/1/tasks/search", endpoint_limit="search"), False),
        (Request("tasks", "/exports/resource", body={}), False),
        (Request("deletions", "/events", {"resource": "7"}), False),
        (Request("workspaces", "/workspaces", is_root=True), False),
    ],
)
def test_only_lists_below_one_object_are_shared(request_: Request, *, shared: bool) -> None:
    """Other lists silently lack what a token does not see, or belong to one token, so that the first one sends them."""
    assert is_shared(request_) is shared
    pool = TokenPool(accesses(Clock()))
    with ExitStack() as stack:
        numbers = [stack.enter_context(pool.assign(request_)).token_number for _ in range(6)]
    assert numbers == ([0, 1, 2, 0, 1, 2] if shared else [0] * 6)


def test_a_request_made_from_another_one_does_not_inherit_its_token() -> None:
    """Requests are made from those of pages that have arrived; only a further page of the list keeps the token."""
    pool = TokenPool(accesses(Clock()))
    with pool.assign(STORIES), pool.assign(STORIES) as assigned:
        assert assigned.token_number == 1
        tasks = replace(assigned, path="/tasks", params={"assignee": "7", "workspace": "1"})
        for request, number in ((tasks, 0), (assigned.with_offset("a"), 1), (assigned.with_offset(None), 2)):
            with pool.assign(request) as again:
                assert again.token_number == number


def test_a_pausing_token_gets_no_requests() -> None:
    """While a 429 pauses one token, the others send; if all pause, each gets its part."""
    clock = Clock()
    tokens = accesses(clock)
    pool = TokenPool(tokens)
    tokens[0].limiter.on_throttled(tokens[0].limiter.acquire(), 30)
    with ExitStack() as stack:
        assert [stack.enter_context(pool.assign(STORIES)).token_number for _ in range(4)] == [1, 2, 1, 2]
    clock.sleep(31)
    with pool.assign(STORIES) as assigned:
        assert assigned.token_number == 0


class SharedFixture(ClientFixture):
    """A client with three tokens."""

    def __init__(self) -> None:
        """Create the client."""
        super().__init__()
        first, *others = accesses(self.clock)
        self.client = AsanaClient(
            Connection(URL, headers=HEADERS),
            first.auth,
            first.limiter,
            additional_tokens=others,
            session=self.session,
            now=self.clock,
            sleep=self.clock.sleep,
        )

    def senders(self) -> list[str]:
        """Return the token of each request."""
        return [request.headers["Authorization"].removeprefix("Bearer ") for request in self.asana.request_history]


def test_a_list_stays_with_its_token() -> None:
    """All pages come from the token that began the list, even if others are freer."""
    fixture = SharedFixture()
    fixture.script("/tasks/7/stories", good("1", offset="a"), good("2", offset="b"), good("3"))
    with fixture.client.tokens.assign(STORIES), fixture.client.tokens.assign(STORIES):
        assert read_list(fixture, STORIES) == ["1", "2", "3"]
    assert fixture.senders() == ["0/third"] * 3


@pytest.mark.parametrize("status", [401, 402, 403, 404])
@pytest.mark.parametrize("pages", [[], [good("1", offset="a")]])
def test_what_an_additional_token_may_not_see_is_asked_again(status: int, pages: list[dict[str, object]]) -> None:
    """A refusal to an additional token, on any page, is not believed: the first token reads the list from its start."""
    fixture = SharedFixture()
    fixture.script("/tasks/7/stories", *pages, bad(status), good("1", offset="a"), good("2"))
    with fixture.client.tokens.assign(STORIES):
        assert set(read_list(fixture, STORIES)) == {"1", "2"}
    assert fixture.senders() == ["0/second"] * (len(pages) + 1) + ["0/first"] * 2


def test_a_refusal_to_the_first_token_is_final() -> None:
    """What the first token may not see either is skipped, with its status."""
    fixture = SharedFixture()
    fixture.script("/tasks/7/stories", bad(403, "Forbidden"))
    with fixture.client.tokens.assign(STORIES):
        page = fixture.client.fetch(STORIES)
    assert page.unavailable is not None
    assert page.unavailable.status == 403
    assert fixture.senders() == ["0/second", "0/first"]


def test_a_429_pauses_one_token_only() -> None:
    """Limits belong to tokens: after a 429 of one, the others send at once."""
    fixture = SharedFixture()
    fixture.script("/tasks/7/stories", bad(429, headers={"Retry-After": "30"}), good("1"))
    start = fixture.clock.now
    fixture.client.fetch(STORIES)
    assert fixture.clock.now == start + 30
    fixture.script("/tasks/7/stories", bad(429, headers={"Retry-After": "30"}), good("1"))
    with fixture.client.tokens.assign(STORIES):
        limiter = fixture.client.tokens.of(STORIES.with_token(1)).limiter
        limiter.on_throttled(limiter.acquire(), 100)
        start = fixture.clock.now
        fixture.client.fetch(STORIES)
    assert fixture.clock.now < start + 31
