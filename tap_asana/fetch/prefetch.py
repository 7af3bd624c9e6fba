"""Pages that are fetched before their turn, so that no request waits for the end of another list."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

from tap_asana.api.request import Page, Request
from tap_asana.fetch.scheduler import Fetcher

MAX_BUFFERED_PAGES = 100
"""Pages that may wait for their turn, those under way included."""

Query: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


class Prefetcher:
    """A fetcher that knows what will be asked next, and has it by then.

    Memory is bounded: at most ROOM pages are under way or waiting for their turn, `concurrency` of them under way.
    """

    def __init__(self, fetcher: Fetcher, concurrency: int) -> None:
        """Fetch nothing yet."""
        self._fetcher = fetcher
        self._concurrency = concurrency
        self._pages: dict[Query, Future[Page]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def prefetch(self, asks: Iterable[Request]) -> None:
        """Fetch the first pages of lists that will be asked in this order, as many as there is room for."""
        if len(self._pages) >= MAX_BUFFERED_PAGES:
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="ahead")
        for ask in asks:
            if len(self._pages) >= MAX_BUFFERED_PAGES:
                return
            if _query(ask) not in self._pages:
                self._pages[_query(ask)] = self._pool.submit(self._fetcher.fetch, ask)

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
