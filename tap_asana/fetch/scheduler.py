"""Pages in the order of their arrival, many in flight at once, and how far they are read in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import NamedTuple, Protocol

from typing_extensions import override

from tap_asana.api.request import Page, Request
from tap_asana.errors import RunCancelled
from tap_asana.fetch.keepalive import PageTokenKeepAlive
from tap_asana.fetch.lane import Key, Lane, PagePosition, WorkItem
from tap_asana.fetch.spool import Spool, Spooled


class Fetched(NamedTuple):
    """A page, and when its request was started, in seconds of the keep-alive's clock."""

    started: float
    page: Page

    def as_requested(self, request: Request) -> Fetched:
        """Return the page as the answer to the request of a read; a prefetched one may have another label."""
        return self._replace(page=self.page.as_requested(request))


@dataclass(frozen=True, slots=True)
class Completed:
    """The result of a request, in memory or on disk; `number` identifies it."""

    number: int
    lane: Lane
    key: Key
    result: Page | Spooled | BaseException


class RequestPool(Protocol):
    """The fetcher of a run, as a scheduler uses it."""

    concurrency: int
    keepalive: PageTokenKeepAlive
    new_queue: Callable[[], SimpleQueue[Completed | None]]
    wake: Callable[[], None] | None
    """Wakes the read that waits for a page, if one does."""

    def submit(self, request: Request) -> Future[Fetched]:
        """Return the future of a page."""

    def fetch(self, request: Request) -> Fetched:
        """Fetch a page in the calling thread."""


