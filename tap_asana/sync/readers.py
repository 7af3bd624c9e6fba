"""The readers of snapshots, of lists that Asana filters by time of creation, and of logs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import ClassVar

from typing_extensions import override

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.errors import AsanaError
from tap_asana.fetch.lane import END_OF_PARENT, WorkItem
from tap_asana.fetch.scheduler import FetchScheduler
from tap_asana.parents.kinds import PARENT_FIELDS, Workspace, parent_kind
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.debts import Debt, Ledger
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.sync.cursor import owe_lists, report_payment
from tap_asana.sync.facts import Commit, Deduplicator, Event, StreamFacts
from tap_asana.sync.session import Reader, SyncSession
from tap_asana.tasks.events import Batch

LANE = "lists"
"""The name of the only lane of a read, in the state."""


@dataclass(frozen=True)
class Snapshot(Reader):
    """Every list as a whole, in every run."""

    is_prefetchable: ClassVar[bool] = True

    @override
    def read(self, stream: StreamFacts, session: SyncSession) -> Iterator[Event]:
        """Yield the records of the stream's lists, for all streams with records in them."""
        return session.lists.read(stream)

    @override
    def is_whole(self, stream: StreamFacts, session: SyncSession) -> bool:
        """Return True: no bookmark or start date leaves anything out."""
        return True


@dataclass(frozen=True)
class TokenWorkspaces(Snapshot):
    """The workspaces of the token that the settings select; all lists are requested under them."""

    @override
    def read(self, stream: StreamFacts, session: SyncSession) -> Iterator[Event]:
        """Yield the workspaces, and hand them to the directory of parents."""
        directory = session.run.directory
        fields = [*stream.opt_fields(), *PARENT_FIELDS["workspace"]]
        records = list(directory.list_workspaces(stream.name, fields))
        selected = {workspace.gid for workspace in directory.store_workspaces(records)}
        yield Batch(stream.name, [record for record in records if record["gid"] in selected])


@dataclass(frozen=True)
class CreatedSince(Reader):
    """A list under every parent that Asana filters by time of creation; `param` is the name of that parameter."""

    param: str

    @override
    def read(self, stream: StreamFacts, session: SyncSession) -> Iterator[Event]:
        """Yield the records created since the bookmark, workspace by workspace."""
        read = _CreatedSinceRead(self.param, stream, session)
        workspaces = session.run.directory.workspaces
        session.run.fetcher.prefetch(read.first_requests(workspaces))
        for workspace in workspaces:
            yield from read.pay(workspace)
            yield from read.read(workspace)

    @override
    def first_requests(self, stream: StreamFacts, session: SyncSession) -> Iterable[Request]:
        """Return the requests below the parents that are listed."""
        directory, kinds = session.run.directory, [parent_kind(path) for path in stream.list_paths()]
        loaded = [
            workspace
            for workspace in directory.workspaces
            if all(directory.is_loaded(kind, workspace) for kind in kinds)
        ]
        return _CreatedSinceRead(self.param, stream, session).first_requests(loaded)


