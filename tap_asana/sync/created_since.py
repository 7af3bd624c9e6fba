"""The read of a stream whose lists Asana filters by time of creation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import END_OF_PARENT, WorkItem
from tap_asana.fetch.scheduler import FetchScheduler
from tap_asana.parents.kinds import Parent, Workspace, parent_kind
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.debts import Debt, Ledger
from tap_asana.sync.cursor import owe_lists, report_payment
from tap_asana.sync.facts import Commit, Deduplicator, Event, StreamFacts
from tap_asana.sync.read_session import ReadSession
from tap_asana.tasks.events import Batch

LANE = "lists"
"""The name of the only lane of a read, in the state."""


class CreatedSinceRead:
    """One read of a stream whose lists Asana filters by time of creation."""

    def __init__(self, param: str, stream: StreamFacts, session: ReadSession) -> None:
        """Read nothing yet; `param` is the name of the parameter."""
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
        self._cursor.read_from_start_date(workspace)
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
        """Yield the lists of a workspace, and move the bookmark when all are read.

        What was created since the start of an interrupted read follows its rest, unless that start is recent.
        """
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
        if self._cursor.began_long_ago(window) and not self._session.limit:
            yield from self.read(workspace)

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
        return session.run.fetcher.read(items, on_idle=session.prefetch_of(stream))

    def _batch(self, page: Page, ledger: Ledger) -> Batch:
        """Return the new records of a page; a refused page becomes a debt."""
        refusal, kind = self._run.directory.skip_truncated(page).unavailable, parent_kind(page.request.label)
        if refusal is not None:
            ledger.on_unavailable(Debt(kind, page.request.parent_keys[f"{kind}_gid"]), refusal.status)
        rows = ({**page.request.parent_keys, **record} for record in page.records)
        return Batch(self._stream.name, self._deduplicator.new(rows))

    def _items(self, workspace: Workspace, window: SyncWindow) -> Iterator[WorkItem]:
        """Yield the lists behind the position of a window; those of new parents are read from the start date on."""
        done, cursor = window.position(LANE), self._cursor
        for place, path in enumerate(self._stream.list_paths()):
            kind = parent_kind(path)
            new = self._session.parents.new(kind, workspace, [cursor.last_run(workspace)])
            if new:
                cursor.read_from_start_date(workspace)
            for parent in self._likely_parents(workspace, path):
                key = (place, parent.sort_key, END_OF_PARENT)
                if done is None or done < key:
                    since = cursor.start_date if parent.state_key in new else window.since
                    yield WorkItem(key, [self._request(workspace, path, parent.gid, since)])

    def _likely_parents(self, workspace: Workspace, path: str) -> list[Parent]:
        """Return the parents whose list may hold anything."""
        directory, kind = self._run.directory, parent_kind(path)
        parents, hint = directory.parents(kind, workspace), self._stream.requires_field.get(kind)
        if hint is None:
            return parents
        return directory.hints.likely_parents(
            parents, hint, workspace, lambda parent: self._request(workspace, path, parent.gid, None)
        )

    def _request(self, workspace: Workspace, path: str, gid: str, since: str | None) -> Request:
        keys = {f"{parent_kind(path)}_gid": gid}
        stream = self._stream
        request = self._run.directory.build_request(stream.name, path, keys, stream.opt_fields(), workspace)
        return request.with_params(path, **({self._param: since} if since else {}))
