"""Streams that read only what is new, each from its own bookmark."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import ClassVar

from singer_sdk.helpers.types import Context
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from typing_extensions import override

from tap_asana.api.protocol import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.scheduler import END_OF_PARENT, FetchScheduler, WorkItem
from tap_asana.parents.kinds import Workspace, parent_kind
from tap_asana.state.bookmarks import Bookmark, SyncWindow, start_window
from tap_asana.state.debts import Debt, Debts, Ledger
from tap_asana.state.instants import format_instant
from tap_asana.state.shape import partition_of
from tap_asana.state.visible_parents import VisibleParents, next_run
from tap_asana.sync.shared_lists import SharedLists
from tap_asana.sync.stream import AsanaStream

LANE = "lists"

logger = logging.getLogger(__name__)


class IncrementalStream(AsanaStream):
    """A stream with a bookmark for each workspace (laws 1 and 2)."""

    replication_key: ClassVar[str]

    _taken_up = False
    """Whether an earlier run, which was cut off, has read a part."""

    @property
    @override
    def can_prefetch(self) -> bool:
        """Tell that what comes behind a long read is not fetched before it."""
        return False

    def bookmark(self, workspace: Workspace) -> Bookmark:
        """Return this stream's place in a workspace; one that lies in the future is taken as now, and told once."""
        run = self.run
        run.number = run.number or next_run(self.tap_state)
        bookmark = Bookmark(self.stream_state, workspace.gid, self.replication_key, correct_start=run.settled)
        run.warn_of_future(self.name, workspace.gid, bookmark.clamp_to_now(run.start, run.latest))
        return bookmark

    def debts(self, workspace: Workspace) -> Debts:
        """Return what this stream owes in a workspace."""
        return Debts(partition_of(self.stream_state, workspace.gid), self.run.limits.max_debts)

    def window(self, workspace: Workspace) -> SyncWindow:
        """Return the read that was cut off, or a new one; of everything where more is owed than state has room for."""
        run, settings, bookmark = self.run, self.run.settings, self.bookmark(workspace)
        demanded = bookmark.window() is None and self.debts(workspace).demand_full_read(run.start)
        everything = self.reads_everything or demanded
        anew = SyncWindow(None, run.start, run=run.number)
        window = start_window(bookmark, anew, settings.start_date, settings.lookback_seconds, everything=everything)
        self._taken_up = self._taken_up or window.run != run.number
        return window

    @property
    def reads_everything(self) -> bool:
        """Tell whether the catalog asks for all of this stream in every run, whatever its bookmark (FULL_TABLE)."""
        return self.replication_method == REPLICATION_FULL_TABLE

    def mark(self, workspace: Workspace) -> str | None:
        """Return the start of the last complete read, where only what came later is read now."""
        return None if self.reads_everything else self.bookmark(workspace).value

    def run_mark(self, workspace: Workspace) -> int | None:
        """Return the run that began that read: what it has seen is not new."""
        return None if self.reads_everything else self.bookmark(workspace).run

    @property
    @override
    def is_whole(self) -> bool:
        """Tell whether this run has read all, from nothing: no part by a run that was cut off, and past no filter."""
        return super().is_whole and not self._taken_up and self.start_date is None

    def close_read(self, workspace: Workspace, window: SyncWindow, debts: Debts, unread: Iterable[str] = ()) -> None:
        """End a complete read; what it could not read is owed, and `unread` names what state keeps in another way."""
        if window.since == self.start_date:
            debts.close_full_read(window.until)
        if debts.have_overflowed:
            logger.warning(
                "%s: more than %d lists were refused in workspace %s, and only so many are remembered; everything "
                "there is read again when one of them opens, and once a day until then",
                *(self.name, self.run.limits.max_debts, workspace.gid),
            )
        self.run.client.metrics.record_owed_lists(self.name, [*map(str, debts), *unread])
        self.bookmark(workspace).close(window)

    def owe_lists(self, workspace: Workspace, ledger: Ledger, kinds: Iterable[str]) -> None:
        """Owe each list of parents that was refused or lacks its rest, and pay those that are whole.

        Nothing else hangs from that debt: what the list lacks is new when it comes, and is read whole.
        """
        directory = self.run.directory
        for kind in kinds:
            directory.parents(kind, workspace)
            debt, refusal = Debt(f"{kind}s", "0"), directory.unavailable_reason(kind, workspace)
            if refusal is not None and refusal.unavailable is not None and not refusal.is_not_in_plan:
                ledger.on_unavailable(debt, refusal.unavailable.status)
            else:
                ledger.settle([debt])

    def report_payment(self, workspace: Workspace, ledger: Ledger) -> None:
        """Tell for each stream what came of asking again for what was owed."""
        for name, debts in ledger.debts.items():
            counts = (ledger.recovered[name], ledger.gone[name], len(debts))
            self.run.client.metrics.record_recovered_lists(name, ledger.recovered[name])
            logger.info(
                "%s: of the lists that earlier runs could not read in workspace %s, "
                "%d were read now, %d are gone, %d are still owed",
                *(name, workspace.gid, *counts),
            )

    @property
    def start_date(self) -> str | None:
        """Return the setting start_date as Asana writes instants."""
        start = self.run.settings.start_date
        return format_instant(start) if start else None

    def visible_parents(self, kind: str, workspace: Workspace) -> VisibleParents:
        """Return since which run parents of a kind have been visible, with those of this run noted once."""
        seen = VisibleParents(self._tap.streams[f"{kind}s"].stream_state, workspace.gid)
        if (kind, workspace.gid) not in self.run.parents_updated:
            self.run.parents_updated.add((kind, workspace.gid))
            kept = self.tap_state.get("bookmarks", {})
            streams = (stream for name, stream in self._tap.streams.items() if name in kept)
            marks = (
                each.bookmark(workspace).possible_values for each in streams if isinstance(each, IncrementalStream)
            )
            seen.update(self.noted(kind, workspace, seen), self.run.number, chain.from_iterable(marks))
        return seen

    def new_parents(self, kind: str, workspace: Workspace, marks: Iterable[int | None]) -> set[str]:
        """Return the parents of a kind that a read which one of these runs began has not seen."""
        seen = self.visible_parents(kind, workspace)
        known = [seen.at(mark) for mark in marks]
        return {parent.state_key for parent in self.run.directory.parents(kind, workspace)} - set[str].intersection(
            *known
        )

    def noted(self, kind: str, workspace: Workspace, _: VisibleParents) -> set[str]:
        """Return the marks of the parents of a kind that count as seen from this run on."""
        return {parent.state_key for parent in self.run.directory.parents(kind, workspace)}


