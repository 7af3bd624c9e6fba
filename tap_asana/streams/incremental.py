"""Streams that read only what is new, each from its own bookmark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import ClassVar

from singer_sdk.helpers.types import Context
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from typing_extensions import override

from tap_asana.asks import Ask, Page
from tap_asana.errors import AsanaError
from tap_asana.parents import Workspace, parent_kind
from tap_asana.protocol import Record, Refused
from tap_asana.reading import LAST, Reading, Unit
from tap_asana.state import Bookmark, Seen, Sweep, format_instant, opening, parse_instant
from tap_asana.streams.base import AsanaStream
from tap_asana.streams.lists import Lists

LANE = "lists"


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
        """Return this stream's place in a workspace."""
        return Bookmark(self.stream_state, workspace.gid, self.replication_key)

    def sweep(self, workspace: Workspace) -> Sweep:
        """Return the read that was cut off, or a new one."""
        settings = self.run.settings
        sweep = opening(
            self.bookmark(workspace),
            self.run.start,
            settings.start_date,
            settings.lookback_seconds,
            everything=self.reads_everything,
        )
        self._taken_up = self._taken_up or sweep.until != self.run.start
        return sweep

    @property
    def reads_everything(self) -> bool:
        """Tell whether the catalog asks for all of this stream in every run, whatever its bookmark (FULL_TABLE)."""
        return self.replication_method == REPLICATION_FULL_TABLE

    def mark(self, workspace: Workspace) -> str | None:
        """Return the start of the last complete read, where only what came later is read now."""
        return None if self.reads_everything else self.bookmark(workspace).value

    @property
    @override
    def is_whole(self) -> bool:
        """Tell whether this run has read all, from nothing: no part by a run that was cut off, and past no filter."""
        return super().is_whole and not self._taken_up and self.start_date is None

    @property
    def start_date(self) -> str | None:
        """Return the setting start_date as Asana writes instants."""
        start = self.run.settings.start_date
        return format_instant(start) if start else None

    def seen(self, kind: str, workspace: Workspace) -> Seen:
        """Return since when parents of a kind have been visible, with those of this run noted once."""
        seen = Seen(self._tap.streams[f"{kind}s"].stream_state, workspace.gid)
        if (kind, workspace.gid) not in self.run.noted:
            self.run.noted.add((kind, workspace.gid))
            kept = self.tap_state.get("bookmarks", {})
            streams = (stream for name, stream in self._tap.streams.items() if name in kept)
            marks = (each.bookmark(workspace).marks for each in streams if isinstance(each, IncrementalStream))
            seen.note(self._visible(kind, workspace), self.run.start, chain.from_iterable(marks))
        return seen

    def new(self, kind: str, workspace: Workspace, marks: Iterable[str | None]) -> set[str]:
        """Return the parents of a kind that a read which closed with one of these bookmarks has not seen."""
        seen = self.seen(kind, workspace)
        known = [seen.known(mark) for mark in marks]
        return self._visible(kind, workspace) - set[str].intersection(*known)

    def _visible(self, kind: str, workspace: Workspace) -> set[str]:
        return {parent.gid for parent in self.run.crawl.parents(kind, workspace)}


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
        sweep, bookmark, client, crawl = (
            self.sweep(workspace),
            self.bookmark(workspace),
            self.run.client,
            self.run.crawl,
        )
        reading = Reading(
            self.run.ahead,
            self._units(workspace, sweep),
            client.connection.concurrency,
            idle=lambda: Lists(self.run, self.companions()).expect_behind(self),
            keeper=client.keeper,
        )
        refused = set(sweep.refused)
        for page in reading:
            if reading.done is not None and reading.done != sweep.place(LANE):
                sweep = replace(sweep.moved({LANE: reading.done}), refused=tuple(sorted(refused)))
                bookmark.advance(sweep)
                self.write_state_when_due()
            if crawl.cut_short(page).refused is not None:
                refused.add(page.ask.keys[f"{parent_kind(page.ask.part)}_gid"])
            yield from self.fresh({**page.ask.keys, **record} for record in page.records)
        for kind in map(parent_kind, self.sources()):
            self.seen(kind, workspace).forget(refused)
            if refusal := crawl.refusal(kind, workspace):
                client.tallies.miss(self.name, refusal)
        bookmark.close(sweep, from_sweep=True)

    def _units(self, workspace: Workspace, sweep: Sweep) -> Iterator[Unit]:
        done, crawl = sweep.place(LANE), self.run.crawl
        for place, path in enumerate(self.sources()):
            kind = parent_kind(path)
            need, new = self.needs.get(kind), self.new(kind, workspace, [self.mark(workspace)])
            for parent in crawl.parents(kind, workspace):
                key = (place, parent.order, LAST)
                if (need is None or parent.facts.get(need)) and (done is None or done < key):
                    since = self.start_date if parent.gid in new else sweep.since
                    ask = crawl.listing(self.name, path, {f"{kind}_gid": parent.gid}, self.fields(), workspace)
                    yield Unit(key, [ask.asking(path, **({self.since: since} if since else {}))])


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
            self.bookmark(workspace).advance(Sweep(moments[-1], self.sweep(workspace).until))
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
        return Reading(self.run.ahead, [Unit((0,), [self._log(workspace, since)])], 1, keeper=self.run.client.keeper)

    def _log(self, workspace: Workspace, since: str | None) -> Ask:
        ask = self.run.crawl.listing(self.name, self.path, {}, self.fields(), workspace)
        return ask if since is None else ask.asking(ask.part, **{self.since: since})
