"""A lock for the threads that send requests: the most urgent first, and otherwise first come, first served."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

MAX_OVERTAKEN = 20
"""Threads in a row that go before a less urgent one."""


class OrderedLock:
    """A lock that threads get by their urgency, and in the order of their arrival if that is the same.

    After `max_overtaken` threads in a row that go before a less urgent one, the least urgent has its turn: none waits
    for ever.
    """

    def __init__(self, max_overtaken: int = MAX_OVERTAKEN) -> None:
        """Start without threads."""
        self._max_overtaken = max_overtaken
        self._lock = threading.Lock()
        self._is_held = False
        self._overtaken = 0
        self._waiting: dict[int, deque[threading.Event]] = {}

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
            self._waiting.setdefault(urgency, deque()).append(turn)
        turn.wait()

    def _leave(self) -> None:
        """Give the lock to the next thread; it stays held meanwhile."""
        with self._lock:
            if not self._waiting:
                self._is_held = False
                return
            urgency = min(self._waiting) if self._overtaken >= self._max_overtaken else max(self._waiting)
            self._overtaken = 0 if urgency == min(self._waiting) else self._overtaken + 1
            queue = self._waiting[urgency]
            queue.popleft().set()
            if not queue:
                del self._waiting[urgency]