class CreatedSinceStream(IncrementalStream):
    """A collection that Asana filters by time of creation, under every parent; `since` names the parameter."""

    since_param: ClassVar[str]

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield what was created since the bookmark, workspace by workspace."""
        workspaces = self.run.directory.workspaces
        units = self.limit_for_dry_run(unit for each in workspaces for unit in self._units(each, self.window(each)))
        self.run.fetcher.prefetch(ask for unit in units for ask in unit.requests)
        for workspace in workspaces:
            yield from self._read_in(workspace)

    def _read_in(self, workspace: Workspace) -> Iterator[Record]:
        if not self.is_dry_run:
            yield from self._pay(workspace)
        window, debts = self.window(workspace), self.debts(workspace)
        ledger = Ledger({self.name: debts}, window.until)
        reading = self._reading(self._units(workspace, window))
        for page in reading:
            if reading.watermark is not None and reading.watermark != window.position(LANE):
                window = window.advanced({LANE: reading.watermark})
                self.bookmark(workspace).advance(window)
                self.write_state_when_due()
            yield from self._take(page, ledger)
        for kind in map(parent_kind, self.list_paths()):
            if refusal := self.run.directory.unavailable_reason(kind, workspace):
                self.run.client.metrics.record_missing_parent(self.name, refusal)
        self.owe_lists(workspace, ledger, map(parent_kind, self.list_paths()))
        self.close_read(workspace, window, debts)

    def _pay(self, workspace: Workspace) -> Iterator[Record]:
        """Yield what earlier runs could not read, and drop each debt behind its records."""
        ledger = Ledger({self.name: self.debts(workspace)}, self.run.start)
        if not ledger.due:
            return
        asks = self._owed(workspace, ledger)
        reading = self._reading(WorkItem((place,), [ask]) for place, (_, ask) in enumerate(asks))
        paid = 0
        for page in reading:
            done = reading.watermark[0] + 1 if reading.watermark else 0
            ledger.settle(debt for debt, _ in asks[paid:done])
            if done > paid:
                self.write_state_when_due()
            paid = done
            yield from self._take(page, ledger)
        self.owe_lists(workspace, ledger, map(parent_kind, self.list_paths()))
        ledger.settle(ledger.due)
        self.report_payment(workspace, ledger)

    def _owed(self, workspace: Workspace, ledger: Ledger) -> list[tuple[Debt, Request]]:
        """Return the debts with what is asked for each; what hangs from a parent that is not listed any more is gone.

        Where the list of parents is refused, it is not known which of them are gone: all are asked.
        """
        directory, asks = self.run.directory, []
        for path in self.list_paths():
            kind = parent_kind(path)
            listed = {parent.gid for parent in directory.parents(kind, workspace)}
            for debt in sorted(debt for debt in ledger.due if debt.kind == kind):
                if debt.gid in listed or directory.unavailable_reason(kind, workspace):
                    ask = self._ask(workspace, path, debt.gid, self.start_date)
                    asks.append((debt, replace(ask, is_debt=True, is_probe=True)))
                else:
                    ledger.on_parent_gone(debt)
        return asks

    def _reading(self, units: Iterable[WorkItem]) -> FetchScheduler:
        return self.run.fetcher.read(
            units, on_idle=lambda: SharedLists(self.run, self.selected_streams()).prefetch_following(self)
        )

    def _take(self, page: Page, ledger: Ledger) -> Iterator[Record]:
        """Yield the records of a page; where it is refused, it is owed."""
        refused, kind = self.run.directory.skip_truncated(page).unavailable, parent_kind(page.request.label)
        if refused is not None:
            ledger.on_unavailable(Debt(kind, page.request.parent_keys[f"{kind}_gid"]), refused.status)
        yield from self.deduplicate({**page.request.parent_keys, **record} for record in page.records)

    def _units(self, workspace: Workspace, window: SyncWindow) -> Iterator[WorkItem]:
        done, directory = window.position(LANE), self.run.directory
        for place, path in enumerate(self.list_paths()):
            kind = parent_kind(path)
            need, new = self.requires_field.get(kind), self.new_parents(kind, workspace, [self.run_mark(workspace)])
            for parent in directory.parents(kind, workspace):
                key = (place, parent.sort_key, END_OF_PARENT)
                if (need is None or parent.attributes.get(need)) and (done is None or done < key):
                    since = self.start_date if parent.state_key in new else window.since
                    yield WorkItem(key, [self._ask(workspace, path, parent.gid, since)])

    def _ask(self, workspace: Workspace, path: str, gid: str, since: str | None) -> Request:
        keys = {f"{parent_kind(path)}_gid": gid}
        ask = self.run.directory.build_request(self.name, path, keys, self.opt_fields(), workspace)
        return ask.with_params(path, **({self.since_param: since} if since else {}))
