"""Lists that streams are read from: each is fetched once a run, whoever needs it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, takewhile
from typing import Generic, Protocol, TypeVar

from tap_asana.api.decoding import identified
from tap_asana.api.protocol import Record
from tap_asana.api.request import Ask, Page, graver
from tap_asana.fetch.scheduler import Key, Reading, Unit
from tap_asana.parents.kinds import FACTS, LISTS, ORGANIZATIONS_ONLY, Parent, Workspace, facts, list_kind, parent_kind
from tap_asana.run import Run


class Taker(Protocol):
    """A stream, as a list sees it."""

    name: str
    complete: bool

    @property
    def looks_ahead(self) -> bool:
        """Tell whether its lists may be fetched before their turn, because no long read comes first."""

    @property
    def is_tested(self) -> bool:
        """Tell whether a few of its records are wanted, whoever has read its lists."""

    def some(self, things: Iterable[Parent]) -> Iterable[Parent]:
        """Return the parents to ask: not all of them for a test."""

    @property
    def needs(self) -> Mapping[str, str]:
        """Return the fact that a parent must have to be asked, by the parent's kind."""

    @classmethod
    def sources(cls) -> Mapping[str, str]:
        """Return the lists that hold its records, and the field that holds them there."""

    def fields(self) -> list[str]:
        """Return the opt_fields of its records."""


T = TypeVar("T", bound=Taker)