class _CreatedSinceRead:
    """One read of a stream whose lists Asana filters by time of creation."""

    def __init__(self, param: str, stream: StreamFacts, session: SyncSession) -> None:
        self._param = param
        self._stream = stream
        self._session = session
        self._run = session.run
        self._cursor = session.cursor(stream)
        self._deduplicator = Deduplicator(stream.primary_keys)

    def first_requests(self, workspaces: Iterable[Workspace]) -> Iterator[Request]:
        """Yield the requests that the read begins with."""
        items = (item for workspace in workspaces for item in self._items(workspace, self._cursor.window(workspace)))
        return (request for item in islice(items, self._session.limit) for request in item.requests)

    def pay(self, workspace: Workspace) -> Iterator[Event]:
        """Yield the lists owed by earlier runs, and drop each debt behind its records."""
        ledger = Ledger({self._stream.name: self._cursor.debts(workspace)}, self._run.start)
        if not ledger.debts_due or self._session.limit:
            return
        debts = self._owed(workspace, ledger)
        scheduler = self._pages(WorkItem((place,), [request]) for place, (_, request) in enumerate(debts))
        number_paid = 0
        for page in scheduler:
            number_read = scheduler.watermark[0] + 1 if scheduler.watermark else 0
            if number_read > number_paid:
                yield Commit(partial(ledger.settle, [debt for debt, _ in debts[number_paid:number_read]]))
            number_paid = number_read
            yield self._batch(page, ledger)
        yield Commit(partial(owe_lists, self._run, workspace, ledger, self._parent_kinds()))
        yield Commit(partial(ledger.settle, ledger.debts_due))
        report_payment(self._run, workspace, ledger)

    def read(self, workspace: Workspace) -> Iterator[Event]:
        """Yield the lists of a workspace, and move the bookmark when all are read."""
        window, debts = self._cursor.window(workspace), self._cursor.debts(workspace)
        ledger = Ledger({self._stream.name: debts}, window.until)
        scheduler = self._pages(self._items(workspace, window))
        for page in scheduler:
            if scheduler.watermark is not None and scheduler.watermark != window.position(LANE):
                window = window.advanced({LANE: scheduler.watermark})
                yield Commit(partial(self._cursor.bookmark(workspace).advance, window))
            yield self._batch(page, ledger)
        for kind in self._parent_kinds():
            if refusal := self._run.directory.unavailable_reason(kind, workspace):
                self._run.client.metrics.record_missing_parent(self._stream.name, refusal)
        yield Commit(partial(owe_lists, self._run, workspace, ledger, self._parent_kinds()))
        yield Commit(partial(self._cursor.close, workspace, window, debts))

    def _parent_kinds(self) -> list[str]:
        return [parent_kind(path) for path in self._stream.list_paths()]

    def _owed(self, workspace: Workspace, ledger: Ledger) -> list[tuple[Debt, Request]]:
        """Return the debts with their requests; a debt whose parent is not listed any more is given up.

        If the list of parents is refused, all debts are requested: nobody knows which parents are gone.
        """
        directory, debts = self._run.directory, []
        for path in self._stream.list_paths():
            kind = parent_kind(path)
            parent_gids = {parent.gid for parent in directory.parents(kind, workspace)}
            for debt in sorted(debt for debt in ledger.debts_due if debt.kind == kind):
                if debt.gid in parent_gids or directory.unavailable_reason(kind, workspace):
                    request = self._request(workspace, path, debt.gid, self._cursor.start_date)
                    debts.append((debt, replace(request, is_debt=True, is_probe=True)))
                else:
                    ledger.on_parent_gone(debt)
        return debts

    def _pages(self, items: Iterable[WorkItem]) -> FetchScheduler:
        session, stream = self._session, self._stream
        return session.run.fetcher.read(items, on_idle=prefetch_of(stream, session))

    def _batch(self, page: Page, ledger: Ledger) -> Batch:
        """Return the new records of a page; a refused page becomes a debt."""
        refusal, kind = self._run.directory.skip_truncated(page).unavailable, parent_kind(page.request.label)
        if refusal is not None:
            ledger.on_unavailable(Debt(kind, page.request.parent_keys[f"{kind}_gid"]), refusal.status)
        rows = ({**page.request.parent_keys, **record} for record in page.records)
        return Batch(self._stream.name, self._deduplicator.new(rows))

    def _items(self, workspace: Workspace, window: SyncWindow) -> Iterator[WorkItem]:
        """Yield the lists behind the position of a window; those of new parents are read from the start date on."""
        done, directory, cursor = window.position(LANE), self._run.directory, self._cursor
        for place, path in enumerate(self._stream.list_paths()):
            kind = parent_kind(path)
            required = self._stream.requires_field.get(kind)
            new = self._session.parents.new(kind, workspace, [cursor.last_run(workspace)])
            for parent in directory.parents(kind, workspace):
                key = (place, parent.sort_key, END_OF_PARENT)
                if (required is None or parent.attributes.get(required)) and (done is None or done < key):
                    since = cursor.start_date if parent.state_key in new else window.since
                    yield WorkItem(key, [self._request(workspace, path, parent.gid, since)])

    def _request(self, workspace: Workspace, path: str, gid: str, since: str | None) -> Request:
        keys = {f"{parent_kind(path)}_gid": gid}
        stream = self._stream
        request = self._run.directory.build_request(stream.name, path, keys, stream.opt_fields(), workspace)
        return request.with_params(path, **({self._param: since} if since else {}))


