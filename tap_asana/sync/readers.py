"""The readers of snapshots, of lists that Asana filters by time of creation, and of logs.

What only reads is imported when the first record is read, so that discovery starts as fast as that of a small tap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from tap_asana.config import EPOCH
from tap_asana.errors import AsanaError
from tap_asana.parents.kinds import PARENT_FIELDS, parent_kind
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.sync.facts import Commit, Event, StreamFacts
from tap_asana.sync.reader import LOG_LOOKBACK_SECONDS, Reader
from tap_asana.tasks.events import Batch

if TYPE_CHECKING:
    from tap_asana.api.request import Page, Request
    from tap_asana.parents.kinds import Workspace
    from tap_asana.sync.created_since import CreatedSinceRead
    from tap_asana.sync.read_session import ReadSession

LOGGED_AT = "created_at"
"""The field with the time of a log's entry."""

LOG_LANE = "log"
"""The lane whose position is the time of the last entry written, in milliseconds since EPOCH."""


@dataclass(frozen=True)
class Snapshot(Reader):
    """Every list as a whole, in every run."""

    is_prefetchable: ClassVar[bool] = True

    @override
    def read(self, stream: StreamFacts, session: ReadSession) -> Iterator[Event]:
        """Yield the records of the stream's lists, for all streams with records in them."""
        return session.lists.read(stream)

    @override
    def is_whole(self, stream: StreamFacts, session: ReadSession) -> bool:
        """Return True: no bookmark or start date leaves anything out."""
        return True


@dataclass(frozen=True)
class TokenWorkspaces(Snapshot):
    """The workspaces of the token that the settings select; all lists are requested under them."""

    @override
    def read(self, stream: StreamFacts, session: ReadSession) -> Iterator[Event]:
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
    def read(self, stream: StreamFacts, session: ReadSession) -> Iterator[Event]:
        """Yield the records created since the bookmark, workspace by workspace."""
        read = self._read(stream, session)
        workspaces = session.run.directory.workspaces
        session.run.fetcher.prefetch(read.first_requests(workspaces))
        for workspace in workspaces:
            yield from read.pay(workspace)
            yield from read.read(workspace)

    @override
    def first_requests(
        self, stream: StreamFacts, workspace: Workspace, session: ReadSession
    ) -> Iterable[Request] | None:
        """Return the requests below the parents of a workspace, once they are listed."""
        kinds = map(parent_kind, stream.list_paths())
        is_known = all(session.run.directory.is_loaded(kind, workspace) for kind in kinds)
        return self._read(stream, session).first_requests([workspace]) if is_known else None

    def _read(self, stream: StreamFacts, session: ReadSession) -> CreatedSinceRead:
        from tap_asana.sync.created_since import CreatedSinceRead  # noqa: PLC0415 - discovery does not import what reads

        return CreatedSinceRead(self.param, stream, session)


