"""Requests in flight without threads: a seed decides in which order they are answered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from typing_extensions import override

from fake_asana.model.seeded_random import SeededRandom

T = TypeVar("T")


class Hang(Exception):
    """The reader waits for a page although no request is in flight."""


class SeededPool(Executor):
    """A pool that answers its requests one by one, in an order that follows from a seed, while a reader waits."""

    def __init__(self, rng: SeededRandom, max_in_flight: int) -> None:
        """Keep requests until a reader waits; only the first `max_in_flight` of them can be answered next."""
        self._rng = rng
        self._max_in_flight = max_in_flight
        self._waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
        self._earlier = 0

    @override
    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Keep a request for later."""
        future = _Future[T](self)
        self._waiting.append((future, partial(fn, *args, **kwargs)))
        return future

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Cancel the requests that nobody waits for any more."""
        while self._waiting:
            self._waiting.pop()[0].cancel()

    def answer_one(self) -> None:
        """Answer one of the requests in flight; raise Hang if there is none."""
        if not self._waiting:
            raise Hang("a reader waits for a page, and no request is in flight")
        place = self._rng.below(min(len(self._waiting), self._max_in_flight))
        future, request = self._waiting.pop(place)
        if not future.set_running_or_notify_cancel():
            return
        self._earlier = place
        try:
            future.set_result(request())
        except BaseException as error:  # noqa: BLE001 - as a thread of a pool does
            future.set_exception(error)
        self._earlier = 0

    def others_in_flight(self) -> int:
        """Return how many requests were sent before the one being answered and wait too; each retry finds fewer."""
        earlier, self._earlier = self._earlier, self._earlier // 2
        return earlier

    def new_queue(self) -> SimpleQueue[Any]:
        """Return a queue whose reader answers requests while it waits."""
        queue = _Queue()
        queue.pool = self
        return queue


class _Future(Future[T]):
    """The result of a request; who waits for it answers requests until it is there."""

    def __init__(self, pool: SeededPool) -> None:
        super().__init__()
        self._pool = pool

    @override
    def result(self, timeout: float | None = None) -> T:
        while not self.done():
            self._pool.answer_one()
        return super().result(timeout)


class _Queue(SimpleQueue[Any]):
    pool: SeededPool

    @override
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        while self.empty():
            self.pool.answer_one()
        return super().get(block, timeout)
