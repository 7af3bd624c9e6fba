"""The fetcher of a run: one pool of threads for the pages of all reads, and for prefetched pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from clock import PATIENCE
from scheduler_fixtures import InlineExecutor, InterruptedExecutor, StalledExecutor, request_for

from tap_asana.api.request import Page, Request
from tap_asana.errors import RunCancelled
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.lane import WorkItem
from tap_asana.fetch.scheduler import Fetched
from tap_asana.limits import Limits


class Counting:
    """A client that records the paths of its requests and the threads that send them."""

    def __init__(self) -> None:
        """Start without requests."""
        self.paths: list[str] = []
        self.threads: set[str] = set()

    def fetch(self, request: Request) -> Page:
        """Return an empty page."""
        self.paths.append(request.path)
        self.threads.add(threading.current_thread().name)
        return Page(request)


def read(fetcher: Fetcher, *numbers: int) -> list[str]:
    """Return the paths of the pages of a read."""
    return [page.request.path for page in fetcher.read(WorkItem((n,), [request_for(n)]) for n in numbers)]


def test_a_prefetched_page_is_requested_once() -> None:
    """A read takes over prefetched pages; a second read of the same list requests it again."""
    client = Counting()
    fetcher = Fetcher(client, 2, Limits(), pool=InlineExecutor())
    fetcher.prefetch([request_for(1), request_for(2)])
    assert client.paths == ["/1", "/2"]
    assert sorted(read(fetcher, 1, 2, 3)) == ["/1", "/2", "/3"]
    assert client.paths == ["/1", "/2", "/3"]
    assert read(fetcher, 1) == ["/1"]
    assert client.paths == ["/1", "/2", "/3", "/1"]


def test_a_page_from_elsewhere_is_not_requested() -> None:
    """A page that is put into the fetcher answers the next request for it."""
    client = Counting()
    fetcher = Fetcher(client, 2, Limits(), pool=InlineExecutor())
    fetcher.put(Page(request_for(1), [{"gid": "1"}]))
    (page,) = fetcher.read([WorkItem((1,), [request_for(1)])])
    assert page.records == [{"gid": "1"}]
    assert client.paths == []


def test_prefetched_pages_are_bounded() -> None:
    """However many requests are upcoming, only some are prefetched, and the others are not even created."""
    created: list[int] = []

    def upcoming() -> Iterator[Request]:
        for number in range(1000):
            created.append(number)
            yield request_for(number)

    client, limits = Counting(), Limits(max_prefetched_pages=5)
    fetcher = Fetcher(client, 2, limits, pool=InlineExecutor())
    requests = upcoming()
    fetcher.prefetch(requests)
    assert (len(client.paths), len(created)) == (5, 5)
    read(fetcher, 0, 1)
    fetcher.prefetch(requests)
    assert (len(client.paths), len(created)) == (7, 7)


def test_a_read_goes_before_prefetched_pages() -> None:
    """Prefetching uses free threads only, so a read's request waits for one answer and not for all prefetched pages."""
    pool = StalledExecutor()
    fetcher = Fetcher(Counting(), 2, Limits(), pool=pool)
    fetcher.prefetch(request_for(number) for number in range(50))
    assert len(pool.waiting) == 2
    fetcher.submit(request_for(99))
    assert len(pool.waiting) == 3


def test_lists_of_parents_go_before_other_prefetched_pages() -> None:
    """What is below a list of parents cannot be requested before it, so that it waits for one answer only."""
    pool = StalledExecutor()
    fetcher = Fetcher(Counting(), 2, Limits(), pool=pool)
    fetcher.prefetch(request_for(number) for number in range(9))
    sent = len(pool.waiting)
    fetcher.prefetch([replace(request_for(99), urgency=1)])
    pool.waiting[0].set_result(Fetched(0.0, Page(request_for(0))))
    assert fetcher.submit(request_for(99)) is pool.waiting[-1]
    assert len(pool.waiting) == sent + 1


def test_nested_reads_share_the_threads() -> None:
    """A read inside another one ends, even if both need all threads and prefetched pages do too."""
    client = Counting()
    with closing(Fetcher(client, 2, Limits())) as fetcher:
        fetcher.prefetch(request_for(number) for number in range(30, 60))
        paths = []
        for page in fetcher.read(WorkItem((number,), [request_for(number)]) for number in range(10)):
            paths += [page.request.path, *read(fetcher, *range(20, 40))]
    assert len(paths) == 10 * 21
    assert len(client.threads) <= 2


def test_a_read_fails_after_the_end_of_the_run() -> None:
    """A closed fetcher sends nothing, and a read that needs more ends with an error instead of waiting for ever."""
    fetcher = Fetcher(Counting(), 1, Limits())
    scheduler = fetcher.read(WorkItem((number,), [request_for(number)]) for number in range(5))
    next(scheduler)
    fetcher.close()
    ended = threading.Event()

    def take_all() -> None:
        with pytest.raises(RunCancelled):
            list(scheduler)
        ended.set()

    threading.Thread(target=take_all, daemon=True).start()
    assert ended.wait(PATIENCE)


def test_an_ended_run_sends_nothing() -> None:
    """A request after the end of the run is cancelled, whatever the pool does with it."""
    client = Counting()
    fetcher = Fetcher(client, 1, Limits(), pool=InlineExecutor())
    fetcher.close()
    with pytest.raises(RunCancelled):
        fetcher.submit(request_for(1))
    assert client.paths == []


def test_the_pool_is_not_shut_down_while_a_request_is_sent() -> None:
    """A page that arrives while the run ends can send another request: its thread neither fails nor deadlocks."""
    pool = InterruptedExecutor()
    fetcher = Fetcher(Counting(), 2, Limits(), pool=pool)
    pool.close = fetcher.close
    fetcher.prefetch(request_for(number) for number in range(3))
    pool.waiting[0].set_result(None)
    assert pool.rejects == [False, False, False]


@pytest.mark.parametrize(("concurrency", "prefetched"), [(1, 0), (2, 1)])
def test_nothing_is_prefetched_with_one_request_at_a_time(concurrency: int, prefetched: int) -> None:
    """A prefetched request would delay the next read, and a dry run would send it although no page of it is read."""
    pool = StalledExecutor()
    fetcher = Fetcher(Counting(), concurrency, Limits(), pool=pool)
    fetcher.prefetch(request_for(number) for number in range(2))
    assert len(pool.waiting) == prefetched
