"""What earlier runs could not read of a workspace's tasks, asked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from typing_extensions import override

from tap_asana.api.request import Request
from tap_asana.fetch.scheduler import END_OF_PARENT, Key, WorkItem
from tap_asana.parents.kinds import Parent, ProgressByKind
from tap_asana.state.debts import PARENTS_OF_LIST, Debt, Ledger
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.events import CHILD_PATHS
from tap_asana.tasks.list_scope import FOUND, LIST_FIELDS, TASK_LISTS, WHOLE, ListScope
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.traversal import TraversalContext, end_marker

TASK, SUBTASKS = "task", "subtasks"

SINGLE = "/tasks/{task_gid}"

PLACES = (*TASK_LISTS, TASK, SUBTASKS, *CHILD_PATHS)
"""The kinds of debts in the order that they are asked; the place of each is the first number of its keys."""


class DebtSource(ListSource):
    """The lane of debts: each list is read whole, bounded by the start date alone, with all that lies below it."""

    relists_at_once = True  # before the debt is paid

    def __init__(self, scope: TraversalContext, ledger: Ledger, start_date: str | None = None) -> None:
        """Prepare to ask for what the ledger held when the read began."""
        visible = [project.gid for project in scope.directory.parents("project", scope.workspace)]
        # Nothing is left to lists of projects: they are not read here.
        ownership = TaskOwnership(visible, visible, scope.window.until)
        super().__init__("owed", scope, ListScope(), start_date, ownership=ownership)
        self.parents_read: set[str] = set()
        self._ledger = ledger
        self._behind: list[tuple[Key, Debt]] = []

    @override
    def progress(self, done: Key | None) -> ProgressByKind:
        """Return nothing: these are no parents of one kind."""
        return {}

    @override
    def work_items(self) -> Iterator[WorkItem]:
        """Yield a unit for each debt, with the end of what lies below it."""
        for place, kind in enumerate(PLACES):
            for debt, asks in sorted(self._owed(kind), key=lambda each: int(each[0].gid)):
                key = (place, int(debt.gid))
                end = end_marker(key)
                self._behind.append((end.key, debt))
                # What else asks for the tasks of a user or tag counts a refusal too.
                yield WorkItem(key, [replace(ask, is_debt=True, is_probe=kind in TASK_LISTS) for ask in asks])
                yield end

    def resolved(self, done: Key | None) -> list[Debt]:
        """Return the debts whose lists, and all below them, were read up to a key; each once. None is the end."""
        settled = [debt for key, debt in self._behind if done is None or key <= done]
        self._behind = [(key, debt) for key, debt in self._behind if done is not None and key > done]
        return settled

    def _owed(self, kind: str) -> Iterator[tuple[Debt, Iterable[Request]]]:
        """Yield the debts of a kind, with what is asked for each."""
        if kind in TASK_LISTS:
            named = order_of(kind, self._scope)
            for parent in self._parents_owed(kind, named):
                self.parents_read.add(parent.state_key)
                yield Debt(named, parent.state_key), self._first_asks(kind, parent)
            return
        for debt in (debt for debt in self._ledger.due if debt.kind == kind):
            if kind == SUBTASKS:
                yield debt, [self._below(int(debt.gid), WHOLE, "")]
            elif kind == TASK:
                yield debt, [self._scope.task_request(FOUND, SINGLE, LIST_FIELDS, task_gid=debt.gid, mark="")]
            else:
                yield (
                    debt,
                    [self._scope.request(kind, kind, CHILD_PATHS[kind], self._scope.fields[kind], task_gid=debt.gid)],
                )

    def _parents_owed(self, kind: str, named: str) -> list[Parent]:
        """Return the users or tags whose tasks are owed; what is not listed any more is gone.

        Where a debt was named in another order of the users, nobody knows whose it is: the tasks of all are read.
        """
        single = {debt for debt in self._ledger.due if debt.base_kind == kind}
        whole = {debt for debt in self._ledger.due if PARENTS_OF_LIST.get(debt.base_kind) == kind}
        strange = {debt for debt in single | whole if debt.kind.partition(":")[2] != named.partition(":")[2]}
        if not single | whole:
            return []
        directory, workspace = self._scope.directory, self._scope.workspace
        listed = directory.parents(kind, workspace)
        if directory.unavailable_reason(kind, workspace) is not None:
            return [] if whole or strange else [each for each in listed if Debt(named, each.state_key) in single]
        gone = single - strange - {Debt(named, parent.state_key) for parent in listed}
        for debt in gone:
            self._ledger.on_parent_gone(debt)
        last = (list(TASK_LISTS).index(kind), END_OF_PARENT, END_OF_PARENT)
        self._behind.extend((last, debt) for debt in gone | whole | strange)
        begin = -1 if strange else min((int(debt.gid) for debt in whole), default=END_OF_PARENT)
        return [each for each in listed if each.sort_key > begin or Debt(named, each.state_key) in single]


def order_of(kind: str, scope: TraversalContext) -> str:
    """Return the kind of a debt of users or tags, with the name of the order that users are read in."""
    return ":".join(filter(None, (kind, scope.directory.person_order.name if kind.startswith("user") else "")))


def debt_of(ask: Request, scope: TraversalContext) -> Debt | None:
    """Return what is owed where an ask for tasks, or for what hangs from them, is refused; None where nothing is.

    The tasks of a project are not: it counts as never seen (`state.Seen`), and is read whole when it opens.
    """
    if ask.label in CHILD_PATHS:
        return Debt(ask.label, ask.parent_keys["task_gid"])
    if ask.path.strip("/") in PARENTS_OF_LIST:
        return Debt(order_of(ask.path.strip("/"), scope), "0")
    if ask.path == SINGLE.format(task_gid=ask.parent_keys.get("task_gid")):
        return Debt(TASK, ask.parent_keys["task_gid"])
    if ask.path.endswith("/subtasks"):
        return Debt(SUBTASKS, ask.parent_keys["gid"])
    if "assignee" in ask.params:
        return Debt(order_of("user", scope), ask.parent_keys["mark"])
    return Debt("tag", ask.parent_keys["mark"]) if ask.path.startswith("/tags/") else None
