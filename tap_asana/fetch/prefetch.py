"""Pages that are fetched before their turn, so that no request waits for the end of another list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

from tap_asana.api.request import Page, Request
from tap_asana.fetch.scheduler import Fetcher

MAX_BUFFERED_PAGES = 100
"""Pages that may wait for their turn, those under way included."""

Query: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


class Prefetcher:
    """A fetcher that knows what will be asked next, and has it by then.

    Memory is bounded: at most MAX_BUFFERED_PAGES pages are under way or waiting for their turn, `concurrency` of them
    under way.
    """

    def __init__(self, fetcher: Fetcher, concurrency: int) -> None:
        """Fetch nothing yet."""
        self._fetcher = fetcher
        self._concurrency = concurrency
        self._pages: dict[Query, Future[Page]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._upcoming_key: object = None
        self._upcoming: Iterator[Request] = iter(())

    def prefetch(self, asks: Iterable[Request]) -> None:
        """Fetch the first pages of lists that will be asked in this order, as many as there is room for."""
        if len(self._pages) >= MAX_BUFFERED_PAGES:
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="ahead")
        upcoming = iter(asks)
        while len(self._pages) < MAX_BUFFERED_PAGES:
            request = next(upcoming, None)
            if request is None:
                return
            query = _query(request)
            if query not in self._pages:
                self._pages[query] = self._pool.submit(self._fetcher.fetch, request)

    def continue_prefetch(self, key: object, requests: Callable[[], Iterable[Request]]) -> None:
        """Go on with the requests that `requests` makes; it is called again only when the key changes.

        A reader calls this after every page. To make all requests again each time took most of a run's CPU time.
        """
        if key != self._upcoming_key:
            self._upcoming_key, self._upcoming = key, iter(requests())
        self.prefetch(self._upcoming)

    def put(self, page: Page) -> None:
        """Hold a page that is there already until it is asked for."""
        there: Future[Page] = Future()
        there.set_result(page)
        self._pages[_query(page.request)] = there

    def fetch(self, ask: Request) -> Page:
        """Return the page, which may be there already."""
        future = self._pages.pop(_query(ask), None)
        return self._fetcher.fetch(ask) if future is None else future.result()


def _query(ask: Request) -> Query:
    return ask.path, tuple(sorted(ask.query_params().items()))