@dataclass(frozen=True)
class Log(Reader):
    """A log of each workspace, which Asana lists in order of time; `param` is the parameter for its first instant.

    Asana drops old entries, so a table can hold more than can be read again.
    """

    is_rereadable: ClassVar[bool] = False
    min_lookback_seconds: ClassVar[int] = LOG_LOOKBACK_SECONDS
    param: str

    @override
    def goes_first(self, stream: StreamFacts, later: StreamFacts | None, session: ReadSession) -> bool:
        """Return whether a workspace is read for the first time: nobody would report the deletion of an earlier row.

        A token that may not read the log has no bookmark in later runs either, and these go ahead.
        """
        unread = (each for each in session.run.directory.workspaces if not session.has_read_before(each))
        return any(session.cursor(stream).bookmark(workspace).value is None for workspace in unread)

    @override
    def read(self, stream: StreamFacts, session: ReadSession) -> Iterator[Event]:
        """Yield the entries since the bookmark, of each workspace whose log no other stream has read for this one."""
        workspaces = session.run.directory.workspaces
        unread = [workspace for workspace in workspaces if session.claim(stream.name, workspace.gid)]
        self.prefetch(stream, session, ((workspace, self.start(stream, session, workspace)) for workspace in unread))
        for workspace in unread:
            is_refused = False
            for page in self.pages(stream, session, workspace, self.start(stream, session, workspace)):
                is_refused = is_refused or page.unavailable is not None
                yield from self.entries(stream, session, workspace, page)
            if not is_refused:
                yield self.close(stream, session, workspace)

    def prefetch(
        self, stream: StreamFacts, session: ReadSession, starts: Iterable[tuple[Workspace, str | None]]
    ) -> None:
        """Prefetch the first page of each workspace's log, from an instant on."""
        requests = (self.request(stream, session, workspace, since) for workspace, since in starts)
        session.run.fetcher.prefetch(requests)

    def start(self, stream: StreamFacts, session: ReadSession, workspace: Workspace) -> str | None:
        """Return where a stream's read of a workspace's log begins: an interrupted one at the last entry written."""
        window = session.cursor(stream).window(workspace)
        position = window.position(LOG_LANE)
        last = format_instant(EPOCH + timedelta(milliseconds=position[0])) if position else None
        return max(filter(None, (window.since, last)), key=parse_instant, default=None)

    def pages(
        self, stream: StreamFacts, session: ReadSession, workspace: Workspace, since: str | None
    ) -> Iterator[Page]:
        """Yield the pages of a workspace's log from an instant on.

        If Asana truncates it, the list begins again at its last entry; it counts as refused if that brings nothing new.
        """
        from tap_asana.fetch.lane import WorkItem  # noqa: PLC0415 - discovery does not import what reads

        begin, is_read = since, False
        while not is_read:
            item, last, is_read = WorkItem((0,), [self.request(stream, session, workspace, begin)]), begin, True
            for page in session.run.fetcher.read([item], on_idle=session.prefetch_of(stream)):
                last = max([last or "", *_moments(page)]) or None
                is_read = not page.truncated or last == begin
                if not page.truncated or is_read:
                    yield session.run.directory.skip_truncated(page)
            begin = last

    def entries(self, stream: StreamFacts, session: ReadSession, workspace: Workspace, page: Page) -> Iterator[Event]:
        """Yield the entries of a page, and move the stream's position to the last valid time."""
        yield Batch(stream.name, page.records, page.request.parent_keys)
        if moments := _moments(page):
            cursor = session.cursor(stream)
            position = (parse_instant(moments[-1]) - EPOCH) // timedelta(milliseconds=1)
            window = cursor.window(workspace)
            if window.position(LOG_LANE) is None and not cursor.began(window):
                window = replace(window, since=None)  # an older version kept the position there
            yield Commit(partial(cursor.bookmark(workspace).advance, window.advanced({LOG_LANE: (position,)})))

    def close(self, stream: StreamFacts, session: ReadSession, workspace: Workspace) -> Commit:
        """Return the commit that ends the read of a workspace's log."""
        cursor = session.cursor(stream)
        return Commit(lambda: cursor.bookmark(workspace).close(cursor.window(workspace)))

    def request(self, stream: StreamFacts, session: ReadSession, workspace: Workspace, since: str | None) -> Request:
        """Return the request for the first page of a workspace's log, from an instant on."""
        directory = session.run.directory
        request = directory.build_request(stream.name, stream.path, {}, stream.opt_fields(), workspace)
        return request if since is None else request.with_params(request.label, **{self.param: since})


def _moments(page: Page) -> list[str]:
    """Return the times of a page's entries that can be parsed."""
    return [moment for record in page.records if (moment := _moment(record.get(LOGGED_AT)))]


def _moment(text: object) -> str | None:
    """Return the time of an entry, None if it cannot be parsed."""
    try:
        return format_instant(parse_instant(str(text)))
    except AsanaError:
        return None
