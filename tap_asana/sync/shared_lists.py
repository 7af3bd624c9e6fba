"""Lists that streams are read from: each is fetched once a run, whoever needs it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, takewhile
from typing import Generic, Protocol, TypeVar

from tap_asana.api.decoding import rows_with_gid
from tap_asana.api.protocol import Record
from tap_asana.api.request import Page, Request, more_severe
from tap_asana.fetch.scheduler import Key, WorkItem
from tap_asana.parents.kinds import (
    ORGANIZATIONS_ONLY,
    PARENT_FIELDS,
    PARENT_LISTS,
    Parent,
    Workspace,
    attributes_of,
    list_kind,
    parent_kind,
)
from tap_asana.run import Run


class ListConsumer(Protocol):
    """A stream, as a list sees it."""

    name: str
    is_complete: bool

    @property
    def can_prefetch(self) -> bool:
        """Tell whether its lists may be fetched before their turn, because no long read comes first."""

    @property
    def is_dry_run(self) -> bool:
        """Tell whether a few of its records are wanted, whoever has read its lists."""

    def limit_for_dry_run(self, things: Iterable[Parent]) -> Iterable[Parent]:
        """Return the parents to ask: not all of them for a test."""

    @property
    def requires_field(self) -> Mapping[str, str]:
        """Return the fact that a parent must have to be asked, by the parent's kind."""

    @classmethod
    def list_paths(cls) -> Mapping[str, str]:
        """Return the lists that hold its records, and the field that holds them there."""

    def opt_fields(self) -> list[str]:
        """Return the opt_fields of its records."""


T = TypeVar("T", bound=ListConsumer)


