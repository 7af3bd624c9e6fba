"""Streams that read only what is new, each from its own bookmark."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import ClassVar

from singer_sdk.helpers.types import Context
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from typing_extensions import override

from tap_asana.api.protocol import Record, Refused
from tap_asana.api.request import Ask, Page
from tap_asana.errors import AsanaError
from tap_asana.fetch.scheduler import LAST, Reading, Unit
from tap_asana.parents.kinds import Workspace, parent_kind
from tap_asana.state.bookmarks import Bookmark, Sweep, format_instant, opening, parse_instant, partition_of
from tap_asana.state.debts import Debt, Debts, Ledger
from tap_asana.state.visible_parents import Seen, next_run
from tap_asana.sync.shared_lists import Lists
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
    def looks_ahead(self) -> bool:
        """Tell that what comes behind a long read is not fetched before it."""
        return False

    def bookmark(self, workspace: Workspace) -> Bookmark:
        """Return this stream's place in a workspace; one that lies in the future is taken as now, and told once."""
        run = self.run
        run.number = run.number or next_run(self.tap_state)
        bookmark = Bookmark(self.stream_state, workspace.gid, self.replication_key, settle=run.settled)
        run.warn_of_future(self.name, workspace.gid, bookmark.take_as_now(run.start, run.latest))
        return bookmark

    def debts(self, workspace: Workspace) -> Debts:
        """Return what this stream owes in a workspace."""
        return Debts(partition_of(self.stream_state, workspace.gid), self.run.max_debts)

    def sweep(self, workspace: Workspace) -> Sweep:
        """Return the read that was cut off, or a new one; of everything where more is owed than state has room for."""
        run, settings, bookmark = self.run, self.run.settings, self.bookmark(workspace)
        demanded = bookmark.sweep() is None and self.debts(workspace).demand_whole_read(run.start)
        everything = self.reads_everything or demanded
        anew = Sweep(None, run.start, run=run.number)
        sweep = opening(bookmark, anew, settings.start_date, settings.lookback_seconds, everything=everything)
        self._taken_up = self._taken_up or sweep.run != run.number
        return sweep

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

    def close_read(self, workspace: Workspace, sweep: Sweep, debts: Debts, unread: Iterable[str] = ()) -> None:
        """End a complete read; what it could not read is owed, and `unread` names what state keeps in another way."""
        if sweep.since == self.start_date:
            debts.close_whole_read(sweep.until)
        if debts.are_full:
            logger.warning(
                "%s: more than %d lists were refused in workspace %s, and only so many are remembered; everything "
                "there is read again when one of them opens, and once a day until then",
                *(self.name, self.run.max_debts, workspace.gid),
            )
        self.run.client.tallies.owe(self.name, [*map(str, debts), *unread])
        self.bookmark(workspace).close(sweep, from_sweep=True)

    def report_payment(self, workspace: Workspace, ledger: Ledger) -> None:
        """Tell for each stream what came of asking again for what was owed."""
        for name, debts in ledger.debts.items():
            counts = (ledger.paid[name], ledger.gone[name], len(debts))
            self.run.client.tallies.pay(name, ledger.paid[name])
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

    def seen(self, kind: str, workspace: Workspace) -> Seen:
        """Return since which run parents of a kind have been visible, with those of this run noted once."""
        seen = Seen(self._tap.streams[f"{kind}s"].stream_state, workspace.gid)
        if (kind, workspace.gid) not in self.run.noted:
            self.run.noted.add((kind, workspace.gid))
            kept = self.tap_state.get("bookmarks", {})
            streams = (stream for name, stream in self._tap.streams.items() if name in kept)
            marks = (each.bookmark(workspace).marks for each in streams if isinstance(each, IncrementalStream))
            seen.note(self.noted(kind, workspace, seen), self.run.number, chain.from_iterable(marks))
        return seen

    def new(self, kind: str, workspace: Workspace, marks: Iterable[int | None]) -> set[str]:
        """Return the parents of a kind that a read which one of these runs began has not seen."""
        seen = self.seen(kind, workspace)
        known = [seen.known(mark) for mark in marks]
        return {parent.mark for parent in self.run.crawl.parents(kind, workspace)} - set[str].intersection(*known)

    def noted(self, kind: str, workspace: Workspace, _: Seen) -> set[str]:
        """Return the marks of the parents of a kind that count as seen from this run on."""
        return {parent.mark for parent in self.run.crawl.parents(kind, workspace)}