@dataclass(frozen=True)
class Log(Reader):
    """A log of each workspace, which Asana lists in order of time; `param` is the parameter for its first instant.

    Asana drops old entries, so a table can hold more than can be read again.
    """

    is_rereadable: ClassVar[bool] = False
    param: str

    @override
    def read(self, stream: StreamFacts, session: SyncSession) -> Iterator[Event]:
        """Yield the entries since the bookmark, of each workspace whose log no other stream has read for this one."""
        cursor, workspaces = session.cursor(stream), session.run.directory.workspaces
        unread = [workspace for workspace in workspaces if session.claim(stream.name, workspace.gid)]
        self.prefetch(stream, session, ((workspace, cursor.window(workspace).since) for workspace in unread))
        for workspace in unread:
            is_refused = False
            for page in self.pages(stream, session, workspace, cursor.window(workspace).since):
                is_refused = is_refused or page.unavailable is not None
                yield from self.entries(stream, session, workspace, page)
            if not is_refused:
                yield self.close(stream, session, workspace)

    def prefetch(
        self, stream: StreamFacts, session: SyncSession, starts: Iterable[tuple[Workspace, str | None]]
    ) -> None:
        """Prefetch the first page of each workspace's log, from an instant on."""
        requests = (self._request(stream, session, workspace, since) for workspace, since in starts)
        session.run.fetcher.prefetch(requests)

    def pages(
        self, stream: StreamFacts, session: SyncSession, workspace: Workspace, since: str | None
    ) -> Iterator[Page]:
        """Return the pages of a workspace's log from an instant on."""
        item = WorkItem((0,), [self._request(stream, session, workspace, since)])
        return session.run.fetcher.read([item], on_idle=prefetch_of(stream, session))

    def entries(self, stream: StreamFacts, session: SyncSession, workspace: Workspace, page: Page) -> Iterator[Event]:
        """Yield the entries of a page, and move the stream's position to the last valid time."""
        yield Batch(stream.name, page.records, page.request.parent_keys)
        moments = [moment for record in page.records if (moment := _moment(record, str(stream.replication_key)))]
        if moments:
            cursor = session.cursor(stream)
            window = replace(cursor.window(workspace), since=moments[-1])
            yield Commit(partial(cursor.bookmark(workspace).advance, window))

    def close(self, stream: StreamFacts, session: SyncSession, workspace: Workspace) -> Commit:
        """Return the commit that ends the read of a workspace's log."""
        cursor = session.cursor(stream)
        # `since` was moved to the last entry, so it does not limit the records read so far.
        return Commit(lambda: cursor.bookmark(workspace).close(replace(cursor.window(workspace), since=None)))

    def _request(self, stream: StreamFacts, session: SyncSession, workspace: Workspace, since: str | None) -> Request:
        directory = session.run.directory
        request = directory.build_request(stream.name, stream.path, {}, stream.opt_fields(), workspace)
        return request if since is None else request.with_params(request.label, **{self.param: since})


def prefetch_of(stream: StreamFacts, session: SyncSession) -> Callable[[], None]:
    """Return a function that prefetches the streams after one, or does nothing while that one goes first."""
    return (lambda: None) if session.goes_first(stream) else partial(session.lists.prefetch_following, stream)


def _moment(record: Record, field: str) -> str | None:
    """Return the time of an entry, None if it cannot be parsed."""
    try:
        return format_instant(parse_instant(str(record.get(field))))
    except AsanaError:
        return None
