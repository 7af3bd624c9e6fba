"""Tasks and what hangs from them: several streams that one walk of the tasks serves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from singer_sdk.helpers.types import Context
from typing_extensions import override

from tap_asana.api.protocol import Record, Refused
from tap_asana.api.request import Ask
from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import Sweep, parse_instant
from tap_asana.state.debts import Ledger
from tap_asana.state.visible_parents import Seen
from tap_asana.sync.incremental import IncrementalStream
from tap_asana.tasks.events import TASKS, Checkpoint
from tap_asana.tasks.owed import Owed, debt_of
from tap_asana.tasks.strategy import Past, narrowest, unsettled
from tap_asana.tasks.traversal import Scope, Walk

BY_LISTS = ("user", "tag")
"""The kinds whose own lists bring tasks only where tasks are read by lists."""


class Payment(NamedTuple):
    """Which users and tags were just read whole because their lists were owed, as marks, and for which streams."""

    streams: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()


class FamilyStream(IncrementalStream):
    """A stream that is read while the tasks are walked; the first of them to be synced reads for all."""

    _walked = False

    @override
    @classmethod
    def sources(cls) -> Mapping[str, str]:
        """Return the lists beside the walk of the tasks: those of what hangs from other parents."""
        return dict.fromkeys(cls.paths, "")

    @property
    @override
    def looks_ahead(self) -> bool:
        """Tell whether its lists, which come before the walk, are still to be read."""
        return self._part not in self.unfinished

    @property
    def _part(self) -> str:
        return f"{self.name}:lists"

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Write what the family finds in other lists, and then walk the tasks for all of it.

        The walk comes last, because it is long, and a run that takes it up does not read again what came before.
        """
        if not self._walked:
            members = [stream for stream in self.companions() if isinstance(stream, FamilyStream)]
            for member in members:
                member.join()
            for member in members:
                member.read_lists(context)
            self._walk(members)
        return ()

    def read_lists(self, context: Context | None) -> None:
        """Write what hangs from other parents than tasks, unless the run that is taken up did."""
        if self._part in self.unfinished:
            self._taken_up = True
        elif type(self).sources():
            self.write_all(super().get_records(context))
            self.finish(self._part)
            self.write_state_when_due()

    def _walk(self, members: Sequence[FamilyStream]) -> None:
        """Read each workspace for all members, together where they are at the same place (law 2)."""
        for place, workspace in enumerate(self.run.crawl.workspaces):
            paid = Payment() if self.is_tested else self._pay(workspace, members)
            groups: dict[Sweep, dict[str, FamilyStream]] = {}
            for member in members:
                groups.setdefault(member.sweep(workspace), {})[member.name] = member
            for sweep, group in groups.items():
                self._read(workspace, sweep, group, self._words(place, group), paid)

    @property
    @override
    def is_whole(self) -> bool:
        """Tell whether the walk of the tasks has skipped nothing either: what hangs from a task comes with it."""
        return super().is_whole and not self.run.client.tallies[TASKS].skipped

    def _pay(self, workspace: Workspace, members: Iterable[FamilyStream]) -> Payment:
        """Read what earlier runs could not read, and drop each debt behind its records."""
        run, debtors = self.run, {member.name: member for member in members if len(member.debts(workspace))}
        if not debtors:
            return Payment()
        ledger = Ledger({name: each.debts(workspace) for name, each in debtors.items()}, run.start)
        fields = {name: each.fields() for name, each in debtors.items()}
        scope = self._scope(workspace, Sweep(self.start_date, run.start), fields, ledger)
        owed = Owed(scope, ledger, self.start_date)
        for event in Walk(scope, [owed], set()).events():
            if isinstance(event, Checkpoint):
                ledger.settle(owed.settled(event.places.get(owed.name, ())))
                self.write_state_when_due()
            else:
                debtors[event.stream].write_all({**event.keys, **record} for record in event.records)
        ledger.settle(owed.settled(None))
        self.report_payment(workspace, ledger)
        return Payment(frozenset(debtors), frozenset(owed.parents_read))

    @override
    def noted(self, kind: str, workspace: Workspace, seen: Seen) -> set[str]:
        """Return the parents that count as seen; of users and tags also those whose whole list is refused and owed.

        Those that are listed when nothing was kept are not new: searches and exports, which keep nothing of them, have
        reached their tasks.
        """
        visible = super().noted(kind, workspace, seen)
        if kind not in BY_LISTS:
            return visible
        seen.begin_with(visible)
        refusal = self.run.crawl.refusal(kind, workspace)
        owed = refusal is not None and refusal.refused is not None and not refusal.is_not_in_plan
        return visible | seen.known(self.run.number) if owed else visible

    def _new_by_lists(self, workspace: Workspace, members: Mapping[str, FamilyStream], paid: Payment) -> frozenset[str]:
        """Return the marks of the users and tags that the last read has not seen, and no debt has just brought."""
        marks = [member.run_mark(workspace) for member in members.values()]
        new = frozenset(mark for kind in BY_LISTS for mark in self.new(kind, workspace, marks))
        return new - paid.parents if paid.streams.issuperset(members) else new

    def _scope(self, workspace: Workspace, sweep: Sweep, fields: Mapping[str, Sequence[str]], ledger: Ledger) -> Scope:
        """Return what is walked, with what it is refused kept in a ledger."""
        run = self.run

        def refuse(ask: Ask, refused: Refused) -> None:
            debt = debt_of(ask, scope)
            if debt is not None:
                ledger.refuse(debt, refused.status)

        scope = Scope(run.client, run.ahead, run.crawl, workspace, sweep, fields, refuse)
        return scope

    def join(self) -> None:
        """Note that this stream is being read, and announce it."""
        self._walked = True
        self.announce()

    def _words(self, place: int, group: Mapping[str, FamilyStream]) -> str:
        """Return what progress calls the read of a group in a workspace."""
        streams, workspaces = "tasks" if "tasks" in group else ", ".join(group), len(self.run.crawl.workspaces)
        return streams if workspaces == 1 else f"{streams} of workspace {place + 1} of {workspaces}"

    def _read(
        self, workspace: Workspace, sweep: Sweep, members: Mapping[str, FamilyStream], words: str, paid: Payment
    ) -> None:
        """Read one sweep to its end, keeping its places on the way."""
        run, bookmarks = self.run, [member.bookmark(workspace) for member in members.values()]
        run.progress.reading(words)
        fields = {name: each.fields() for name, each in members.items()}
        ledger = Ledger({name: each.debts(workspace) for name, each in members.items()}, sweep.until)
        scope = self._scope(workspace, sweep, fields, ledger)
        marks = [member.mark(workspace) for member in members.values()]
        covered = all(bookmark.covers(sweep.begin) for bookmark in bookmarks)
        past = Past(
            min((mark for mark in marks if mark), key=parse_instant) if covered and all(marks) else None,
            self.new("project", workspace, [member.run_mark(workspace) for member in members.values()]),
            self.start_date,
            narrowest(bookmark.reach for bookmark in bookmarks),
            set(sweep.refused),
            lambda: self._new_by_lists(workspace, members, paid),
        )
        projects = {project.gid for project in run.crawl.parents("project", workspace)}
        for event in self.some(run.choice.events(scope, past)):
            if _is_torn(scope.sweep, past.refused & projects):
                break
            if isinstance(event, Checkpoint):
                refused = {*sweep.refused, *event.refused} & projects
                sweep = replace(sweep.moved(event.places), refused=tuple(sorted(refused)))
                for bookmark in bookmarks:
                    bookmark.advance(sweep)
                run.progress.reading(words, event.share)
                self.write_state_when_due(dear=event.dear)
            else:
                members[event.stream].write_all({**event.keys, **record} for record in event.records)
        if _is_torn(scope.sweep, past.refused & projects):
            anew = replace(unsettled(sweep), refused=tuple(sorted(past.refused)))
            self._read(workspace, anew, members, words, paid)
            return
        self.seen("project", workspace).forget(past.refused)
        unread = [f"project {gid}" for gid in sorted(past.refused & projects, key=int)]
        for name, member in members.items():
            member.bookmark(workspace).reach = run.choice.reach(workspace)
            member.close_read(workspace, sweep, ledger.debts[name], unread)


def _is_torn(taken_up: Sweep, refused: Collection[str]) -> bool:
    """Tell whether a read that is taken up has left tasks to projects that are refused only now."""
    return taken_up != unsettled(taken_up) and not set(refused).issubset(taken_up.refused)
