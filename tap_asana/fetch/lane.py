"""One lane of work items in ascending order: their requests, and the key up to which all are finished."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import NamedTuple, TypeAlias

from tap_asana.api.request import Request

Key: TypeAlias = tuple[int, ...]
"""The position of a work item in its lane: numbers such as (number of the list, parent's gid, child's gid)."""

END_OF_PARENT = 2**63 - 1
"""In place of a child's gid: after all children of the parent, so that the parent is finished."""

SUBTREE = 0
"""As the last number: the list below a child, after the child and before the next one."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """The first requests of one parent, which is finished when they and all that follows from them are answered."""

    key: Key
    requests: Sequence[Request]


class PagePosition(NamedTuple):
    """The position of a page in its lane.

    `key` is that of its work item, `is_last` says whether no other page of the item is expected, and `watermark` is the
    lane's.
    """

    key: Key
    is_last: bool
    watermark: Key | None


@dataclass(order=True, slots=True)
class _Source:
    """An ascending iterator of work items, with its first item taken out."""

    key: Key
    serial: int
    head: WorkItem = field(compare=False)
    rest: Iterator[WorkItem] = field(compare=False)


@dataclass(order=True, slots=True)
class _Ready:
    """A request to send, in the order of its item; `since` is when its page token was issued, if it has one."""

    key: Key
    serial: int
    request: Request = field(compare=False)
    since: float = field(default=inf, compare=False)
    is_taken: bool = field(default=False, compare=False)


class Lane:
    """Work items in order: which are open, which of their requests may be sent, and which items are finished.

    `watermark` is the highest key up to which every item is finished.
    """

    def __init__(self, name: str) -> None:
        """Start without items."""
        self.name = name
        self.watermark: Key | None = None
        self.in_flight = 0
        self._serial = count()
        self._sources: list[_Source] = []
        self._ready: list[_Ready] = []
        self._with_token: deque[_Ready] = deque()
        self._pages_open: dict[Key, int] = {}
        self._order: list[Key] = []

    def add_items(self, items: Iterable[WorkItem]) -> None:
        """Add items in ascending order; each is taken from the iterable when it is due.

        The items of a parent's children come after the parent and before the next one. An item whose key is open
        already joins that item.
        """
        rest = iter(items)
        head = next(rest, None)
        if head is not None:
            heapq.heappush(self._sources, _Source(head.key, next(self._serial), head, rest))

    def push(self, key: Key, request: Request, since: float = inf) -> None:
        """Add a request to an open item; `since` is when its page token was issued."""
        self.expect_page(key)
        ready = _Ready(key, next(self._serial), request, since)
        heapq.heappush(self._ready, ready)
        if since != inf:
            self._with_token.append(ready)

    def expect_page(self, key: Key) -> None:
        """Expect another page of an open item."""
        self._pages_open[key] += 1

    def pop(self, stale_before: float = -inf) -> tuple[Key, Request] | None:
        """Return the first request in order, or None; items are opened until it is known.

        A request whose page token was issued before a moment goes first: the subtrees of earlier items can take longer
        than the token lives.
        """
        while self._with_token and self._with_token[0].is_taken:
            self._with_token.popleft()
        if self._with_token and self._with_token[0].since <= stale_before:
            stale = self._with_token.popleft()
            stale.is_taken = True
            return stale.key, stale.request
        while self._ready and self._ready[0].is_taken:
            heapq.heappop(self._ready)
        while self._sources and (not self._ready or self._sources[0].key < self._ready[0].key):
            self._open_next(heapq.heappop(self._sources))
        if not self._ready:
            return None
        ready = heapq.heappop(self._ready)
        ready.is_taken = True
        return ready.key, ready.request

    def _open_next(self, source: _Source) -> None:
        item = source.head
        if item.key not in self._pages_open:
            self._pages_open[item.key] = 0
            heapq.heappush(self._order, item.key)
        for request in item.requests:
            self.push(item.key, request)
        successor = next(source.rest, None)
        if successor is not None:
            source.key, source.serial, source.head = successor.key, next(self._serial), successor
            heapq.heappush(self._sources, source)

    def pages_open(self, key: Key) -> int:
        """Return the number of expected pages of an item."""
        return self._pages_open.get(key, 0)

    def page_done(self, key: Key) -> None:
        """Count a page of an item as done."""
        self._pages_open[key] -= 1

    def advance(self) -> None:
        """Move the watermark past all items finished in order."""
        while self._order and self._pages_open[self._order[0]] == 0 and not self._has_earlier_item(self._order[0]):
            self.watermark = heapq.heappop(self._order)
            del self._pages_open[self.watermark]

    def _has_earlier_item(self, key: Key) -> bool:
        """Return whether an unopened item comes before this key."""
        return bool(self._sources) and self._sources[0].key < key