class Lists(Generic[T]):
    """The lists of one stream, with all other streams that find records in them."""

    def __init__(self, run: Run, streams: Sequence[T]) -> None:
        """Keep who may take records."""
        self._run = run
        self._streams = streams

    def read(self, reader: T) -> Iterator[tuple[T, Iterable[Record]]]:
        """Yield the records of every list that the reader needs and nobody has read in this run, by stream.

        One list is read after the other, because some hang from what others bring.
        """
        for path in reader.sources():
            yield from self._read_list(path, reader)

    def read_carried(self, reader: T) -> Iterator[tuple[T, Iterable[Record]]]:
        """Yield what lies inside of lists whose own stream is not read: before the crawl asks for them for itself.

        Nothing is to be read yet for the stream of the workspaces, which come before all lists.
        """
        paths = () if reader.sources().keys() & set(LISTS["workspace"]) else LISTS.values()
        for path in (path for each in paths for path in each):
            takers = self._takers(path)
            if takers and all(stream.sources()[path] for stream in takers):
                yield from self._read_list(path, takers[0])

    def _read_list(self, path: str, reader: T) -> Iterator[tuple[T, Iterable[Record]]]:
        if reader.is_tested or path not in self._run.lists_read:
            self._run.lists_read.add(path)
            for place, workspace in enumerate(self._run.crawl.workspaces):
                yield from self._read_in(workspace, path, reader, place + 1)

    def expect_behind(self, reader: T) -> None:
        """Have the lists fetched of the streams behind a reader, up to the first whose own read is long."""
        self._run.ahead.expect(self._asks(self._behind(reader)))

    def _expect(self, reader: T, path: str, place: int) -> None:
        """Have the lists fetched that come next: the reader's own, then those of the streams behind."""
        workspaces = self._run.crawl.workspaces
        here = [(reader, path, workspace) for workspace in workspaces[place:]]
        self._run.ahead.expect(self._asks(chain(here, self._unread(reader), self._behind(reader))))

    def _behind(self, reader: T) -> Iterator[tuple[T, str, Workspace]]:
        streams = list(self._streams)
        for stream in takewhile(lambda stream: stream.looks_ahead, streams[streams.index(reader) + 1 :]):
            yield from self._unread(stream)

    def _unread(self, stream: T) -> Iterator[tuple[T, str, Workspace]]:
        unread = [path for path in stream.sources() if path not in self._run.lists_read]
        return ((stream, path, workspace) for path in unread for workspace in self._run.crawl.workspaces)

    def _asks(self, lists: Iterable[tuple[T, str, Workspace]]) -> Iterator[Ask]:
        for stream, path, workspace in lists:
            if self._run.crawl.knows(parent_kind(path), workspace):
                parents = self._parents(workspace, path, stream)
                yield from (ask for unit in self._units(workspace, path, stream, parents) for ask in unit.asks)

    def _read_in(self, workspace: Workspace, path: str, reader: T, place: int) -> Iterator[tuple[T, Iterable[Record]]]:
        client, crawl, kind, takers = self._run.client, self._run.crawl, list_kind(path), self._takers(path)
        parents = self._parents(workspace, path, reader)
        reading = Reading(
            self._run.ahead,
            self._units(workspace, path, reader, parents),
            client.connection.concurrency,
            idle=lambda: self._expect(reader, path, place),
            keeper=self._run.keeper,
        )
        listed: list[Record] = []
        refusal: Page | None = None
        for page in (crawl.settled(page, reading) for page in reading):
            refusal = graver(refusal, page)
            self._tell(reader, path, parents, reading.done)
            if kind:
                listed.extend(facts(kind, record) for record in page.records)
            for stream in takers:
                records, nameless = identified(_records(page, stream.sources()[path]))
                client.tallies.pass_over(stream.name, nameless)
                yield stream, records
        if kind:
            crawl.learn(kind, path, workspace, listed, refusal)
        for missing in filter(None, (refusal, crawl.refusal(parent_kind(path), workspace))):
            for stream in takers:
                stream.complete = stream.complete and missing.is_not_in_plan
                self._run.client.tallies.miss(stream.name, missing)

    def _takers(self, path: str) -> list[T]:
        return [stream for stream in self._streams if path in stream.sources()]

    def _tell(self, reader: T, path: str, parents: Sequence[Parent], key: Key | None) -> None:
        """Have progress tell how many of the parents are done, where they are many."""
        done = bisect_right(parents, key, key=lambda parent: (parent.order,)) if key else 0
        share = {parent_kind(path): (done, len(parents))} if len(parents) > 1 else {}
        self._run.progress.reading(reader.name, share)

    def _parents(self, workspace: Workspace, path: str, reader: T) -> list[Parent]:
        """Return the parents that are asked: those that can have such things."""
        parent_of = parent_kind(path)
        if list_kind(path) in ORGANIZATIONS_ONLY and not workspace.is_organization:
            return []
        need = reader.needs.get(parent_of)
        parents = self._run.crawl.parents(parent_of, workspace)
        return list(reader.some(parent for parent in parents if need is None or parent.facts.get(need)))

    def _units(self, workspace: Workspace, path: str, reader: T, parents: Iterable[Parent]) -> Iterator[Unit]:
        kind, parent_of = list_kind(path), parent_kind(path)
        fields = list(dict.fromkeys((*_fields(path, self._takers(path)), *FACTS.get(kind or "", ()))))
        for parent in parents:
            keys = {f"{parent_of}_gid": parent.gid}
            yield Unit((parent.order,), [self._run.crawl.listing(reader.name, path, keys, fields, workspace)])


def _fields(path: str, streams: Iterable[Taker]) -> Iterator[str]:
    """Yield the opt_fields that all takers of a list need of it."""
    for stream in streams:
        inside = stream.sources()[path]
        for name in stream.fields():
            yield f"{inside}.{name}" if inside else name


def _records(page: Page, inside: str) -> list[Record]:
    """Return the records of a page, or those that lie in a field of them, with the gids that they lack."""
    fields = inside.split(".") if inside else []
    return [{**page.ask.keys, **found} for record in page.records for found in _dig(record, fields)]


def _dig(record: Record, fields: list[str]) -> Iterator[Record]:
    if not fields:
        yield record
        return
    value = record.get(fields[0])
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, dict):
            yield from _dig(inner, fields[1:])
