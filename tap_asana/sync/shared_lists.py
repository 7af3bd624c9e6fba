"""Lists that streams are read from: each is fetched once a run, for all streams that find records in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from tap_asana.api.decoding import Record, rows_with_gid
from tap_asana.api.request import BEFORE_TASKS, Page, Request, more_severe
from tap_asana.fetch.lane import Key, WorkItem
from tap_asana.parents.arriving_lists import ArrivingLists
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
from tap_asana.sync.facts import Deduplicator, StreamFacts
from tap_asana.tasks.events import ATTACHMENTS, STORIES, TASKS, TIME, Batch
from tap_asana.tasks.methods import LIST

TASK_STREAMS = frozenset({TASKS, STORIES, ATTACHMENTS, TIME})

ALWAYS_WITH_TASKS, ONLY_WITH_TASK_LISTS = ("project",), ("user", "tag")
"""Kinds of parents whose lists every read of tasks begins with, and those that only a read by list needs."""


FIRST_LISTS = frozenset({*PARENT_LISTS["workspace"], *PARENT_LISTS["project"]})
"""The lists that are read before the deletions, all others after them."""


class SharedLists:
    """The lists of a sync, each read once for all streams that find records in it."""

    def __init__(
        self,
        run: Run,
        streams: Sequence[StreamFacts],
        max_parents: int | None = None,
        *,
        first_requests: Callable[[StreamFacts, Workspace], Iterable[Request] | None] = lambda _, __: (),
        goes_first: Callable[[StreamFacts, StreamFacts | None], bool] = lambda _, __: False,
    ) -> None:
        """Read nothing yet; `streams` are those to read, `max_parents` limits the parents of each list.

        `first_requests` returns those of a stream whose read is not one of shared lists, or None as long as they are
        unknown, and `goes_first` whether a later stream, or a list that no stream reads, waits for the end of one.
        """
        self._goes_first = goes_first
        self._run = run
        self._first_requests = first_requests
        self._streams = streams
        self._places = {stream.name: place for place, stream in enumerate(streams)}
        self._first = [stream for stream in streams if stream.may_go_first]
        self._max_parents = max_parents
        self._has_parents = False
        self._arriving = ArrivingLists(run.directory, run.fetcher, run.limits.max_prefetched_pages_per_list)
        self._read: set[str] = set()
        self._consumers_by_path: dict[str, list[StreamFacts]] = {}
        self._upcoming: dict[tuple[str, str], Iterator[Request]] = {}
        self._unknown: dict[tuple[str, str], int] = {}
        self._deduplicators = {stream.name: Deduplicator(stream.primary_keys) for stream in streams}
        self._incomplete: set[str] = set()

    def is_complete(self, stream: StreamFacts) -> bool:
        """Return True if no list of a stream was refused or truncated; a 402 counts as an empty list."""
        return stream.name not in self._incomplete

    def read(self, stream: StreamFacts) -> Iterator[Batch]:
        """Yield the records of every list of a stream, except lists already read for other streams.

        One list is read after the other, because some lists hold the parents of others. The lists of parents come
        first, so that everything below them can be prefetched from then on.
        """
        if not stream.list_paths().keys() & FIRST_LISTS:
            yield from self._read_parents()
        for path in stream.list_paths():
            yield from self._read_list(path, stream)

    def _read_parents(self) -> Iterator[Batch]:
        """Yield the records of all lists of parents that streams find records in."""
        for path in chain.from_iterable(PARENT_LISTS.values()):
            consumers = self._consumers(path)
            if consumers and path not in FIRST_LISTS:
                yield from self._read_list(path, consumers[0])

    def read_embedded(self, stream: StreamFacts) -> Iterator[Batch]:
        """Yield the records of lists that only embedded streams need, before the directory fetches them.

        Nothing can be read yet for the stream of the workspaces, which precede all lists.
        """
        if stream.list_paths().keys() & set(PARENT_LISTS["workspace"]):
            return
        for path in chain.from_iterable(PARENT_LISTS.values()):
            consumers = self._consumers(path)
            if consumers and all(consumer.list_paths()[path] for consumer in consumers):
                yield from self._read_list(path, consumers[0])

    def prefetch_parents(self, stream: StreamFacts) -> None:
        """Prefetch all lists of parents in the workspaces at the first call: most reads begin with one of them.

        Nothing can be prefetched before the stream of the workspaces is read.
        """
        is_first = stream.list_paths().keys() & set(PARENT_LISTS["workspace"])
        if not self._has_parents and not is_first and not self._must_wait(stream, None):
            self._has_parents = True
            self._run.fetcher.prefetch(chain.from_iterable(map(self._requests_for_parents, self._parent_kinds())))

    def _parent_kinds(self) -> list[str]:
        """Return the kinds of parents whose lists this sync reads for certain, in the order of their first use."""
        paths = [path for stream in self._streams for path in stream.list_paths()]
        kinds = [parent_kind(path) for path in paths if path not in PARENT_LISTS["workspace"]]
        if any(stream.name in TASK_STREAMS for stream in self._streams):
            kinds += ALWAYS_WITH_TASKS
            kinds += ONLY_WITH_TASK_LISTS if self._run.settings.extraction_method == LIST else ()
        lists_of = {"project_brief": "project", "shared_portfolio": "portfolio"}
        return list(dict.fromkeys(lists_of.get(kind, kind) for kind in kinds))

    def _requests_for_parents(self, kind: str) -> Iterator[Request]:
        directory = self._run.directory
        for path in PARENT_LISTS[kind] if kind in PARENT_LISTS and kind != "workspace" else ():
            if parent_kind(path) != "workspace" or path in self._read:
                continue
            for workspace in directory.workspaces:
                consumers = self._consumers(path)
                if consumers:
                    yield from self._list_requests(consumers[0], path, workspace)
                elif not directory.is_loaded(kind, workspace):
                    request = directory.parent_request(kind, path, {}, workspace)
                    if len(PARENT_LISTS[kind]) == 1:
                        self._arriving.expect(kind, workspace, request)
                    yield request

    def prefetch_following(self, stream: StreamFacts) -> None:
        """Prefetch what the streams after this one begin with."""
        self._run.fetcher.continue_prefetch((stream.name, *self.lists_so_far()), lambda: self._following(stream))

    def lists_so_far(self) -> tuple[int, int]:
        """Return two counts that change when further lists can be prefetched: parents loaded, and lists begun."""
        self._arriving.load()
        return self._run.directory.number_loaded, len(self._read)

    def _read_list(self, path: str, stream: StreamFacts) -> Iterator[Batch]:
        if path not in self._read:
            self._read.add(path)
            for place, workspace in enumerate(self._run.directory.workspaces):
                yield from self._read_in(workspace, path, stream, place + 1)

    def _read_in(self, workspace: Workspace, path: str, stream: StreamFacts, place: int) -> Iterator[Batch]:
        self._upcoming.pop((path, workspace.gid), None)
        directory, kind, consumers = self._run.directory, list_kind(path), self._consumers(path)
        parents = self._parents(workspace, path)
        scheduler = self._run.fetcher.read(
            self._items(workspace, path, stream, parents), on_idle=lambda: self._prefetch_next(stream, path, place)
        )
        attributes: list[Record] = []
        refusal: Page | None = None
        for page in directory.resolved_pages(scheduler):
            refusal = more_severe(refusal, page)
            self._report_progress(stream, path, parents, scheduler.watermark)
            if kind:
                attributes.extend(attributes_of(kind, record) for record in page.records)
            for consumer in consumers:
                yield self._batch(consumer, page, path)
        if kind:
            directory.store(kind, path, workspace, attributes, refusal)
        for gap in filter(None, (refusal, directory.unavailable_reason(parent_kind(path), workspace))):
            for consumer in consumers:
                self._incomplete |= set() if gap.is_not_in_plan else {consumer.name}
                self._run.client.metrics.record_missing_parent(consumer.name, gap)

    def _batch(self, consumer: StreamFacts, page: Page, path: str) -> Batch:
        """Return the records of a page that belong to one stream."""
        records, without_gid = rows_with_gid(_records(page, consumer.list_paths()[path]))
        self._run.client.metrics.record_unusable_rows(consumer.name, without_gid)
        return Batch(consumer.name, self._deduplicators[consumer.name].new(records))

    def _consumers(self, path: str) -> list[StreamFacts]:
        """Return the streams that find records in a list; they are the same during the whole run."""
        if path not in self._consumers_by_path:
            self._consumers_by_path[path] = [stream for stream in self._streams if path in stream.list_paths()]
        return self._consumers_by_path[path]

    def _prefetch_next(self, stream: StreamFacts, path: str, place: int) -> None:
        """Prefetch the lists that come next: the stream's own, then those of the streams after it."""
        own_lists = [(stream, path, workspace) for workspace in self._run.directory.workspaces[place:]]
        self._run.fetcher.continue_prefetch(
            (stream.name, path, place, *self.lists_so_far()),
            lambda: chain(
                self._requests(chain(own_lists, self._unread(stream))), self._own(stream), self._following(stream)
            ),
        )

    def _from(self, stream: StreamFacts) -> Sequence[StreamFacts]:
        """Return a stream and those after it."""
        return self._streams[self._places[stream.name] :]

    def _following(self, stream: StreamFacts) -> Iterator[Request]:
        for successor in self._from(stream)[1:]:
            if not self._must_wait(stream, successor):
                yield from self._requests(self._unread(successor)) if successor.is_prefetchable else ()
                yield from self._own(successor)

    def _must_wait(self, stream: StreamFacts, later: StreamFacts | None) -> bool:
        """Return whether a later stream waits for any that is not read yet; None is a list that no stream reads."""
        unread = range(self._places[stream.name], self._places[later.name] if later else len(self._streams))
        return any(self._places[each.name] in unread and self._goes_first(each, later) for each in self._first)

    def _own(self, stream: StreamFacts) -> Iterator[Request]:
        """Yield the rest of the first requests of a stream's own read, which comes after its shared lists."""
        for workspace in self._run.directory.workspaces:
            yield from self._own_requests(stream, workspace)

    def _own_requests(self, stream: StreamFacts, workspace: Workspace) -> Iterable[Request]:
        """Return the rest of the first requests of a stream's own read; unknown ones, once more parents are loaded."""
        key, number_loaded = (stream.name, workspace.gid), self._run.directory.number_loaded
        if key not in self._upcoming and self._unknown.get(key) != number_loaded:
            self._unknown[key] = number_loaded
            requests = self._first_requests(stream, workspace)
            if requests is not None:
                self._upcoming[key] = chain(requests)
        return self._upcoming.get(key, ())

    def _unread(self, stream: StreamFacts) -> Iterator[tuple[StreamFacts, str, Workspace]]:
        unread = [path for path in stream.list_paths() if path not in self._read]
        return ((stream, path, workspace) for path in unread for workspace in self._run.directory.workspaces)

    def _requests(self, lists: Iterable[tuple[StreamFacts, str, Workspace]]) -> Iterator[Request]:
        for stream, path, workspace in lists:
            if self._run.directory.is_loaded(parent_kind(path), workspace):
                yield from self._list_requests(stream, path, workspace)

    def _list_requests(self, stream: StreamFacts, path: str, workspace: Workspace) -> Iterator[Request]:
        """Return the rest of the first requests of a list: each is returned once, and sent or queued from then on.

        A chain is no generator, which would end when one that yields from it ends.
        """
        key = path, workspace.gid
        if key not in self._upcoming:
            items = self._items(workspace, path, stream, self._parents(workspace, path))
            self._upcoming[key] = chain.from_iterable(item.requests for item in items)
        return self._upcoming[key]

    def _report_progress(
        self, stream: StreamFacts, path: str, parents: Sequence[Parent], watermark: Key | None
    ) -> None:
        """Report how many of the parents are done, if there are several."""
        count = bisect_right(parents, watermark, key=lambda parent: (parent.sort_key,)) if watermark else 0
        share = {parent_kind(path): (count, len(parents))} if len(parents) > 1 else {}
        self._run.progress.update(stream.name, share)

    def _parents(self, workspace: Workspace, path: str) -> list[Parent]:
        """Return the parents to request a list for."""
        kind = parent_kind(path)
        if list_kind(path) in ORGANIZATIONS_ONLY and not workspace.is_organization:
            return []
        return self._run.directory.parents(kind, workspace)[: self._max_parents]

    def _items(
        self, workspace: Workspace, path: str, stream: StreamFacts, parents: Iterable[Parent]
    ) -> Iterator[WorkItem]:
        kind, parent_of = list_kind(path), parent_kind(path)
        fields = list(dict.fromkeys((*_fields(path, self._consumers(path)), *PARENT_FIELDS.get(kind or "", ()))))
        for parent in parents:
            keys = {f"{parent_of}_gid": parent.gid}
            request = self._run.directory.build_request(stream.name, path, keys, fields, workspace)
            yield WorkItem((parent.sort_key,), [replace(request, urgency=max(request.urgency, BEFORE_TASKS))])


def _fields(path: str, streams: Iterable[StreamFacts]) -> Iterator[str]:
    """Yield the opt_fields of a list that its streams need."""
    for stream in streams:
        field = stream.list_paths()[path]
        for name in stream.opt_fields():
            yield f"{field}.{name}" if field else name


def _records(page: Page, field: str) -> list[Record]:
    """Return the records of a page, or the objects embedded in a field of each, with the gids of their parents."""
    names = field.split(".") if field else []
    return [{**page.request.parent_keys, **inner} for record in page.records for inner in _embedded(record, names)]


def _embedded(record: Record, names: list[str]) -> Iterator[Record]:
    if not names:
        yield record
        return
    value = record.get(names[0])
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, dict):
            yield from _embedded(inner, names[1:])
