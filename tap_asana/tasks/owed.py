"""What earlier runs could not read of a workspace's tasks, asked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from typing_extensions import override

from tap_asana.api.request import Ask
from tap_asana.fetch.scheduler import LAST, Key, Unit
from tap_asana.parents.kinds import Parent, Share
from tap_asana.state.debts import WHOLE_LISTS, Debt, Ledger
from tap_asana.tasks.by_list import FOUND, LISTS, NEEDED, WHOLE, Extent, Listing
from tap_asana.tasks.events import PATHS
from tap_asana.tasks.ownership import Homes
from tap_asana.tasks.traversal import Scope, ending

TASK, SUBTASKS = "task", "subtasks"

SINGLE = "/tasks/{task_gid}"

PLACES = (*LISTS, TASK, SUBTASKS, *PATHS)
"""The kinds of debts in the order that they are asked; the place of each is the first number of its keys."""


class Owed(Listing):
    """The lane of debts: each list is read whole, bounded by the start date alone, with all that lies below it."""

    relists_at_once = True  # before the debt is paid

    def __init__(self, scope: Scope, ledger: Ledger, start_date: str | None = None) -> None:
        """Prepare to ask for what the ledger held when the read began."""
        visible = [project.gid for project in scope.crawl.parents("project", scope.workspace)]
        # Nothing is left to lists of projects: they are not read here.
        homes = Homes(visible, visible, scope.sweep.until)
        super().__init__("owed", scope, Extent(), start_date, homes=homes)
        self.parents_read: set[str] = set()
        self._ledger = ledger
        self._behind: list[tuple[Key, Debt]] = []

    @override
    def share(self, done: Key | None) -> Share:
        """Return nothing: these are no parents of one kind."""
        return {}

    @override
    def units(self) -> Iterator[Unit]:
        """Yield a unit for each debt, with the end of what lies below it."""
        for place, kind in enumerate(PLACES):
            for debt, asks in sorted(self._owed(kind), key=lambda each: int(each[0].gid)):
                key = (place, int(debt.gid))
                end = ending(key)
                self._behind.append((end.key, debt))
                # What else asks for the tasks of a user or tag counts a refusal too.
                yield Unit(key, [replace(ask, owed=True, probing=kind in LISTS) for ask in asks])
                yield end

    def settled(self, done: Key | None) -> list[Debt]:
        """Return the debts whose lists, and all below them, were read up to a key; each once. None is the end."""
        settled = [debt for key, debt in self._behind if done is None or key <= done]
        self._behind = [(key, debt) for key, debt in self._behind if done is not None and key > done]
        return settled

    def _owed(self, kind: str) -> Iterator[tuple[Debt, Iterable[Ask]]]:
        """Yield the debts of a kind, with what is asked for each."""
        if kind in LISTS:
            named = order_of(kind, self._scope)
            for parent in self._parents_owed(kind, named):
                self.parents_read.add(parent.mark)
                yield Debt(named, parent.mark), self._first_asks(kind, parent)
            return
        for debt in (debt for debt in self._ledger.asked if debt.kind == kind):
            if kind == SUBTASKS:
                yield debt, [self._below(int(debt.gid), WHOLE, "")]
            elif kind == TASK:
                yield debt, [self._scope.tasks(FOUND, SINGLE, NEEDED, task_gid=debt.gid, mark="")]
            else:
                yield debt, [self._scope.ask(kind, kind, PATHS[kind], self._scope.fields[kind], task_gid=debt.gid)]

    def _parents_owed(self, kind: str, named: str) -> list[Parent]:
        """Return the users or tags whose tasks are owed; what is not listed any more is gone.

        Where a debt was named in another order of the users, nobody knows whose it is: the tasks of all are read.
        """
        single = {debt for debt in self._ledger.asked if debt.what == kind}
        whole = {debt for debt in self._ledger.asked if WHOLE_LISTS.get(debt.what) == kind}
        strange = {debt for debt in single | whole if debt.kind.partition(":")[2] != named.partition(":")[2]}
        if not single | whole:
            return []
        crawl, workspace = self._scope.crawl, self._scope.workspace
        listed = crawl.parents(kind, workspace)
        if crawl.refusal(kind, workspace) is not None:
            return [] if whole or strange else [each for each in listed if Debt(named, each.mark) in single]
        gone = single - strange - {Debt(named, parent.mark) for parent in listed}
        for debt in gone:
            self._ledger.give_up(debt)
        last = (list(LISTS).index(kind), LAST, LAST)
        self._behind.extend((last, debt) for debt in gone | whole | strange)
        begin = -1 if strange else min((int(debt.gid) for debt in whole), default=LAST)
        return [each for each in listed if each.order > begin or Debt(named, each.mark) in single]


def order_of(kind: str, scope: Scope) -> str:
    """Return the kind of a debt of users or tags, with the name of the order that users are read in."""
    return ":".join(filter(None, (kind, scope.crawl.ranking.name if kind.startswith("user") else "")))


def debt_of(ask: Ask, scope: Scope) -> Debt | None:
    """Return what is owed where an ask for tasks, or for what hangs from them, is refused; None where nothing is.

    The tasks of a project are not: it counts as never seen (`state.Seen`), and is read whole when it opens.
    """
    if ask.part in PATHS:
        return Debt(ask.part, ask.keys["task_gid"])
    if ask.path.strip("/") in WHOLE_LISTS:
        return Debt(order_of(ask.path.strip("/"), scope), "0")
    if ask.path == SINGLE.format(task_gid=ask.keys.get("task_gid")):
        return Debt(TASK, ask.keys["task_gid"])
    if ask.path.endswith("/subtasks"):
        return Debt(SUBTASKS, ask.keys["gid"])
    if "assignee" in ask.params:
        return Debt(order_of("user", scope), ask.keys["mark"])
    return Debt("tag", ask.keys["mark"]) if ask.path.startswith("/tags/") else None