class FilteredStream(IncrementalStream):
    """A collection that Asana filters by time of creation, under every parent; `since` names the parameter."""

    since: ClassVar[str]

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield what was created since the bookmark, workspace by workspace."""
        workspaces = self.run.crawl.workspaces
        units = self.some(unit for each in workspaces for unit in self._units(each, self.sweep(each)))
        self.run.ahead.expect(ask for unit in units for ask in unit.asks)
        for workspace in workspaces:
            yield from self._read_in(workspace)

    def _read_in(self, workspace: Workspace) -> Iterator[Record]:
        if not self.is_tested:
            yield from self._pay(workspace)
        sweep, debts = self.sweep(workspace), self.debts(workspace)
        ledger = Ledger({self.name: debts}, sweep.until)
        reading = self._reading(self._units(workspace, sweep))
        for page in reading:
            if reading.done is not None and reading.done != sweep.place(LANE):
                sweep = sweep.moved({LANE: reading.done})
                self.bookmark(workspace).advance(sweep)
                self.write_state_when_due()
            yield from self._take(page, ledger)
        for kind in map(parent_kind, self.sources()):
            if refusal := self.run.crawl.refusal(kind, workspace):
                self.run.client.tallies.miss(self.name, refusal)
        self.close_read(workspace, sweep, debts)

    def _pay(self, workspace: Workspace) -> Iterator[Record]:
        """Yield what earlier runs could not read, and drop each debt behind its records."""
        ledger = Ledger({self.name: self.debts(workspace)}, self.run.start)
        if not ledger.asked:
            return
        asks = self._owed(workspace, ledger)
        reading = self._reading(Unit((place,), [ask]) for place, (_, ask) in enumerate(asks))
        paid = 0
        for page in reading:
            done = reading.done[0] + 1 if reading.done else 0
            ledger.settle(debt for debt, _ in asks[paid:done])
            if done > paid:
                self.write_state_when_due()
            paid = done
            yield from self._take(page, ledger)
        ledger.settle(ledger.asked)
        self.report_payment(workspace, ledger)

    def _owed(self, workspace: Workspace, ledger: Ledger) -> list[tuple[Debt, Ask]]:
        """Return the debts with what is asked for each; what hangs from a parent that is not listed any more is gone.

        Where the list of parents is refused, it is not known which of them are gone: all are asked.
        """
        crawl, asks = self.run.crawl, []
        for path in self.sources():
            kind = parent_kind(path)
            listed = {parent.gid for parent in crawl.parents(kind, workspace)}
            for debt in sorted(debt for debt in ledger.asked if debt.kind == kind):
                if debt.gid in listed or crawl.refusal(kind, workspace):
                    ask = self._ask(workspace, path, debt.gid, self.start_date)
                    asks.append((debt, replace(ask, owed=True, probing=True)))
                else:
                    ledger.give_up(debt)
        return asks

    def _reading(self, units: Iterable[Unit]) -> Reading:
        client = self.run.client
        return Reading(
            self.run.ahead,
            units,
            client.connection.concurrency,
            idle=lambda: Lists(self.run, self.companions()).expect_behind(self),
            keeper=self.run.keeper,
        )

    def _take(self, page: Page, ledger: Ledger) -> Iterator[Record]:
        """Yield the records of a page; where it is refused, it is owed."""
        refused, kind = self.run.crawl.cut_short(page).refused, parent_kind(page.ask.part)
        if refused is not None:
            ledger.refuse(Debt(kind, page.ask.keys[f"{kind}_gid"]), refused.status)
        yield from self.fresh({**page.ask.keys, **record} for record in page.records)

    def _units(self, workspace: Workspace, sweep: Sweep) -> Iterator[Unit]:
        done, crawl = sweep.place(LANE), self.run.crawl
        for place, path in enumerate(self.sources()):
            kind = parent_kind(path)
            need, new = self.needs.get(kind), self.new(kind, workspace, [self.run_mark(workspace)])
            for parent in crawl.parents(kind, workspace):
                key = (place, parent.order, LAST)
                if (need is None or parent.facts.get(need)) and (done is None or done < key):
                    since = self.start_date if parent.mark in new else sweep.since
                    yield Unit(key, [self._ask(workspace, path, parent.gid, since)])

    def _ask(self, workspace: Workspace, path: str, gid: str, since: str | None) -> Ask:
        keys = {f"{parent_kind(path)}_gid": gid}
        ask = self.run.crawl.listing(self.name, path, keys, self.fields(), workspace)
        return ask.asking(path, **({self.since: since} if since else {}))


class LogStream(IncrementalStream):
    """A log of a workspace that Asana hands out in the order of time, as one list; `since` names the parameter.

    Asana forgets what is old, so that a table can hold more than can be read again.
    """

    rereadable = False
    since: ClassVar[str]

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the entries since the bookmark, workspace by workspace."""
        workspaces = [each for each in self.run.crawl.workspaces if each.gid not in self.told]
        self.run.ahead.expect(self._log(workspace, self.sweep(workspace).since) for workspace in workspaces)
        for workspace in workspaces:
            refused = False
            for page in self.log_pages(workspace, self.sweep(workspace).since):
                refused = refused or page.refused is not None
                self.write_entries(workspace, page)
            if not refused:
                self.close(workspace)
        return ()

    def write_entries(self, workspace: Workspace, page: Page) -> None:
        """Write the entries of a page, and then keep that they were written, by the last one that says when it was."""
        self.write_all({**page.ask.keys, **record} for record in page.records)
        moments = [moment for record in page.records if (moment := self._moment(record))]
        if moments:
            self.bookmark(workspace).advance(replace(self.sweep(workspace), since=moments[-1]))
            self.write_state_when_due()

    def _moment(self, record: Record) -> str | None:
        """Return when an entry says that it was, where that can be read."""
        try:
            return format_instant(parse_instant(str(record.get(self.replication_key))))
        except AsanaError:
            return None

    def refuse(self, workspace: Workspace, ask: Ask, refused: Refused) -> None:
        """Note that the log was refused to another stream, which asked for this one too."""
        self.run.client.tallies.skip(replace(ask, purpose=self.name), refused)
        self.told.add(workspace.gid)

    def close(self, workspace: Workspace) -> None:
        """End a read of the whole log."""
        self.bookmark(workspace).close(self.sweep(workspace))

    @cached_property
    def told(self) -> set[str]:
        """Return the workspaces whose log another stream has read for this one too."""
        return set()

    def log_pages(self, workspace: Workspace, since: str | None) -> Iterator[Page]:
        """Yield the pages of a workspace's log from an instant on."""
        return Reading(self.run.ahead, [Unit((0,), [self._log(workspace, since)])], 1, keeper=self.run.keeper)

    def _log(self, workspace: Workspace, since: str | None) -> Ask:
        ask = self.run.crawl.listing(self.name, self.path, {}, self.fields(), workspace)
        return ask if since is None else ask.asking(ask.part, **{self.since: since})
