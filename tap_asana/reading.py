"""Many pages in flight, handed out as they arrive, and how far the reading has come in order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from queue import SimpleQueue
from typing import Protocol, TypeAlias

from typing_extensions import override

from tap_asana.asks import Ask, Page

Key: TypeAlias = tuple[int, ...]
"""Where a unit stands in the order of reading: numbers such as (place of the list, parent's gid, child's gid)."""

LAST = 2**63 - 1
"""As a child's number: behind every child of its parent, so that the parent is finished."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is finished or not finished as a whole: the first asks of one parent."""

    key: Key
    asks: Sequence[Ask]


class Fetcher(Protocol):
    """Whatever fetches a page."""

    def fetch(self, ask: Ask) -> Page:
        """Fetch one page."""


@dataclass(order=True, slots=True)
class _Source:
    """An ordered run of units, of which the first is looked at."""

    key: Key
    serial: int
    head: Unit = field(compare=False)
    rest: Iterator[Unit] = field(compare=False)


@dataclass(order=True, slots=True)
class _Ready:
    """An ask that may be sent, in the order of its unit."""

    key: Key
    serial: int
    ask: Ask = field(compare=False)


class Reading(Iterator[Page]):
    """The pages of units that come in ascending order of key.

    Memory is bounded: at most `concurrency` pages are in flight or waiting to be taken. The unit of the
    page handed out last is `unit`; its reader may `add` asks to that unit, or `queue` further units behind it,
    before it takes the next page. `done` is the highest key up to which every unit is finished.
    """

    def __init__(self, fetcher: Fetcher, units: Iterable[Unit], concurrency: int) -> None:
        """Send nothing yet: the first page taken starts the reading."""
        self.unit: Key | None = None
        self.done: Key | None = None
        self._fetcher = fetcher
        self._concurrency = concurrency
        self._serial = count()
        self._sources: list[_Source] = []
        self._ready: list[_Ready] = []
        self._open: dict[Key, int] = {}
        self._order: list[Key] = []
        self._flying = 0
        self._closed = False
        self._arrived: SimpleQueue[tuple[Key, Page | BaseException]] = SimpleQueue()
        self._pool: ThreadPoolExecutor | None = None
        self.queue(units)

    def queue(self, units: Iterable[Unit]) -> None:
        """Add units, ascending by key; those of a parent come behind it and before the next parent."""
        rest = iter(units)
        head = next(rest, None)
        if head is not None:
            heapq.heappush(self._sources, _Source(head.key, next(self._serial), head, rest))

    def add(self, asks: Iterable[Ask]) -> None:
        """Add asks to the unit of the page that was handed out last."""
        if self.unit is None:
            msg = "There is no page to add to"
            raise RuntimeError(msg)
        for ask in asks:
            self._push(self.unit, ask)

    @override
    def __iter__(self) -> Reading:
        """Return itself."""
        return self

    @override
    def __next__(self) -> Page:
        """Finish what the last page was part of, send what may be sent, and hand out the next page."""
        if self._closed:
            raise StopIteration
        self._settle()
        self._launch()
        if not self._flying:
            self.close()
            raise StopIteration
        key, page = self._arrived.get()
        self._flying -= 1
        if isinstance(page, BaseException):
            self.close()
            raise page
        self.unit = key
        if page.following is not None:
            self._push(key, page.following)
        self._launch()
        return page

    def close(self) -> None:
        """Send nothing more; what is in flight ends unheard."""
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _push(self, key: Key, ask: Ask) -> None:
        self._open[key] += 1
        heapq.heappush(self._ready, _Ready(key, next(self._serial), ask))

    def _settle(self) -> None:
        """Take the last page off its unit, and move `done` past all units that are finished in order."""
        if self.unit is not None:
            self._open[self.unit] -= 1
            self.unit = None
        while self._order and self._open[self._order[0]] == 0 and not self._behind(self._order[0]):
            self.done = heapq.heappop(self._order)
            del self._open[self.done]

    def _behind(self, key: Key) -> bool:
        """Tell whether a unit that was not opened yet comes before this one."""
        return bool(self._sources) and self._sources[0].key < key

    def _launch(self) -> None:
        while self._flying < self._concurrency:
            self._unfold()
            if not self._ready:
                return
            ready = heapq.heappop(self._ready)
            self._flying += 1
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="asana")
            self._pool.submit(self._fly, ready)

    def _unfold(self) -> None:
        """Open units until the ask that comes first in order is ready."""
        while self._sources and (not self._ready or self._sources[0].key < self._ready[0].key):
            source = heapq.heappop(self._sources)
            unit = source.head
            self._open[unit.key] = 0
            heapq.heappush(self._order, unit.key)
            for ask in unit.asks:
                self._push(unit.key, ask)
            following = next(source.rest, None)
            if following is not None:
                source.key, source.serial, source.head = following.key, next(self._serial), following
                heapq.heappush(self._sources, source)

    def _fly(self, ready: _Ready) -> None:
        try:
            self._arrived.put((ready.key, self._fetcher.fetch(ready.ask)))
        except BaseException as error:  # noqa: BLE001 - raised again where the pages are taken
            self._arrived.put((ready.key, error))
