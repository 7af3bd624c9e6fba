"""Requests that all take one round of a virtual clock: the time of a run, whatever the machine does meanwhile."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from functools import cached_property, partial
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

from harness import Message, Output, clock, discovered, offline_run, selecting, written
from typing_extensions import override

from fake_asana.server.api import Api
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.run import Run
from tap_asana.tap import TapAsana

T = TypeVar("T")


class TimedPool(Executor):
    """A pool that answers each request one round after it was sent, while a reader waits."""

    def __init__(self, concurrency: int) -> None:
        """Start at round 0; at most `concurrency` requests are in flight."""
        self.rounds = 0
        self._concurrency = concurrency
        self._numbers = 0
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._in_flight: list[tuple[int, int, Future[Any], Callable[[], Any]]] = []

    @override
    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        self._waiting.append((future, partial(fn, *args, **kwargs)))
        self._send()
        return future

    def _send(self) -> None:
        while self._waiting and len(self._in_flight) < self._concurrency:
            self._numbers += 1
            heapq.heappush(self._in_flight, (self.rounds + 1, self._numbers, *self._waiting.popleft()))

    def answer_one(self) -> None:
        """Answer the request that was sent first."""
        self.rounds, _, future, request = heapq.heappop(self._in_flight)
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(request())
            except BaseException as error:  # noqa: BLE001 - as a thread of a pool does
                future.set_exception(error)
        self._send()

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._waiting.clear()

    def new_queue(self) -> SimpleQueue[Any]:
        """Return a queue whose reader has requests answered while it waits."""
        queue = _Queue()
        queue.pool = self
        return queue


class _Queue(SimpleQueue[Any]):
    pool: TimedPool

    @override
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        while self.empty():
            self.pool.answer_one()
        return super().get(block, timeout)


class TimedRun(NamedTuple):
    """The output of a run, its requests, the rounds that it took, and the first round of each path."""

    output: Output
    requests: int
    rounds: int
    first_rounds: Mapping[str, int]


def timed_run(api: Api, config: Message, streams: Iterable[str], state: Message | None = None) -> TimedRun:
    """Run the tap in virtual time."""
    concurrency = config["max_concurrency"]
    pool, requests, first_rounds = TimedPool(concurrency), len(api.log), dict[str, int]()

    class TimedTap(TapAsana):
        @cached_property
        @override
        def run(self) -> Run:
            run = offline_run(api, self.settings, lambda request: first_rounds.setdefault(request.path, pool.rounds))
            run.fetcher = Fetcher(
                *(run.client, concurrency, run.limits), clock=clock(api), pool=pool, new_queue=pool.new_queue
            )
            return run

    output = written(TimedTap(config=config, state=state, catalog=selecting(discovered(), streams)))
    return TimedRun(output, len(api.log) - requests, pool.rounds, first_rounds)
