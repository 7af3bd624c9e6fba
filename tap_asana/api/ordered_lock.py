"""A lock for the threads that send requests: the most urgent first, and otherwise first come, first served."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

MAX_OVERTAKEN = 20
"""Threads in a row that go before a less urgent one."""


class OrderedLock:
    """A lock that threads get by their urgency, and in the order of their arrival if that is the same.

    After `max_overtaken` threads in a row that go before a less urgent one, that of the less urgent ones has its turn
    which waits longest: none waits for ever.
    """

    def __init__(self, max_overtaken: int = MAX_OVERTAKEN) -> None:
        """Start without threads."""
        self._max_overtaken = max_overtaken
        self._lock = threading.Lock()
        self._is_held = False
        self._overtaken = 0
        self._arrivals = count()
        self._waiting: dict[int, deque[tuple[int, threading.Event]]] = {}

    @property
    def number_waiting(self) -> int:
        """Return the number of threads that wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @contextmanager
    def held(self, urgency: int = 0) -> Iterator[None]:
        """Hold the lock for this block, as soon as it is this thread's turn."""
        self._enter(urgency)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, urgency: int) -> None:
        with self._lock:
            if not self._is_held:
                self._is_held = True
                return
            turn = threading.Event()
            self._waiting.setdefault(urgency, deque()).append((next(self._arrivals), turn))
        turn.wait()

    def _leave(self) -> None:
        """Give the lock to the next thread; it stays held meanwhile."""
        with self._lock:
            if not self._waiting:
                self._is_held = False
                return
            urgency = self._next_urgency()
            queue = self._waiting[urgency]
            _, turn = queue.popleft()
            turn.set()
            if not queue:
                del self._waiting[urgency]

    def _next_urgency(self) -> int:
        """Return the urgency of the thread that has its turn, and count the threads that go before others."""
        most = max(self._waiting)
        overtaken = [urgency for urgency in self._waiting if urgency != most]
        if overtaken and self._overtaken >= self._max_overtaken:
            self._overtaken = 0
            return min(overtaken, key=lambda urgency: self._waiting[urgency][0][0])
        self._overtaken = self._overtaken + 1 if overtaken else 0
        return most
