"""All requests of one run: one pool of threads, which fetches pages in turn and ahead of their turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from typing import Protocol, TypeAlias

from tap_asana.api.request import Page, Request
from tap_asana.errors import RunCancelled
from tap_asana.fetch.keepalive import PageTokenKeepAlive
from tap_asana.fetch.lane import WorkItem
from tap_asana.fetch.scheduler import Completed, Fetched, FetchScheduler
from tap_asana.limits import Limits

RequestKey: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A request's path and parameters."""

Below: TypeAlias = Callable[[Page], Iterable[Request]]
"""Returns the requests for the lists below the rows of a page."""


class PageClient(Protocol):
    """A client that fetches one page."""

    def fetch(self, request: Request) -> Page:
        """Fetch one page."""


class Fetcher:
    """Fetches the pages of all reads of a run, at most `concurrency` at once.

    A read's request goes before prefetched requests. No thread of the pool ever waits for another page: a read takes
    over the future of a prefetched page, so the pool cannot deadlock. Memory is bounded: at most
    `limits.max_prefetched_pages` wait for their reads.
    """

    def __init__(
        self,
        client: PageClient,
        concurrency: int,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        pool: Executor | None = None,
        new_queue: Callable[[], SimpleQueue[Completed | None]] = SimpleQueue,
    ) -> None:
        """Fetch nothing yet; `clock` returns monotonic seconds.

        A simulation replaces the threads by its own `pool`, and makes the queues in which reads wait for pages.
        """
        self.concurrency = concurrency
        self.new_queue = new_queue
        self.wake: Callable[[], None] | None = None
        self.keepalive = PageTokenKeepAlive(clock, limits.max_page_token_age_seconds, limits.keepalive_interval_seconds)
        self._client = client
        # Alone in flight, a prefetched request would delay the next read; a dry run would send it for nothing.
        self._max_prefetched = limits.max_prefetched_pages if concurrency > 1 else 0
        self._clock = clock
        self._pool = pool or ThreadPoolExecutor(concurrency, thread_name_prefix="asana")
        # Reentrant, because a finished future runs its callback as soon as the callback is added.
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._in_flight = 0
        self._pending: dict[RequestKey, Request] = {}
        self._prefetched: dict[RequestKey, Future[Fetched]] = {}
        self._upcoming_key: object = None
        self._upcoming: Iterator[Request] = iter(())
        self._followed: dict[RequestKey, Below] = {}
        self._has_arrivals = False

    def read(self, items: Iterable[WorkItem], *, on_idle: Callable[[], None] = lambda: None) -> FetchScheduler:
        """Return the pages of work items, as they arrive; `on_idle` is called when there is room to prefetch."""
        scheduler = FetchScheduler(self, items, on_idle)
        self.keepalive.register(scheduler)
        return scheduler

    def fetch(self, request: Request) -> Fetched:
        """Fetch a page in the calling thread."""
        started = self._clock()
        return Fetched(started, self._client.fetch(request))

    def submit(self, request: Request) -> Future[Fetched]:
        """Return the future of a page, which may have been prefetched; each prefetched page is handed out once."""
        query = _query(request)
        with self._lock:
            self._pending.pop(query, None)
            return self._prefetched.pop(query, None) or self._send(request)

    def prefetch(self, requests: Iterable[Request]) -> None:
        """Fetch the first pages of lists that will be read in this order, as many as there is room for."""
        upcoming = iter(requests)
        while len(self._pending) + len(self._prefetched) < self._max_prefetched:
            request = next(upcoming, None)
            if request is None:
                return
            query = _query(request)
            with self._lock:
                if query not in self._prefetched:
                    self._pending.setdefault(query, request)
                    self._send_pending()

    def continue_prefetch(self, key: object, requests: Callable[[], Iterable[Request]]) -> None:
        """Prefetch the next of the requests that `requests` makes; it is called again only when the key changes.

        A reader calls this after every page. To make all requests again each time took most of a run's CPU time.
        """
        if key != self._upcoming_key:
            self._upcoming_key, self._upcoming = key, iter(requests())
        self._prefetch_below()
        self.prefetch(self._upcoming)

    def followed(self, requests: Iterable[Request], below: Below) -> Iterator[Request]:
        """Yield requests to prefetch; what is below their pages is prefetched as soon as they arrive.

        The pages below are followed in the same way. Half of the room is left to other lists.
        """
        for request in requests:
            self._followed[_query(request)] = below
            yield request

    def forget_followed(self) -> None:
        """Follow no page any more: its read begins, and requests what is below by itself."""
        self._followed.clear()

    def _prefetch_below(self) -> None:
        """Prefetch what is below the followed pages that have arrived."""
        if not self._has_arrivals:
            return
        self._has_arrivals = False
        for query, below in tuple(self._followed.items()):
            room = self._max_prefetched // 2 - len(self._pending) - len(self._prefetched)
            if room > 0 and (page := self._arrived(query)):
                del self._followed[query]
                self.prefetch(islice(self.followed(below(page), below), room))

    def arrived(self, request: Request) -> Page | None:
        """Return a prefetched page that has arrived, and that no read has taken, so that reading it takes no time."""
        return self._arrived(_query(request))

    def _arrived(self, query: RequestKey) -> Page | None:
        future = self._prefetched.get(query)
        if future is None or not future.done() or future.cancelled() or future.exception() is not None:
            return None
        return future.result().page

    def put(self, page: Page) -> None:
        """Keep a page from another source until a read requests it."""
        future: Future[Fetched] = Future()
        future.set_result(Fetched(self._clock(), page))
        with self._lock:
            self._prefetched[_query(page.request)] = future

    def close(self) -> None:
        """Send nothing more, and end the threads as soon as their requests are answered."""
        with self._lock:  # a thread that sends a request now would fail, or wait for this one in a deadlock
            self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def start_keepalive(self) -> None:
        """Keep page tokens from expiring until the fetcher is closed."""
        self.keepalive.start(self._closed)

    def _send(self, request: Request) -> Future[Fetched]:
        if self._closed.is_set():
            raise RunCancelled
        self._in_flight += 1
        future = self._pool.submit(self.fetch, request)
        future.add_done_callback(self._on_done)
        return future

    def _on_done(self, _: Future[Fetched]) -> None:
        with self._lock:
            self._in_flight -= 1
            self._send_pending()

    def _send_pending(self) -> None:
        """Send prefetch requests while fewer than `concurrency` requests are in flight, the most urgent first."""
        while self._pending and self._in_flight < self.concurrency and not self._closed.is_set():
            query = max(self._pending, key=lambda query: self._pending[query].urgency)
            future = self._prefetched[query] = self._send(self._pending.pop(query))
            future.add_done_callback(self._on_prefetched)

    def _on_prefetched(self, _: Future[Fetched]) -> None:
        """Wake the read that waits now: with this page, more may be known to prefetch."""
        self._has_arrivals = True
        if wake := self.wake:
            wake()


def _query(request: Request) -> RequestKey:
    return request.path, tuple(sorted(request.query_params().items()))
