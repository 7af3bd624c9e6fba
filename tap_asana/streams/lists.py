"""Lists that streams are read from: each is fetched once a run, whoever needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from tap_asana.asks import Page
from tap_asana.parents import FACTS, ORGANIZATIONS_ONLY, Workspace, facts, list_kind, parent_kind
from tap_asana.protocol import Record
from tap_asana.reading import Reading, Unit
from tap_asana.run import Run


class Taker(Protocol):
    """A stream, as a list sees it."""

    name: str
    complete: bool

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
            if path not in self._run.lists_read:
                self._run.lists_read.add(path)
                takers = [stream for stream in self._streams if path in stream.sources()]
                for workspace in self._run.crawl.workspaces:
                    yield from self._read_in(workspace, path, reader, takers)

    def _read_in(
        self, workspace: Workspace, path: str, reader: T, takers: Sequence[T]
    ) -> Iterator[tuple[T, Iterable[Record]]]:
        client, crawl, kind = self._run.client, self._run.crawl, list_kind(path)
        reading = Reading(client, self._units(workspace, path, reader, takers), client.connection.concurrency)
        listed: list[Record] = []
        whole = True
        for page in reading:
            if page.truncated:
                reading.add(crawl.narrower(page))
            whole = whole and page.refused is None
            if kind:
                listed.extend(facts(kind, record) for record in page.records)
            for stream in takers:
                yield stream, _records(page, stream.sources()[path])
        if kind:
            crawl.learn(kind, path, workspace, listed, whole=whole)
        whole = whole and crawl.is_whole(parent_kind(path), workspace)
        for stream in takers:
            stream.complete = stream.complete and whole

    def _units(self, workspace: Workspace, path: str, reader: T, takers: Iterable[T]) -> Iterator[Unit]:
        kind, parent_of = list_kind(path), parent_kind(path)
        if kind in ORGANIZATIONS_ONLY and not workspace.is_organization:
            return
        fields = list(dict.fromkeys((*_fields(path, takers), *FACTS.get(kind or "", ()))))
        need = reader.needs.get(parent_of)
        for parent in self._run.crawl.parents(parent_of, workspace):
            if need is None or parent.facts.get(need):
                keys = {f"{parent_of}_gid": parent.gid}
                yield Unit((parent.order,), [self._run.crawl.listing(reader.name, path, keys, fields, workspace)])


def _fields(path: str, streams: Iterable[Taker]) -> Iterator[str]:
    """Yield the opt_fields that all takers of a list need of it."""
    for stream in streams:
        inside = stream.sources()[path]
        for name in stream.fields():
            yield f"{inside}.{name}" if inside else name


def _records(page: Page, inside: str) -> Iterator[Record]:
    """Yield the records of a page, or those that lie in a field of them, with the gids that they lack."""
    for record in page.records:
        for found in _dig(record, inside.split(".") if inside else []):
            yield {**page.ask.keys, **found}


def _dig(record: Record, fields: list[str]) -> Iterator[Record]:
    if not fields:
        yield record
        return
    value = record.get(fields[0])
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, dict):
            yield from _dig(inner, fields[1:])
