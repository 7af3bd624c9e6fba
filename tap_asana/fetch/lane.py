"""One order of reading: units, the asks of each, and how far all of them are finished."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import TypeAlias

from tap_asana.api.request import Request

Key: TypeAlias = tuple[int, ...]
"""Where a unit stands in the order of reading: numbers such as (place of the list, parent's gid, child's gid)."""

END_OF_PARENT = 2**63 - 1
"""As a child's number: behind every child of its parent, so that the parent is finished."""

SUBTREE = 0
"""As a last number: the list of what lies below a child, which comes behind the child and before the next one."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """What is finished or not finished as a whole: the first asks of one parent."""

    key: Key
    requests: Sequence[Request]


@dataclass(order=True, slots=True)
class _Source:
    """An ordered run of units, of which the first is looked at."""

    key: Key
    serial: int
    head: WorkItem = field(compare=False)
    rest: Iterator[WorkItem] = field(compare=False)


@dataclass(order=True, slots=True)
class _Ready:
    """An ask that may be sent, in the order of its unit; `since` is when its page token came, if it has one."""

    key: Key
    serial: int
    ask: Request = field(compare=False)
    since: float = field(default=inf, compare=False)
    is_taken: bool = field(default=False, compare=False)


class Lane:
    """Units in their order: which are open, which asks are ready, and how far all is finished.

    `done` is the highest key up to which every unit is finished.
    """

    def __init__(self, name: str) -> None:
        """Start without units."""
        self.name = name
        self.watermark: Key | None = None
        self.in_flight = 0
        self._serial = count()
        self._sources: list[_Source] = []
        self._ready: list[_Ready] = []
        self._with_token: deque[_Ready] = deque()
        self._open: dict[Key, int] = {}
        self._order: list[Key] = []

    def add_items(self, units: Iterable[WorkItem]) -> None:
        """Add units, ascending by key; those of a parent come behind it and before the next parent.

        A unit whose key is open already joins that one.
        """
        rest = iter(units)
        head = next(rest, None)
        if head is not None:
            heapq.heappush(self._sources, _Source(head.key, next(self._serial), head, rest))

    def push(self, key: Key, ask: Request, since: float = inf) -> None:
        """Add an ask to an open unit; `since` is when its page token came."""
        self.expect_page(key)
        ready = _Ready(key, next(self._serial), ask, since)
        heapq.heappush(self._ready, ready)
        if since != inf:
            self._with_token.append(ready)

    def expect_page(self, key: Key) -> None:
        """Note that another page of an open unit is to come."""
        self._open[key] += 1

    def pop(self, stale_before: float = -inf) -> tuple[Key, Request] | None:
        """Take the ask that comes first in order, opening units until it is known.

        One whose page token came before a moment is taken before all: what lies below earlier units can take longer
        than the token lives.
        """
        while self._with_token and self._with_token[0].is_taken:
            self._with_token.popleft()
        if self._with_token and self._with_token[0].since <= stale_before:
            stale = self._with_token.popleft()
            stale.is_taken = True
            return stale.key, stale.ask
        while self._ready and self._ready[0].is_taken:
            heapq.heappop(self._ready)
        while self._sources and (not self._ready or self._sources[0].key < self._ready[0].key):
            self._open_next(heapq.heappop(self._sources))
        if not self._ready:
            return None
        ready = heapq.heappop(self._ready)
        ready.is_taken = True
        return ready.key, ready.ask

    def _open_next(self, source: _Source) -> None:
        unit = source.head
        if unit.key not in self._open:
            self._open[unit.key] = 0
            heapq.heappush(self._order, unit.key)
        for ask in unit.requests:
            self.push(unit.key, ask)
        following = next(source.rest, None)
        if following is not None:
            source.key, source.serial, source.head = following.key, next(self._serial), following
            heapq.heappush(self._sources, source)

    def pages_open(self, key: Key) -> int:
        """Return how many pages of an open unit are not settled."""
        return self._open.get(key, 0)

    def page_done(self, key: Key) -> None:
        """Take a page off its unit."""
        self._open[key] -= 1

    def advance(self) -> None:
        """Move `done` past all units that are finished in order."""
        while self._order and self._open[self._order[0]] == 0 and not self._has_earlier_item(self._order[0]):
            self.watermark = heapq.heappop(self._order)
            del self._open[self.watermark]

    def _has_earlier_item(self, key: Key) -> bool:
        """Tell whether a unit that was not opened yet comes before this one."""
        return bool(self._sources) and self._sources[0].key < key
