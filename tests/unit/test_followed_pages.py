"""Pages below prefetched ones: they are prefetched in turn, until the read of their list begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from scheduler_fixtures import StalledExecutor, request_for

from tap_asana.api.request import Page, Request
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.lane import WorkItem
from tap_asana.fetch.scheduler import Fetched
from tap_asana.limits import Limits


class Empty:
    """A client that answers the one request that the executor runs."""

    def fetch(self, request: Request) -> Page:
        """Return an empty page."""
        return Page(request)


def below(page: Page) -> Iterator[Request]:
    """Return the requests for two lists below a page."""
    numbers = map(int, page.request.path[1:].split("/"))
    parent = tuple(numbers)
    return (request_for(*parent, number) for number in (1, 2))


def following(pool: StalledExecutor, *, max_prefetched_pages: int = 100) -> Fetcher:
    """Return a fetcher that has begun to follow the page of a list."""
    fetcher = Fetcher(Empty(), 10, Limits(max_prefetched_pages=max_prefetched_pages), pool=pool)
    fetcher.submit(request_for(0))
    fetcher.continue_prefetch("first", lambda: fetcher.followed([request_for(7)], below))
    return fetcher


def answer(pool: StalledExecutor, place: int, *path: int) -> None:
    """Answer a request."""
    pool.waiting[place].set_result(Fetched(0.0, Page(request_for(*path))))


def test_what_is_below_a_prefetched_page_is_prefetched_when_it_arrives() -> None:
    """Each arrived page brings the requests below it, once, and so do their pages."""
    pool = StalledExecutor()
    fetcher = following(pool)
    fetcher.continue_prefetch("first", lambda: ())
    assert len(pool.waiting) == 1
    answer(pool, 0, 7)
    for _ in range(2):
        fetcher.continue_prefetch("first", lambda: ())
        assert len(pool.waiting) == 3
    answer(pool, 2, 7, 2)
    fetcher.continue_prefetch("second", lambda: ())
    assert len(pool.waiting) == 5
    assert fetcher.submit(request_for(7, 2, 1)) is pool.waiting[3]


def test_nothing_is_prefetched_below_a_list_whose_read_has_begun() -> None:
    """The read itself requests what is below: a request that it has sent would be sent twice."""
    pool = StalledExecutor()
    fetcher = following(pool)
    answer(pool, 0, 7)
    fetcher.forget_followed()
    fetcher.continue_prefetch("first", lambda: ())
    assert len(pool.waiting) == 1


@pytest.mark.parametrize(("most", "sent"), [(2, 1), (4, 2), (6, 3)])
def test_half_of_the_room_is_left_to_other_lists(most: int, sent: int) -> None:
    """Pages below others fill at most half of what may be prefetched."""
    pool = StalledExecutor()
    fetcher = following(pool, max_prefetched_pages=most)
    answer(pool, 0, 7)
    fetcher.continue_prefetch("first", lambda: ())
    assert len(pool.waiting) == sent


def test_a_prefetched_page_has_the_label_of_the_request_that_takes_it() -> None:
    """A list is prefetched before it is known which read takes it; the answer is the same."""
    pool = StalledExecutor()
    fetcher = following(pool)
    sent = request_for(7)
    taken = replace(sent, label="whole", parent_keys={"gid": "7"})
    pool.waiting[0].set_result(Fetched(0.0, Page(sent, [{"gid": "1"}], rest=sent.with_offset("2"))))
    (page,) = fetcher.read([WorkItem((1,), [taken])])
    assert page == Page(taken, [{"gid": "1"}], rest=taken.with_offset("2"))