class FetchScheduler(Iterable[Page]):
    """The pages of work items, which are sent in ascending order of their keys, in one lane or in several.

    Memory is bounded: at most `concurrency` pages are in flight or waiting to be taken. The current page is the last
    one taken, with its `lane` and the key of its `item`: until the next page is taken, requests can be added to its
    item, and items to its lane. `on_idle` is called whenever fewer requests are in flight than could be, and again when
    a prefetched page arrives meanwhile. If pages are taken so slowly that their tokens would expire, the keep-alive
    fetches the next pages, which then wait on disk.
    """

    def __init__(self, pool: RequestPool, items: Iterable[WorkItem], on_idle: Callable[[], None]) -> None:
        """Send nothing yet: the first page taken starts the requests."""
        self.item: Key | None = None
        self.lane = Lane("")
        self.lanes = [self.lane]
        self.lane.add_items(items)
        self._pool = pool
        self._on_idle = on_idle
        self._in_flight = 0
        self._closed = False
        self._completed = pool.new_queue()
        self._sent: set[Future[Fetched]] = set()
        self._serial = count()
        self._spool = Spool()
        # Waiting pages with a page token, and since when. The thread that removes one from here uses its token.
        self._tokens: dict[int, tuple[float, Completed, Request]] = {}

    @property
    def watermark(self) -> Key | None:
        """Return the highest key up to which every item of the first lane is finished."""
        return self.lanes[0].watermark

    def add_lane(self, name: str, items: Iterable[WorkItem]) -> Lane:
        """Open another lane; all lanes share the requests in flight evenly."""
        lane = Lane(name)
        lane.add_items(items)
        self.lanes.append(lane)
        return lane

    def add_items(self, items: Iterable[WorkItem]) -> None:
        """Add items to the lane of the current page."""
        self.lane.add_items(items)

    @property
    def position(self) -> PagePosition:
        """Return the position of the current page; raises RuntimeError if there is none."""
        if self.item is None:
            raise RuntimeError("No current page to add to")
        return PagePosition(self.item, self.lane.pages_open(self.item) == 1, self.lane.watermark)

    def add_requests(self, requests: Iterable[Request]) -> None:
        """Add requests to the item of the current page."""
        key = self.position.key
        for request in requests:
            self.lane.push(key, request)

    @override
    def __iter__(self) -> Iterator[Page]:
        """Yield the pages; if the iteration is abandoned, the waiting requests of this read are cancelled."""
        try:
            yield from iter(self._next_page, None)
        finally:
            self.close()

    def __next__(self) -> Page:
        """Return the next page."""
        page = self._next_page()
        if page is None:
            raise StopIteration
        return page

    def _next_page(self) -> Page | None:
        """Finish the current page, send further requests, and return the next page, or None at the end."""
        if self._closed:
            return None
        if self.item is not None:
            self.lane.page_done(self.item)
            self.item = None
        self._fill_slots()
        for lane in self.lanes:
            lane.advance()
        if not self._in_flight:
            self.close()
            return None
        completed = self._wait()
        lane, key = completed.lane, completed.key
        self._in_flight -= 1
        lane.in_flight -= 1
        if isinstance(completed.result, BaseException):
            self.close()
            raise completed.result
        self.lane, self.item = lane, key
        page = self._spool.take(completed.result) if isinstance(completed.result, Spooled) else completed.result
        if page.next_request is not None:
            self._request_next_page(completed, page.next_request)
        self._fill_slots()
        return page

    def _wait(self) -> Completed:
        """Return the next result; as often as a prefetched page arrives before it, see whether there is more to do."""
        while True:
            self._pool.wake = self._wake
            completed = self._completed.get()
            self._pool.wake = None
            if completed is not None:
                return completed
            self._fill_slots()

    def _wake(self) -> None:
        """End the wait for a result, unless one is there; any thread may call this."""
        if self._completed.empty():
            self._completed.put(None)

    def _request_next_page(self, completed: Completed, request: Request) -> None:
        """Queue the request for the next page of a list, unless the keep-alive has already sent it."""
        if entry := self._tokens.pop(completed.number, None):
            completed.lane.push(completed.key, request, entry[0])
            return
        completed.lane.expect_page(completed.key)
        completed.lane.in_flight += 1
        self._in_flight += 1

    def refresh_stale(self, before: float) -> int:
        """Fetch the next pages of lists whose tokens were issued before a moment; return how many there were."""
        stale = [number for number, (since, _, _) in list(self._tokens.items()) if since <= before]
        number_refreshed = 0
        for number in stale:
            entry = self._tokens.pop(number, None)
            if entry is not None and not self._closed:
                number_refreshed += 1
                _, completed, request = entry
                self._complete(completed.lane, completed.key, partial(self._pool.fetch, request), spooled=True)
        return number_refreshed

    def close(self) -> None:
        """Send nothing more, and cancel the requests that wait for a thread; others end without a reader."""
        self._closed = True
        for future in tuple(self._sent):
            future.cancel()

    def _fill_slots(self) -> None:
        """Send the requests that there is room for, from the lane with the fewest in flight first."""
        stale_before = self._pool.keepalive.stale_before
        while self._in_flight < self._pool.concurrency:
            for lane in sorted(self.lanes, key=lambda lane: lane.in_flight):
                next_request = lane.pop(stale_before)
                if next_request is not None:
                    self._send(lane, *next_request)
                    break
            else:
                self._on_idle()
                return

    def _send(self, lane: Lane, key: Key, request: Request) -> None:
        self._in_flight += 1
        lane.in_flight += 1
        future = self._pool.submit(request)
        self._sent.add(future)
        future.add_done_callback(partial(self._on_fetched, lane, key, request))

    def _on_fetched(self, lane: Lane, key: Key, request: Request, future: Future[Fetched]) -> None:
        self._sent.discard(future)
        self._complete(lane, key, lambda: future.result().as_requested(request))

    def _complete(self, lane: Lane, key: Key, fetch: Callable[[], Fetched], *, spooled: bool = False) -> None:
        """Queue the result of a request for the reader, in the thread that received it."""
        number = next(self._serial)
        try:
            start, page = fetch()
            completed = Completed(number, lane, key, self._spool.put(page) if spooled else page)
            if page.next_request is not None:
                self._tokens[number] = start, completed, page.next_request
            self._completed.put(completed)
        except CancelledError:
            self._completed.put(Completed(number, lane, key, RunCancelled()))
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            self._completed.put(Completed(number, lane, key, error))
