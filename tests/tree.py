"""Parents and children to read, and how they are given out."""

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
"""For each child of a page how many asks it takes."""
Parent = list[Children]
"""For each page of a parent what hangs from it."""


def ask(*numbers: int) -> Request:
    """Return an ask whose path is made of numbers."""
    return Request("tasks", "/" + "/".join(map(str, numbers)))


class Tree:
    """Parents in pages, whose pages have children: what is to be read, and how it is taken."""

    def __init__(self, parents: list[Parent], first: int = 0) -> None:
        """Lay out the keys; a parent's child stands behind it, and an empty unit behind all of its children."""
        self._parents = dict(enumerate(parents, first))
        self.asks: dict[Key, Counter[str]] = {}
        for parent, pages in self._parents.items():
            self.asks[parent,] = Counter(ask(parent, page).path for page in range(len(pages)))
            for page, children in enumerate(pages):
                for child, asks in enumerate(children):
                    self.asks[self._child(parent, page, child)] = Counter(
                        ask(parent, page, child, number).path for number in range(asks)
                    )
            self.asks[parent, END_OF_PARENT] = Counter()

    def units(self) -> Iterator[WorkItem]:
        """Yield what is known before anything is read."""
        for parent in self._parents:
            yield WorkItem((parent,), [ask(parent, 0)])
            yield WorkItem((parent, END_OF_PARENT), [])

    def known(self) -> int:
        """Return how many asks are known before anything is read."""
        return len(self._parents)

    def page(self, wanted: Request) -> Page | None:
        """Return the page for an ask, if it is one of this tree's; a parent's pages follow each other."""
        parent, page, *child = map(int, wanted.path[1:].split("/"))
        if parent not in self._parents:
            return None
        more = not child and page + 1 < len(self._parents[parent])
        return Page(wanted, next_request=ask(parent, page + 1) if more else None)

    def take(self, page: Page, reading: FetchScheduler) -> int:
        """Do with a page what a reader does; return how many asks became known by it."""
        parent, number, *child = map(int, page.request.path[1:].split("/"))
        if child:
            return 0
        children = self._parents[parent][number]
        asks = [[ask(parent, number, child, part) for part in range(parts)] for child, parts in enumerate(children)]
        reading.add_items(WorkItem(self._child(parent, number, child), parts) for child, parts in enumerate(asks))
        return sum(children) + (page.next_request is not None)

    def finished(self, taken: Counter[str]) -> list[Key]:
        """Return the keys up to the first unit of which something is not taken yet."""
        keys = []
        for key in sorted(self.asks):
            if self.asks[key] - taken:
                break
            keys.append(key)
        return keys

    def _child(self, parent: int, page: int, child: int) -> Key:
        # Later pages have the smaller gids: children come in any order, only those of one page ascend.
        return (parent, 1 + (len(self._parents[parent]) - page) * 10 + child)


def found(trees: Sequence[Tree], wanted: Request) -> Page:
    """Return the page for an ask, from the tree that it is for."""
    return next(page for tree in trees if (page := tree.page(wanted)))


class Script:
    """A fetcher that lets its asks go one at a time, in the order that `choices` says.

    It waits until all that may be in flight is in flight, so nothing depends on how fast threads are;
    a reading that keeps fewer or more in flight than it may fails here.
    """

    def __init__(self, trees: Sequence[Tree], concurrency: int, choices: list[int]) -> None:
        """Start with nothing taken."""
        self._trees = trees
        self._concurrency = concurrency
        self._choices = choices
        self._known = sum(tree.known() for tree in trees)
        self._taken = 0
        self._released: list[str] = []
        self._flying: list[str] = []
        self._changed = threading.Condition()

    def fetch(self, wanted: Request) -> Page:
        """Wait for this ask's turn."""
        with self._changed:
            self._flying.append(wanted.path)
            assert len(self._flying) <= self._concurrency
            self._release()
            assert self._changed.wait_for(lambda: wanted.path in self._released, PATIENCE), "not as many in flight"
        return found(self._trees, wanted)

    def took(self, known: int) -> None:
        """Note that a page was taken, by which so many more asks became known."""
        with self._changed:
            self._taken += 1
            self._known += known
            self._release()

    def _release(self) -> None:
        may_fly = min(self._concurrency, self._known - self._taken)
        if self._flying and len(self._flying) == may_fly and len(self._released) == self._taken:
            choice = self._choices[self._taken % len(self._choices)] % len(self._flying)
            path = sorted(self._flying)[choice]
            self._flying.remove(path)
            self._released.append(path)
            self._changed.notify_all()


class AtOnce(Executor):
    """A pool without threads: it does its work when the work is submitted."""

    @override
    def submit(self, work: Callable[..., Any], /, *args: Any, **words: Any) -> Future[Any]:
        """Return a future that is done."""
        future: Future[Any] = Future()
        future.set_result(work(*args, **words))
        return future


class Recorder:
    """A fetcher that notes what it is asked."""

    def __init__(self, *trees: Tree) -> None:
        """Start with nothing asked."""
        self.asked: list[str] = []
        self._trees = trees

    def fetch(self, wanted: Request) -> Page:
        """Answer at once."""
        self.asked.append(wanted.path)
        return found(self._trees, wanted)
