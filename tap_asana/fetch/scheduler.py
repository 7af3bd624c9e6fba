"""Many pages in flight, handed out as they arrive, and how far the reading has come in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from queue import SimpleQueue
from typing import Protocol

from typing_extensions import override

from tap_asana.api.request import Ask, Page
from tap_asana.fetch.keepalive import Keeper
from tap_asana.fetch.lane import BELOW, LAST, Key, Lane, Unit
from tap_asana.fetch.spool import Spool, Spooled

__all__ = ["BELOW", "LAST", "Key", "Lane", "Unit"]


class Fetcher(Protocol):
    """Whatever fetches a page."""

    def fetch(self, ask: Ask) -> Page:
        """Fetch one page."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What came for an ask, in memory or on disk; `number` tells it apart."""

    number: int
    lane: Lane
    key: Key
    came: Page | Spooled | BaseException


class Reading(Iterator[Page]):
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
        units: Iterable[Unit],
        concurrency: int,
        *,
        idle: Callable[[], None] = lambda: None,
        keeper: Keeper | None = None,
    ) -> None:
        """Send nothing yet: the first page taken starts the reading."""
        self.unit: Key | None = None
        self.lane = Lane("")
        self.lanes = [self.lane]
        self.lane.queue(units)
        self._fetcher = fetcher
        self._concurrency = concurrency
        self._idle = idle
        self._flying = 0
        self._closed = False
        self._arrived: SimpleQueue[_Arrival] = SimpleQueue()
        self._pool: ThreadPoolExecutor | None = None
        self._serial = count()
        self._spool = Spool()
        self._keeper = keeper
        # Pages that wait with a token, and since when: whoever takes one out of here is the one to use its token.
        self._tokens: dict[int, tuple[float, _Arrival, Ask]] = {}
        if keeper is not None:
            keeper.watch(self)

    @property
    def done(self) -> Key | None:
        """Return the highest key up to which every unit of the first lane is finished."""
        return self.lanes[0].done

    def beside(self, name: str, units: Iterable[Unit]) -> Lane:
        """Open another lane; the lanes share what may be in flight evenly."""
        lane = Lane(name)
        lane.queue(units)
        self.lanes.append(lane)
        return lane

    def queue(self, units: Iterable[Unit]) -> None:
        """Add units to the lane of the page that was handed out last."""
        self.lane.queue(units)

    def is_last(self, unit: Key) -> bool:
        """Tell whether the page that was handed out last is the last one of its unit, as far as is known."""
        return self.lane.pages_open(unit) == 1

    def add(self, asks: Iterable[Ask]) -> None:
        """Add asks to the unit of the page that was handed out last."""
        if self.unit is None:
            raise RuntimeError("There is no page to add to")
        for ask in asks:
            self.lane.push(self.unit, ask)

    @override
    def __iter__(self) -> Reading:
        """Return itself."""
        return self

    @override
    def __next__(self) -> Page:
        """Finish what the last page was part of, send what may be sent, and hand out the next page."""
        if self._closed:
            raise StopIteration
        if self.unit is not None:
            self.lane.settle(self.unit)
            self.unit = None
        self._launch()
        for lane in self.lanes:
            lane.advance()
        if not self._flying:
            self.close()
            raise StopIteration
        arrival = self._arrived.get()
        lane, key = arrival.lane, arrival.key
        self._flying -= 1
        lane.flying -= 1
        if isinstance(arrival.came, BaseException):
            self.close()
            raise arrival.came
        self.lane, self.unit = lane, key
        page = self._spool.take(arrival.came) if isinstance(arrival.came, Spooled) else arrival.came
        if page.following is not None:
            self._follow(arrival, page.following)
        self._launch()
        return page

    def _follow(self, arrival: _Arrival, following: Ask) -> None:
        """Have the next page of the list sent for, unless the keeper has done so."""
        if self._keeper is None or self._tokens.pop(arrival.number, None) is not None:
            arrival.lane.push(arrival.key, following)
            return
        arrival.lane.expect(arrival.key)
        arrival.lane.flying += 1
        self._flying += 1

    def keep(self, before: float) -> int:
        """Fetch the next pages of lists whose tokens came before a moment; return how many there were."""
        old = [number for number, (since, _, _) in list(self._tokens.items()) if since <= before]
        kept = 0
        for number in old:
            waiting = self._tokens.pop(number, None)
            if waiting is not None and not self._closed:
                kept += 1
                _, arrival, following = waiting
                self._fly(arrival.lane, arrival.key, following, spooled=True)
        return kept

    def close(self) -> None:
        """Send nothing more; what is in flight ends unheard."""
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _launch(self) -> None:
        """Send what may be sent, from the lane that has the least in flight."""
        while self._flying < self._concurrency:
            for lane in sorted(self.lanes, key=lambda lane: lane.flying):
                popped = lane.pop()
                if popped is not None:
                    self._send(lane, *popped)
                    break
            else:
                self._idle()
                return

    def _send(self, lane: Lane, key: Key, ask: Ask) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="asana")
        self._flying += 1
        lane.flying += 1
        self._pool.submit(self._fly, lane, key, ask)

    def _fly(self, lane: Lane, key: Key, ask: Ask, *, spooled: bool = False) -> None:
        number, begun = next(self._serial), self._keeper.clock() if self._keeper else 0.0
        try:
            page = self._fetcher.fetch(ask)
            arrival = _Arrival(number, lane, key, self._spool.put(page) if spooled else page)
            if self._keeper is not None and page.following is not None:
                self._tokens[number] = begun, arrival, page.following
            self._arrived.put(arrival)
        except BaseException as error:  # noqa: BLE001 - raised again where the pages are taken
            self._arrived.put(_Arrival(number, lane, key, error))
