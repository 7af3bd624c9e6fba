"""Many pages in flight, handed out as they arrive, and how far the reading has come in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from math import inf
from queue import SimpleQueue
from typing import Protocol

from typing_extensions import override

from tap_asana.api.request import Page, Request
from tap_asana.fetch.keepalive import PageTokenKeepAlive
from tap_asana.fetch.lane import END_OF_PARENT, SUBTREE, Key, Lane, WorkItem
from tap_asana.fetch.spool import Spool, Spooled

__all__ = ["END_OF_PARENT", "SUBTREE", "Key", "Lane", "WorkItem"]


class Fetcher(Protocol):
    """Whatever fetches a page."""

    def fetch(self, ask: Request) -> Page:
        """Fetch one page."""


@dataclass(frozen=True, slots=True)
class _Completed:
    """What came for an ask, in memory or on disk; `number` tells it apart."""

    number: int
    lane: Lane
    key: Key
    result: Page | Spooled | BaseException


class FetchScheduler(Iterator[Page]):
    """The pages of units that come in ascending order of key, in one lane or in several side by side.

    Memory is bounded: at most `concurrency` pages are in flight or waiting to be taken. `lane` and `unit` are those
    of the page handed out last; its reader may `add` asks to that unit, or `queue` further units behind it, before
    it takes the next page. `idle` is called whenever more could be in flight than there is to send. Where pages are
    taken so slowly that their tokens would expire, the `keeper` has the lists go on, and what that brings waits on
    disk.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        units: Iterable[WorkItem],
        concurrency: int,
        *,
        on_idle: Callable[[], None] = lambda: None,
        keeper: PageTokenKeepAlive | None = None,
    ) -> None:
        """Send nothing yet: the first page taken starts the reading."""
        self.item: Key | None = None
        self.lane = Lane("")
        self.lanes = [self.lane]
        self.lane.add_items(units)
        self._fetcher = fetcher
        self._concurrency = concurrency
        self._on_idle = on_idle
        self._in_flight = 0
        self._closed = False
        self._completed: SimpleQueue[_Completed] = SimpleQueue()
        self._pool: ThreadPoolExecutor | None = None
        self._serial = count()
        self._spool = Spool()
        self._keeper = keeper
        # Pages that wait with a token, and since when: whoever takes one out of here is the one to use its token.
        self._tokens: dict[int, tuple[float, _Completed, Request]] = {}
        if keeper is not None:
            keeper.register(self)

    @property
    def watermark(self) -> Key | None:
        """Return the highest key up to which every unit of the first lane is finished."""
        return self.lanes[0].watermark

    def add_lane(self, name: str, units: Iterable[WorkItem]) -> Lane:
        """Open another lane; the lanes share what may be in flight evenly."""
        lane = Lane(name)
        lane.add_items(units)
        self.lanes.append(lane)
        return lane

    def add_items(self, units: Iterable[WorkItem]) -> None:
        """Add units to the lane of the page that was handed out last."""
        self.lane.add_items(units)

    def is_last(self, unit: Key) -> bool:
        """Tell whether the page that was handed out last is the last one of its unit, as far as is known."""
        return self.lane.pages_open(unit) == 1

    def add_requests(self, asks: Iterable[Request]) -> None:
        """Add asks to the unit of the page that was handed out last."""
        if self.item is None:
            raise RuntimeError("There is no page to add to")
        for ask in asks:
            self.lane.push(self.item, ask)

    @override
    def __iter__(self) -> FetchScheduler:
        """Return itself."""
        return self

    @override
    def __next__(self) -> Page:
        """Finish what the last page was part of, send what may be sent, and hand out the next page."""
        if self._closed:
            raise StopIteration
        if self.item is not None:
            self.lane.page_done(self.item)
            self.item = None
        self._fill_slots()
        for lane in self.lanes:
            lane.advance()
        if not self._in_flight:
            self.close()
            raise StopIteration
        arrival = self._completed.get()
        lane, key = arrival.lane, arrival.key
        self._in_flight -= 1
        lane.in_flight -= 1
        if isinstance(arrival.result, BaseException):
            self.close()
            raise arrival.result
        self.lane, self.item = lane, key
        page = self._spool.take(arrival.result) if isinstance(arrival.result, Spooled) else arrival.result
        if page.next_request is not None:
            self._request_next_page(arrival, page.next_request)
        self._fill_slots()
        return page

    def _request_next_page(self, arrival: _Completed, following: Request) -> None:
        """Have the next page of the list sent for, unless the keeper has done so."""
        if self._keeper is None:
            arrival.lane.push(arrival.key, following)
            return
        if waiting := self._tokens.pop(arrival.number, None):
            arrival.lane.push(arrival.key, following, waiting[0])
            return
        arrival.lane.expect_page(arrival.key)
        arrival.lane.in_flight += 1
        self._in_flight += 1

    def refresh_stale(self, before: float) -> int:
        """Fetch the next pages of lists whose tokens came before a moment; return how many there were."""
        old = [number for number, (since, _, _) in list(self._tokens.items()) if since <= before]
        kept = 0
        for number in old:
            waiting = self._tokens.pop(number, None)
            if waiting is not None and not self._closed:
                kept += 1
                _, arrival, following = waiting
                self._run_request(arrival.lane, arrival.key, following, spooled=True)
        return kept

    def close(self) -> None:
        """Send nothing more; what is in flight ends unheard."""
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _fill_slots(self) -> None:
        """Send what may be sent, from the lane that has the least in flight."""
        stale_before = self._keeper.stale_before if self._keeper else -inf
        while self._in_flight < self._concurrency:
            for lane in sorted(self.lanes, key=lambda lane: lane.in_flight):
                popped = lane.pop(stale_before)
                if popped is not None:
                    self._send(lane, *popped)
                    break
            else:
                self._on_idle()
                return

    def _send(self, lane: Lane, key: Key, ask: Request) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="asana")
        self._in_flight += 1
        lane.in_flight += 1
        self._pool.submit(self._run_request, lane, key, ask)

    def _run_request(self, lane: Lane, key: Key, ask: Request, *, spooled: bool = False) -> None:
        number, begun = next(self._serial), self._keeper.clock() if self._keeper else 0.0
        try:
            page = self._fetcher.fetch(ask)
            arrival = _Completed(number, lane, key, self._spool.put(page) if spooled else page)
            if self._keeper is not None and page.next_request is not None:
                self._tokens[number] = begun, arrival, page.next_request
            self._completed.put(arrival)
        except BaseException as error:  # noqa: BLE001 - raised again where the pages are taken
            self._completed.put(_Completed(number, lane, key, error))
