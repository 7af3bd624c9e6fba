"""Debts of a workspace's tasks: the lists that earlier runs could not read, requested again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from typing_extensions import override

from tap_asana.api.request import Request
from tap_asana.fetch.lane import END_OF_PARENT, Key, WorkItem
from tap_asana.parents.kinds import Parent, ProgressByKind
from tap_asana.state.debts import GONE_STATUSES, PARENTS_OF_LIST, Debt, Ledger
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.context import TraversalContext, end_marker
from tap_asana.tasks.events import CHILD_PATHS, TASKS
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.task_lists import FILTERED, LIST_FIELDS, TASK_LISTS, ListScope

TASK, SUBTASKS = "task", "subtasks"

TASK_PATH = "/tasks/{task_gid}"

DEBT_KINDS = (*TASK_LISTS, TASK, SUBTASKS, *CHILD_PATHS)
"""The kinds of debts in reading order; their index is the first number of their keys."""

NOTHING_READ: Mapping[str, Collection[int]] = {}


class Payment(NamedTuple):
    """The users and tags (by state key) whose owed lists have just been read, and the streams that owed them.

    `read` are the tasks whose record, or whose list of a stream, has been read, by stream.
    """

    streams: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()
    read: Mapping[str, Collection[int]] = NOTHING_READ


class DebtSource(ListSource):
    """The lane of debts: each list is read whole, from `start_date` on, with everything below it."""

    relists_at_once = True  # before the debt is dropped

    def __init__(self, context: TraversalContext, ledger: Ledger, start_date: str | None = None) -> None:
        """Prepare to request the debts that the ledger holds now."""
        visible = [project.gid for project in context.directory.parents("project", context.workspace)]
        # Nothing is left to the lists of projects, because they are not read here.
        ownership = TaskOwnership(visible, visible, context.window.until)
        super().__init__("owed", context, ListScope(), start_date, ownership=ownership)
        self.parents_read: set[str] = set()
        self._ledger = ledger
        self._ends_of_debts: list[tuple[Key, Debt]] = []

    @override
    def progress(self, watermark: Key | None) -> ProgressByKind:
        """Return nothing, because the debts are of several kinds."""
        return {}

    @override
    def work_items(self) -> Iterator[WorkItem]:
        """Yield an item for each debt, and the end of its subtree."""
        for number, kind in enumerate(DEBT_KINDS):
            for debt, requests in sorted(self._requests(kind), key=lambda pair: int(pair[0].gid)):
                key = (number, int(debt.gid))
                end = end_marker(key)
                self._ends_of_debts.append((end.key, debt))
                # Refusals of users and tags are counted by the other request for their tasks.
                is_probe = kind in TASK_LISTS
                yield WorkItem(key, [replace(request, is_debt=True, is_probe=is_probe) for request in requests])
                yield end

    def resolved(self, watermark: Key | None) -> list[Debt]:
        """Return the debts whose lists are read up to a key, with everything below them; each once. None: all."""
        debts = [debt for end, debt in self._ends_of_debts if watermark is None or end <= watermark]
        unread = [(end, debt) for end, debt in self._ends_of_debts if watermark is not None and end > watermark]
        self._ends_of_debts = unread
        return debts

    def _requests(self, kind: str) -> Iterator[tuple[Debt, Iterable[Request]]]:
        """Yield the debts of a kind with their requests."""
        if kind in TASK_LISTS:
            kind_and_order = with_person_order(kind, self._context)
            for parent in self._parents_owed(kind, kind_and_order):
                self.parents_read.add(parent.state_key)
                yield Debt(kind_and_order, parent.state_key), [self._lists.first_request(kind, parent)]
            return
        for debt in (debt for debt in self._ledger.debts_due if debt.kind == kind):
            yield debt, [self._request(debt)]

    def _request(self, debt: Debt) -> Request:
        """Return the request for a task, for its subtasks, or for its children of one stream."""
        kind, gid, context = debt.kind, debt.gid, self._context
        if kind == SUBTASKS:
            return self.subtasks_request(gid)
        if kind == TASK:
            return self.task_request(gid)
        return context.request(kind, kind, CHILD_PATHS[kind], context.fields[kind], task_gid=gid)

    def task_request(self, gid: str) -> Request:
        """Return the request for a task."""
        return self._context.task_request(FILTERED, TASK_PATH, LIST_FIELDS, task_gid=gid, state_key="")

    def subtasks_request(self, gid: str) -> Request:
        """Return the request for all subtasks of a task."""
        return self._subtasks.request(int(gid), whole=True)

    def _parents_owed(self, kind: str, kind_and_order: str) -> list[Parent]:
        """Return the users or tags whose tasks are owed; debts of parents missing in the lists are dropped.

        A debt named in another order of people cannot be assigned to a user: the tasks of all users are read.
        """
        parent_debts = {debt for debt in self._ledger.debts_due if debt.base_kind == kind}
        list_debts = {debt for debt in self._ledger.debts_due if PARENTS_OF_LIST.get(debt.base_kind) == kind}
        order = kind_and_order.partition(":")[2]
        unassignable = {debt for debt in parent_debts | list_debts if debt.kind.partition(":")[2] != order}
        if not parent_debts | list_debts:
            return []
        directory, workspace = self._context.directory, self._context.workspace
        parents = directory.parents(kind, workspace)
        if directory.unavailable_reason(kind, workspace) is not None:
            are_known = not list_debts and not unassignable
            return [
                parent for parent in parents if are_known and Debt(kind_and_order, parent.state_key) in parent_debts
            ]
        lost_debts = parent_debts - unassignable - {Debt(kind_and_order, parent.state_key) for parent in parents}
        for debt in lost_debts:
            self._ledger.on_parent_gone(debt)
        end = (list(TASK_LISTS).index(kind), END_OF_PARENT, END_OF_PARENT)
        self._ends_of_debts.extend((end, debt) for debt in lost_debts | list_debts | unassignable)
        read_up_to = -1 if unassignable else min((int(debt.gid) for debt in list_debts), default=END_OF_PARENT)
        return [
            parent
            for parent in parents
            if parent.sort_key > read_up_to or Debt(kind_and_order, parent.state_key) in parent_debts
        ]


def with_person_order(kind: str, context: TraversalContext) -> str:
    """Return the kind of a debt; for users, with the name of the order in which people are read."""
    return ":".join(filter(None, (kind, context.directory.person_order.name if kind.startswith("user") else "")))


def has_task(debt: Debt, context: TraversalContext) -> bool:
    """Return whether the task of a debt may still exist, although Asana does not know its list; a task has no list."""
    if debt.kind == TASK:
        return False
    stream = debt.kind if debt.kind in CHILD_PATHS else TASKS
    request = context.request(stream, TASK, TASK_PATH, ["modified_at"], task_gid=debt.gid)
    refusal = context.client.fetch(replace(request, is_probe=True)).unavailable
    return refusal is None or refusal.status not in GONE_STATUSES


def debt_of(request: Request, context: TraversalContext) -> Debt | None:
    """Return the debt for a refused list of tasks or of their children; None if nothing is owed.

    The tasks of a project are not owed: the project counts as never seen (`state.VisibleParents`), and is read whole
    when it becomes visible.
    """
    if request.label in CHILD_PATHS:
        return Debt(request.label, request.parent_keys["task_gid"])
    if request.path.strip("/") in PARENTS_OF_LIST:
        return Debt(with_person_order(request.path.strip("/"), context), "0")
    if request.path == TASK_PATH.format(task_gid=request.parent_keys.get("task_gid")):
        return Debt(TASK, request.parent_keys["task_gid"])
    if request.path.endswith("/subtasks"):
        return Debt(SUBTASKS, request.parent_keys["gid"])
    if "assignee" in request.params:
        return Debt(with_person_order("user", context), request.parent_keys["state_key"])
    return Debt("tag", request.parent_keys["state_key"]) if request.path.startswith("/tags/") else None