class SharedLists(Generic[T]):
    """The lists of one stream, with all other streams that find records in them."""

    def __init__(self, run: Run, streams: Sequence[T]) -> None:
        """Keep who may take records."""
        self._run = run
        self._streams = streams

    def read(self, reader: T) -> Iterator[tuple[T, Iterable[Record]]]:
        """Yield the records of every list that the reader needs and nobody has read in this run, by stream.

        One list is read after the other, because some hang from what others bring.
        """
        for path in reader.list_paths():
            yield from self._read_list(path, reader)

    def read_embedded(self, reader: T) -> Iterator[tuple[T, Iterable[Record]]]:
        """Yield what lies inside of lists whose own stream is not read: before the crawl asks for them for itself.

        Nothing is to be read yet for the stream of the workspaces, which come before all lists.
        """
        paths = () if reader.list_paths().keys() & set(PARENT_LISTS["workspace"]) else PARENT_LISTS.values()
        for path in (path for each in paths for path in each):
            takers = self._takers(path)
            if takers and all(stream.list_paths()[path] for stream in takers):
                yield from self._read_list(path, takers[0])

    def _read_list(self, path: str, reader: T) -> Iterator[tuple[T, Iterable[Record]]]:
        if reader.is_dry_run or path not in self._run.lists_read:
            self._run.lists_read.add(path)
            for place, workspace in enumerate(self._run.directory.workspaces):
                yield from self._read_in(workspace, path, reader, place + 1)

    def prefetch_following(self, reader: T) -> None:
        """Have the lists fetched of the streams behind a reader, up to the first whose own read is long."""
        self._run.fetcher.continue_prefetch(
            (reader.name, *self._lists_so_far()), lambda: self._asks(self._behind(reader))
        )

    def _expect(self, reader: T, path: str, place: int) -> None:
        """Have the lists fetched that come next: the reader's own, then those of the streams behind."""
        here = [(reader, path, workspace) for workspace in self._run.directory.workspaces[place:]]
        self._run.fetcher.continue_prefetch(
            (reader.name, path, place, *self._lists_so_far()),
            lambda: self._asks(chain(here, self._unread(reader), self._behind(reader))),
        )

    def _lists_so_far(self) -> tuple[int, int]:
        """Return how many lists of parents are loaded, and how many lists were begun: both decide what can be asked."""
        return self._run.directory.number_loaded, len(self._run.lists_read)

    def _behind(self, reader: T) -> Iterator[tuple[T, str, Workspace]]:
        streams = list(self._streams)
        for stream in takewhile(lambda stream: stream.can_prefetch, streams[streams.index(reader) + 1 :]):
            yield from self._unread(stream)

    def _unread(self, stream: T) -> Iterator[tuple[T, str, Workspace]]:
        unread = [path for path in stream.list_paths() if path not in self._run.lists_read]
        return ((stream, path, workspace) for path in unread for workspace in self._run.directory.workspaces)

    def _asks(self, lists: Iterable[tuple[T, str, Workspace]]) -> Iterator[Request]:
        for stream, path, workspace in lists:
            if self._run.directory.is_loaded(parent_kind(path), workspace):
                parents = self._parents(workspace, path, stream)
                yield from (ask for unit in self._units(workspace, path, stream, parents) for ask in unit.requests)

    def _read_in(self, workspace: Workspace, path: str, reader: T, place: int) -> Iterator[tuple[T, Iterable[Record]]]:
        client, directory, kind, takers = self._run.client, self._run.directory, list_kind(path), self._takers(path)
        parents = self._parents(workspace, path, reader)
        reading = self._run.fetcher.read(
            self._units(workspace, path, reader, parents), on_idle=lambda: self._expect(reader, path, place)
        )
        listed: list[Record] = []
        refusal: Page | None = None
        for page in (directory.resolve_page(page, reading) for page in reading):
            refusal = more_severe(refusal, page)
            self._tell(reader, path, parents, reading.watermark)
            if kind:
                listed.extend(attributes_of(kind, record) for record in page.records)
            for stream in takers:
                records, nameless = rows_with_gid(_records(page, stream.list_paths()[path]))
                client.metrics.record_unusable_rows(stream.name, nameless)
                yield stream, records
        if kind:
            directory.store(kind, path, workspace, listed, refusal)
        for missing in filter(None, (refusal, directory.unavailable_reason(parent_kind(path), workspace))):
            for stream in takers:
                stream.is_complete = stream.is_complete and missing.is_not_in_plan
                self._run.client.metrics.record_missing_parent(stream.name, missing)

    def _takers(self, path: str) -> list[T]:
        return [stream for stream in self._streams if path in stream.list_paths()]

    def _tell(self, reader: T, path: str, parents: Sequence[Parent], key: Key | None) -> None:
        """Have progress tell how many of the parents are done, where they are many."""
        done = bisect_right(parents, key, key=lambda parent: (parent.sort_key,)) if key else 0
        share = {parent_kind(path): (done, len(parents))} if len(parents) > 1 else {}
        self._run.progress.update(reader.name, share)

    def _parents(self, workspace: Workspace, path: str, reader: T) -> list[Parent]:
        """Return the parents that are asked: those that can have such things."""
        parent_of = parent_kind(path)
        if list_kind(path) in ORGANIZATIONS_ONLY and not workspace.is_organization:
            return []
        need = reader.requires_field.get(parent_of)
        parents = self._run.directory.parents(parent_of, workspace)
        return list(
            reader.limit_for_dry_run(parent for parent in parents if need is None or parent.attributes.get(need))
        )

    def _units(self, workspace: Workspace, path: str, reader: T, parents: Iterable[Parent]) -> Iterator[WorkItem]:
        kind, parent_of = list_kind(path), parent_kind(path)
        fields = list(dict.fromkeys((*_fields(path, self._takers(path)), *PARENT_FIELDS.get(kind or "", ()))))
        for parent in parents:
            keys = {f"{parent_of}_gid": parent.gid}
            yield WorkItem(
                (parent.sort_key,), [self._run.directory.build_request(reader.name, path, keys, fields, workspace)]
            )


def _fields(path: str, streams: Iterable[ListConsumer]) -> Iterator[str]:
    """Yield the opt_fields that all takers of a list need of it."""
    for stream in streams:
        inside = stream.list_paths()[path]
        for name in stream.opt_fields():
            yield f"{inside}.{name}" if inside else name


def _records(page: Page, inside: str) -> list[Record]:
    """Return the records of a page, or those that lie in a field of them, with the gids that they lack."""
    fields = inside.split(".") if inside else []
    return [{**page.request.parent_keys, **found} for record in page.records for found in _dig(record, fields)]


def _dig(record: Record, fields: list[str]) -> Iterator[Record]:
    if not fields:
        yield record
        return
    value = record.get(fields[0])
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, dict):
            yield from _dig(inner, fields[1:])
