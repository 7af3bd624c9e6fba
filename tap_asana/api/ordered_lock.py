"""A lock for the threads that send requests: first come, first served, except for those that others wait for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

MAX_OVERTAKEN = 20
"""Urgent threads in a row that go before one which came earlier."""


class OrderedLock:
    """A lock that threads get in the order of their arrival, urgent ones before others.

    After `max_overtaken` urgent threads in a row, another one has its turn: none waits for ever.
    """

    def __init__(self, max_overtaken: int = MAX_OVERTAKEN) -> None:
        """Start without threads."""
        self._max_overtaken = max_overtaken
        self._lock = threading.Lock()
        self._is_held = False
        self._overtaken = 0
        self._urgent: deque[threading.Event] = deque()
        self._others: deque[threading.Event] = deque()

    @property
    def number_waiting(self) -> int:
        """Return the number of threads that wait."""
        return len(self._urgent) + len(self._others)

    @contextmanager
    def held(self, *, urgent: bool = False) -> Iterator[None]:
        """Hold the lock for this block, as soon as it is this thread's turn."""
        self._enter(urgent=urgent)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, *, urgent: bool) -> None:
        with self._lock:
            if not self._is_held:
                self._is_held = True
                return
            turn = threading.Event()
            (self._urgent if urgent else self._others).append(turn)
        turn.wait()

    def _leave(self) -> None:
        """Give the lock to the next thread; it stays held meanwhile."""
        with self._lock:
            is_urgent = bool(self._urgent) and not (self._others and self._overtaken >= self._max_overtaken)
            self._overtaken = self._overtaken + 1 if is_urgent and self._others else 0
            waiting = self._urgent if is_urgent else self._others
            if waiting:
                waiting.popleft().set()
            else:
                self._is_held = False
