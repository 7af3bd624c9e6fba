"""The read of tasks that came from a hidden project: nothing below them was read before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.debts import Debt, Ledger
from tap_asana.sync.facts import Commit, Event
from tap_asana.sync.task_tree_read import TaskTreeRead
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import CHILD_PATHS, TASKS, Batch
from tap_asana.tasks.owed import TASK, DebtSource
from tap_asana.tasks.traversal import TaskTraversal


class LateTasks(TaskTreeRead):
    """One read of single tasks with everything below them, as if they were debts; what fails is one from then on."""

    def whole(self, workspace: Workspace, tasks: Sequence[Record]) -> Iterator[Event]:
        """Yield tasks with everything below them, but request only what is below them.

        Of tasks that this run has written, only subtasks are requested.
        """
        moved, due = self._session.changes.moved, [Debt(TASK, task["gid"]) for task in tasks]
        ledger, context = self._debtors(workspace, due)
        if inventory := self._session.inventories.of(workspace):
            know = inventory.know_late
            context = replace(context, on_listed=lambda listed: know(task["gid"] for task in listed))
        source = DebtSource(context, ledger, context.window.since)
        for task in tasks:
            self._run.fetcher.put(Page(source.task_request(task["gid"]), [task]))
            subtasks = source.subtasks_request(task["gid"])
            if page := moved.pop_subtasks(task["gid"], subtasks.params):
                self._run.fetcher.put(replace(page, request=subtasks))
        found = {frozenset({TASKS, *CHILD_PATHS}): moved.read_gids}
        events = TaskTraversal(context, [source], found).events()
        yield from (event for event in self._session.inventories.late(events, workspace) if isinstance(event, Batch))
        yield Commit(partial(ledger.settle, due))

    def task_request(self, workspace: Workspace, gid: str) -> Request:
        """Return the request whose answer `whole` needs of a task."""
        ledger, context = self._debtors(workspace, ())
        return DebtSource(context, ledger).task_request(gid)

    def _debtors(self, workspace: Workspace, due: Sequence[Debt]) -> tuple[Ledger, TraversalContext]:
        """Return the ledger and the context of a read of tasks as if they were debts of all streams."""
        owed = {name: self._cursor(stream).debts(workspace) for name, stream in self._streams.items()}
        ledger = Ledger(owed, self._run.start, due)
        start_date = self._cursor(next(iter(self._streams.values()))).start_date
        return ledger, self._context(workspace, SyncWindow(start_date, self._run.start), self._streams, ledger)
