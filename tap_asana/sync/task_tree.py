"""The reader of tasks and of everything below them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from tap_asana.sync.facts import Event, StreamFacts
from tap_asana.sync.reader import Reader
from tap_asana.tasks.events import TASKS

UNANNOUNCED = "workspace %s: no version of tasks is announced, because %s"
HIDDEN = "projects have just changed, and searches may leave out archived ones"

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    from tap_asana.api.request import Request
    from tap_asana.parents.kinds import Workspace
    from tap_asana.sync.read_session import ReadSession
    from tap_asana.sync.task_tree_read import TaskTreeRead


@dataclass(frozen=True)
class TaskTree(Reader):
    """Tasks, or the objects below every task; all streams of this kind are read by one traversal.

    The stream's `path` lists the objects of one task. Its `paths` are lists under other parents, which are read first.
    """

    is_prefetchable: ClassVar[bool] = True

    @override
    def list_paths(self, path: str, paths: Sequence[str]) -> Sequence[str]:
        """Return the lists under other parents than tasks."""
        return paths

    @override
    def begin(self, session: ReadSession) -> Iterator[Event]:
        """Request the exports, if tasks are read by export: Asana makes them while other lists are read."""
        if session.run.strategy.exports and session.run.directory.include_archived:
            yield from self._read(session).begin()

    @override
    def read(self, stream: StreamFacts, session: ReadSession) -> Iterator[Event]:
        """Yield the records of all streams with this reader at the first call, nothing at later calls."""
        if session.claim(TASKS):
            yield from self._read(session).events()

    def _read(self, session: ReadSession) -> TaskTreeRead:
        from tap_asana.sync.task_tree_read import TaskTreeRead  # noqa: PLC0415 - discovery does not import what reads

        members = {stream.name: stream for stream in session.streams if stream.reader == self}
        return TaskTreeRead(members, session)

    @override
    def first_requests(
        self, stream: StreamFacts, workspace: Workspace, session: ReadSession
    ) -> Iterable[Request] | None:
        """Return the first lists of tasks of a workspace, at the stream whose lists are read directly before them."""
        members = [each for each in session.streams if each.reader == self]
        last = next((each for each in reversed(members) if each.list_paths()), members[0])
        return self._read(session).first_requests(workspace) if stream is last else ()

    @override
    def is_whole(self, stream: StreamFacts, session: ReadSession) -> bool:
        """Return True if the traversal skipped nothing either: all streams are below tasks."""
        from tap_asana.sync.restored_projects import may_hide_tasks  # noqa: PLC0415 - discovery does not import what reads

        run = session.run
        if not super().is_whole(stream, session) or run.client.metrics[TASKS].skipped_by_status:
            return False
        lacking = run.strategy.lacking
        if session.claim("versions of tasks"):  # once, for all streams
            hiding = (each.gid for each in run.directory.workspaces if may_hide_tasks(session, each))
            lacking.update(dict.fromkeys(hiding, HIDDEN))
            for gid, reason in lacking.items():
                logger.info(UNANNOUNCED, gid, reason)
        return not lacking
