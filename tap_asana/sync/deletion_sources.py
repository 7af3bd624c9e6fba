"""The reader of deletions and restorations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from tap_asana.sync.changed_objects import NAMED_BY_EVENTS
from tap_asana.sync.facts import Event, StreamFacts
from tap_asana.sync.reader import LOG_LOOKBACK_SECONDS, Reader
from tap_asana.sync.readers import Log

if TYPE_CHECKING:
    from tap_asana.api.request import Request
    from tap_asana.parents.kinds import Workspace
    from tap_asana.sync.deletions import DeletionsRead
    from tap_asana.sync.read_session import ReadSession


@dataclass(frozen=True)
class DeletionSources(Reader):
    """The audit log of a workspace, else its events, else the events of each project.

    `log` is the reader of the stream of the whole audit log, which takes its entries from the same pages.
    """

    is_rereadable: ClassVar[bool] = False
    min_lookback_seconds: ClassVar[int] = LOG_LOOKBACK_SECONDS
    log: Log

    @override
    def goes_first(self, stream: StreamFacts, later: StreamFacts | None, session: ReadSession) -> bool:
        """Return whether a later stream waits for the events.

        Each one waits for a first read: nobody would report the deletion of an earlier row. Later reads precede the
        objects that events name: an older record would count as one with the change.
        """
        if later is not None and later.name in NAMED_BY_EVENTS:
            return True
        bookmarks = (session.cursor(stream).bookmark(workspace) for workspace in session.run.directory.workspaces)
        return any(bookmark.value is None for bookmark in bookmarks)

    @override
    def first_requests(self, stream: StreamFacts, workspace: Workspace, session: ReadSession) -> Iterable[Request]:
        """Return the requests that need no list of projects; they are sent while that list is read."""
        return self._read(stream, session).first_requests(workspace)

    @override
    def read(self, stream: StreamFacts, session: ReadSession) -> Iterator[Event]:
        """Yield the deletions since the bookmark, of all workspaces from one source before the next is requested."""
        from tap_asana.sync.missing_projects import MissingProjects  # noqa: PLC0415 - discovery does not import it

        return MissingProjects(stream, session).after(self._read(stream, session).events())

    def _read(self, stream: StreamFacts, session: ReadSession) -> DeletionsRead:
        from tap_asana.sync.deletions import DeletionsRead  # noqa: PLC0415 - discovery does not import what reads

        return DeletionsRead(self.log, stream, session)
