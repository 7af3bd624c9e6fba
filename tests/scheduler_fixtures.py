"""Parents and children to read, and clients that serve them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from clock import PATIENCE
from typing_extensions import override

from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import END_OF_PARENT, Key, WorkItem
from tap_asana.fetch.scheduler import FetchScheduler

Children = list[int]
"""The number of requests of each child of a page."""
Parent = list[Children]
"""The children of each page of a parent."""


def request_for(*numbers: int) -> Request:
    """Return a request with a path of numbers."""
    return Request("tasks", "/" + "/".join(map(str, numbers)))


class Tree:
    """Parents in pages whose records have children: the requests to expect, and their processing."""

    def __init__(self, parents: list[Parent], first: int = 0) -> None:
        """Lay out the keys; a parent's child stands behind it, and an empty unit behind all of its children."""
        self._parents = dict(enumerate(parents, first))
        self.requests: dict[Key, Counter[str]] = {}
        for parent, pages in self._parents.items():
            self.requests[parent,] = Counter(request_for(parent, page).path for page in range(len(pages)))
            for page, children in enumerate(pages):
                for child, count in enumerate(children):
                    self.requests[self._child(parent, page, child)] = Counter(
                        request_for(parent, page, child, number).path for number in range(count)
                    )
            self.requests[parent, END_OF_PARENT] = Counter()

    def items(self) -> Iterator[WorkItem]:
        """Yield the items known before anything is read."""
        for parent in self._parents:
            yield WorkItem((parent,), [request_for(parent, 0)])
            yield WorkItem((parent, END_OF_PARENT), [])

    def initial_count(self) -> int:
        """Return the number of requests known before anything is read."""
        return len(self._parents)

    def page(self, request: Request) -> Page | None:
        """Return the page of a request, if it belongs to this tree; a parent's pages follow each other."""
        parent, page, *child = map(int, request.path[1:].split("/"))
        if parent not in self._parents:
            return None
        more = not child and page + 1 < len(self._parents[parent])
        return Page(request, next_request=request_for(parent, page + 1) if more else None)

    def process_page(self, page: Page, scheduler: FetchScheduler) -> int:
        """Process a page as a consumer does, and return the number of requests that it adds."""
        parent, number, *child = map(int, page.request.path[1:].split("/"))
        if child:
            return 0
        children = self._parents[parent][number]
        scheduler.add_items(
            WorkItem(
                self._child(parent, number, child), [request_for(parent, number, child, part) for part in range(count)]
            )
            for child, count in enumerate(children)
        )
        return sum(children) + (page.next_request is not None)

    def finished(self, processed: Counter[str]) -> list[Key]:
        """Return the keys up to the first item with unprocessed requests."""
        keys = []
        for key in sorted(self.requests):
            if self.requests[key] - processed:
                break
            keys.append(key)
        return keys

    def _child(self, parent: int, page: int, child: int) -> Key:
        # Later pages have the smaller gids: children come in any order, only those of one page ascend.
        return (parent, 1 + (len(self._parents[parent]) - page) * 10 + child)


def page_for(trees: Sequence[Tree], request: Request) -> Page:
    """Return the page of a request from the tree that it belongs to."""
    return next(page for tree in trees if (page := tree.page(request)))


class ScriptedClient:
    """A client that completes its requests one by one, in the order of `choices`.

    It waits until as many requests as allowed are in flight, so nothing depends on the speed of threads; a scheduler
    with fewer or more requests in flight fails here.
    """

    def __init__(self, trees: Sequence[Tree], concurrency: int, choices: list[int]) -> None:
        """Start with nothing taken."""
        self._trees = trees
        self._concurrency = concurrency
        self._choices = choices
        self._known = sum(tree.initial_count() for tree in trees)
        self._taken = 0
        self._released: list[str] = []
        self._in_flight: list[str] = []
        self._changed = threading.Condition()

    def fetch(self, request: Request) -> Page:
        """Wait for this ask's turn."""
        with self._changed:
            self._in_flight.append(request.path)
            assert len(self._in_flight) <= self._concurrency
            self._release()
            assert self._changed.wait_for(lambda: request.path in self._released, PATIENCE), "not as many in flight"
        return page_for(self._trees, request)

    def note_processed(self, known: int) -> None:
        """Note that a page was processed, which added this number of requests."""
        with self._changed:
            self._taken += 1
            self._known += known
            self._release()

    def _release(self) -> None:
        expected = min(self._concurrency, self._known - self._taken)
        if self._in_flight and len(self._in_flight) == expected and len(self._released) == self._taken:
            choice = self._choices[self._taken % len(self._choices)] % len(self._in_flight)
            path = sorted(self._in_flight)[choice]
            self._in_flight.remove(path)
            self._released.append(path)
            self._changed.notify_all()


class InlineExecutor(Executor):
    """An executor without threads: it runs work on submission."""

    @override
    def submit(self, work: Callable[..., Any], /, *args: Any, **keywords: Any) -> Future[Any]:
        """Return a completed future."""
        future: Future[Any] = Future()
        future.set_result(work(*args, **keywords))
        return future


class StalledExecutor(InlineExecutor):
    """An executor without threads that runs the first work only; the rest waits for ever."""

    def __init__(self) -> None:
        """Run nothing yet."""
        self.waiting: list[Future[Any]] = []
        self._has_run = False

    @override
    def submit(self, work: Callable[..., Any], /, *args: Any, **keywords: Any) -> Future[Any]:
        """Return a completed future the first time, and a waiting one from then on."""
        if not self._has_run:
            self._has_run = True
            return super().submit(work, *args, **keywords)
        self.waiting.append(Future())
        return self.waiting[-1]


class InterruptedExecutor(Executor):
    """An executor that runs nothing; while its third work is submitted, another thread closes the fetcher."""

    close: Callable[[], object]

    def __init__(self) -> None:
        """Start open."""
        self.waiting: list[Future[Any]] = []
        self.is_shut_down = False
        self.rejects: list[bool] = []

    @override
    def submit(self, work: Callable[..., Any], /, *args: Any, **keywords: Any) -> Future[Any]:
        """Return a waiting future, and note whether a real executor would have rejected the work."""
        if len(self.waiting) == 2:
            closer = threading.Thread(target=self.close)
            closer.start()
            closer.join(0.5)  # it may have to wait for this thread
        self.rejects.append(self.is_shut_down)
        self.waiting.append(Future())
        return self.waiting[-1]

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept no more work."""
        self.is_shut_down = True


class Recorder:
    """A client that records its requests."""

    def __init__(self, *trees: Tree) -> None:
        """Start with nothing asked."""
        self.requested: list[str] = []
        self._trees = trees

    def fetch(self, request: Request) -> Page:
        """Answer at once."""
        self.requested.append(request.path)
        return page_for(self._trees, request)
