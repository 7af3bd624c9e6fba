"""Tasks and what hangs from them: several streams that one walk of the tasks serves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from singer_sdk.helpers.types import Context
from typing_extensions import override

from tap_asana.api.protocol import Record, Unavailable
from tap_asana.api.request import Request
from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.debts import Ledger
from tap_asana.state.instants import parse_instant
from tap_asana.state.visible_parents import VisibleParents
from tap_asana.sync.incremental import IncrementalStream
from tap_asana.tasks.events import TASKS, Checkpoint
from tap_asana.tasks.owed import DebtSource, debt_of
from tap_asana.tasks.strategy import PriorSync, drop_search_positions, narrowest
from tap_asana.tasks.traversal import TaskTraversal, TraversalContext

INCOMPLETE = ("project",)
"""The kinds whose lists show what is new whatever the method: a list that lacks some of them is owed."""

BY_LISTS = ("user", "tag")
"""The kinds whose own lists bring tasks only where tasks are read by lists."""


class Payment(NamedTuple):
    """Which users and tags were just read whole because their lists were owed, as marks, and for which streams."""

    streams: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()


class TaskTreeStream(IncrementalStream):
    """A stream that is read while the tasks are walked; the first of them to be synced reads for all."""

    _already_read = False

    @override
    @classmethod
    def list_paths(cls) -> Mapping[str, str]:
        """Return the lists beside the walk of the tasks: those of what hangs from other parents."""
        return dict.fromkeys(cls.paths, "")

    @property
    @override
    def can_prefetch(self) -> bool:
        """Tell whether its lists, which come before the walk, are still to be read."""
        return self._part not in self.completed_streams

    @property
    def _part(self) -> str:
        return f"{self.name}:lists"

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Write what the family finds in other lists, and then walk the tasks for all of it.

        The walk comes last, because it is long, and a run that takes it up does not read again what came before.
        """
        if not self._already_read:
            members = [stream for stream in self.selected_streams() if isinstance(stream, TaskTreeStream)]
            for member in members:
                member.join()
            for member in members:
                member.read_lists(context)
            self._read_tasks(members)
        return ()

    def read_lists(self, context: Context | None) -> None:
        """Write what hangs from other parents than tasks, unless the run that is taken up did."""
        if self._part in self.completed_streams:
            self._taken_up = True
        elif type(self).list_paths():
            self.write_all(super().get_records(context))
            self.mark_finished(self._part)
            self.write_state_when_due()

    def _read_tasks(self, members: Sequence[TaskTreeStream]) -> None:
        """Read each workspace for all members, together where they are at the same place (law 2)."""
        for place, workspace in enumerate(self.run.directory.workspaces):
            paid = Payment() if self.is_dry_run else self._pay(workspace, members)
            groups: dict[SyncWindow, dict[str, TaskTreeStream]] = {}
            for member in members:
                groups.setdefault(member.window(workspace), {})[member.name] = member
            for window, group in groups.items():
                self._read(workspace, window, group, self._words(place, group), paid)

    @property
    @override
    def is_whole(self) -> bool:
        """Tell whether the walk of the tasks has skipped nothing either: what hangs from a task comes with it."""
        return super().is_whole and not self.run.client.metrics[TASKS].skipped_by_status

    def _pay(self, workspace: Workspace, members: Iterable[TaskTreeStream]) -> Payment:
        """Read what earlier runs could not read, and drop each debt behind its records."""
        run, debtors = self.run, {member.name: member for member in members if len(member.debts(workspace))}
        if not debtors:
            return Payment()
        ledger = Ledger({name: each.debts(workspace) for name, each in debtors.items()}, run.start)
        fields = {name: each.opt_fields() for name, each in debtors.items()}
        scope = self._scope(workspace, SyncWindow(self.start_date, run.start), fields, ledger)
        owed = DebtSource(scope, ledger, self.start_date)
        for event in TaskTraversal(scope, [owed], set()).events():
            if isinstance(event, Checkpoint):
                ledger.settle(owed.resolved(event.positions.get(owed.name, ())))
                self.write_state_when_due()
            else:
                debtors[event.stream].write_all({**event.parent_keys, **record} for record in event.records)
        ledger.settle(owed.resolved(None))
        self.owe_lists(workspace, ledger, INCOMPLETE)
        self.report_payment(workspace, ledger)
        return Payment(frozenset(debtors), frozenset(owed.parents_read))

    @override
    def noted(self, kind: str, workspace: Workspace, seen: VisibleParents) -> set[str]:
        """Return the parents that count as seen; of users and tags also those whose whole list is refused and owed.

        Those that are listed when nothing was kept are not new: searches and exports, which keep nothing of them, have
        reached their tasks.
        """
        visible = super().noted(kind, workspace, seen)
        if kind not in BY_LISTS:
            return visible
        seen.initialize(visible)
        refusal = self.run.directory.unavailable_reason(kind, workspace)
        owed = refusal is not None and refusal.unavailable is not None and not refusal.is_not_in_plan
        return visible | seen.at(self.run.number) if owed else visible

    def _new_by_lists(
        self, workspace: Workspace, members: Mapping[str, TaskTreeStream], paid: Payment
    ) -> frozenset[str]:
        """Return the marks of the users and tags that the last read has not seen, and no debt has just brought."""
        marks = [member.run_mark(workspace) for member in members.values()]
        new = frozenset(mark for kind in BY_LISTS for mark in self.new_parents(kind, workspace, marks))
        return new - paid.parents if paid.streams.issuperset(members) else new

    def _scope(
        self, workspace: Workspace, window: SyncWindow, fields: Mapping[str, Sequence[str]], ledger: Ledger
    ) -> TraversalContext:
        """Return what is walked, with what it is refused kept in a ledger."""
        run = self.run

        def refuse(ask: Request, refused: Unavailable) -> None:
            debt = debt_of(ask, scope)
            if debt is not None:
                ledger.on_unavailable(debt, refused.status)

        scope = TraversalContext(run.client, run.fetcher, run.limits, run.directory, workspace, window, fields, refuse)
        return scope

    def join(self) -> None:
        """Note that this stream is being read, and announce it."""
        self._already_read = True
        self.write_schema_once()

    def _words(self, place: int, group: Mapping[str, TaskTreeStream]) -> str:
        """Return what progress calls the read of a group in a workspace."""
        streams, workspaces = "tasks" if "tasks" in group else ", ".join(group), len(self.run.directory.workspaces)
        return streams if workspaces == 1 else f"{streams} of workspace {place + 1} of {workspaces}"

    def _read(
        self, workspace: Workspace, window: SyncWindow, members: Mapping[str, TaskTreeStream], words: str, paid: Payment
    ) -> None:
        """Read one sweep to its end, keeping its places on the way."""
        run, bookmarks = self.run, [member.bookmark(workspace) for member in members.values()]
        run.progress.update(words)
        fields = {name: each.opt_fields() for name, each in members.items()}
        ledger = Ledger({name: each.debts(workspace) for name, each in members.items()}, window.until)
        if not self.is_dry_run:
            self.owe_lists(workspace, ledger, INCOMPLETE)
        scope = self._scope(workspace, window, fields, ledger)
        marks = [member.mark(workspace) for member in members.values()]
        covered = all(bookmark.has_read_since(window.begin) for bookmark in bookmarks)
        past = PriorSync(
            min((mark for mark in marks if mark), key=parse_instant) if covered and all(marks) else None,
            self.new_parents("project", workspace, [member.run_mark(workspace) for member in members.values()]),
            self.start_date,
            narrowest(bookmark.method for bookmark in bookmarks),
            set(window.unavailable),
            lambda: self._new_by_lists(workspace, members, paid),
        )
        projects = {project.gid for project in run.directory.parents("project", workspace)}
        for event in self.limit_for_dry_run(run.strategy.events(scope, past)):
            if _ownership_changed(scope.window, past.unavailable & projects):
                break
            if isinstance(event, Checkpoint):
                refused = {*window.unavailable, *event.unavailable} & projects
                window = replace(window.advanced(event.positions), unavailable=tuple(sorted(refused)))
                for bookmark in bookmarks:
                    bookmark.advance(window)
                run.progress.update(words, event.progress)
                self.write_state_when_due(dear=event.force)
            else:
                members[event.stream].write_all({**event.parent_keys, **record} for record in event.records)
        if _ownership_changed(scope.window, past.unavailable & projects):
            anew = replace(drop_search_positions(window), unavailable=tuple(sorted(past.unavailable)))
            self._read(workspace, anew, members, words, paid)
            return
        self.visible_parents("project", workspace).remove(past.unavailable)
        unread = [f"project {gid}" for gid in sorted(past.unavailable & projects, key=int)]
        for name, member in members.items():
            member.bookmark(workspace).method = run.strategy.reach(workspace)
            member.close_read(workspace, window, ledger.debts[name], unread)


def _ownership_changed(taken_up: SyncWindow, refused: Collection[str]) -> bool:
    """Tell whether a read that is taken up has left tasks to projects that are refused only now."""
    return taken_up != drop_search_positions(taken_up) and not set(refused).issubset(taken_up.unavailable)
