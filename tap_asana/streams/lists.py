"""Lists that streams are read from: each is fetched once a run, whoever needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from tap_asana.asks import Page
from tap_asana.crawl import FACTS, ORGANIZATIONS_ONLY, Parent, Workspace, facts, list_kind, parent_kind
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
        """Yield the records of every list that the reader needs and nobody has read in this run, by stream."""
        paths = [path for path in reader.sources() if path not in self._run.lists_read]
        self._run.lists_read.update(paths)
        takers = {path: [stream for stream in self._streams if path in stream.sources()] for path in paths}
        for workspace in self._run.crawl.workspaces:
            yield from self._read_in(workspace, reader, takers)

    def _read_in(
        self, workspace: Workspace, reader: T, takers: Mapping[str, list[T]]
    ) -> Iterator[tuple[T, Iterable[Record]]]:
        client = self._run.client
        reading = Reading(client, self._units(workspace, reader, takers), client.connection.concurrency)
        parents = _Parents(takers)
        for page in reading:
            path = page.ask.part
            if page.truncated:
                reading.add(self._run.crawl.narrower(page))
            parents.take(page)
            for stream in takers[path]:
                stream.complete = stream.complete and page.refused is None
                yield stream, _records(page, stream.sources()[path])
        for kind, listed in parents.whole():
            self._run.crawl.learn(kind, workspace, listed)

    def _units(self, workspace: Workspace, reader: T, takers: Mapping[str, list[T]]) -> Iterator[Unit]:
        for place, (path, streams) in enumerate(takers.items()):
            kind = list_kind(path)
            if kind in ORGANIZATIONS_ONLY and not workspace.is_organization:
                continue
            fields = dict.fromkeys((*_fields(path, streams), *FACTS.get(kind or "", ())))
            for parent in self._parents(path, workspace, reader):
                keys = {f"{parent_kind(path)}_gid": parent.gid, "workspace_gid": workspace.gid}
                ask = self._run.crawl.listing(reader.name, path, keys, fields, workspace)
                yield Unit((place, parent.order), [ask])

    def _parents(self, path: str, workspace: Workspace, reader: T) -> Iterator[Parent]:
        """Yield the parents that can have children, by the fact that the stream needs of them."""
        kind = parent_kind(path)
        need = reader.needs.get(kind)
        for parent in self._run.crawl.parents(kind, workspace):
            if need is None or parent.facts.get(need):
                yield parent


class _Parents:
    """What the lists that are read bring for the crawl, as long as nothing is missing in them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._listed: dict[str, list[Record]] = {kind: [] for path in paths if (kind := list_kind(path))}

    def take(self, page: Page) -> None:
        kind = list_kind(page.ask.part)
        if kind not in self._listed:
            return
        if page.refused is not None:
            del self._listed[kind]
        else:
            self._listed[kind].extend(facts(kind, record) for record in page.records)

    def whole(self) -> Iterator[tuple[str, list[Record]]]:
        yield from self._listed.items()


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
