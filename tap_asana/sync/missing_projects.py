"""Projects that are not listed any more, although neither an event nor the audit log says that they were deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial

from tap_asana.api.request import Request
from tap_asana.fetch.lane import WorkItem
from tap_asana.parents.kinds import Workspace
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.instants import format_instant
from tap_asana.state.resume_points import SyncTokens
from tap_asana.sync.deletion_records import PROJECT, PROJECTS, from_absence
from tap_asana.sync.facts import Commit, Event, StreamFacts
from tap_asana.sync.inventory import STREAMS_OF_TASKS
from tap_asana.sync.missed_events import UNLISTED, report_missed
from tap_asana.sync.read_session import ReadSession
from tap_asana.tasks.events import Batch


class MissingProjects:
    """The projects that an earlier run has listed, and that this one does not. Each is requested by its gid.

    What Asana does not know any more was deleted. Only reads of projects and of tasks keep the projects in state. Where
    the deletions come from the events of each project, one that is missing has a sync token, and its last events say
    more; it has none if the run that listed it was killed before that.
    """

    def __init__(self, stream: StreamFacts, session: ReadSession) -> None:
        """Request nothing yet; `stream` is that of the deletions."""
        self._stream = stream
        self._session = session
        self._directory = session.run.directory

    def after(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the events of a read of deletions, and then the deletions of projects that it has not named.

        A first read asks for STATE before it, which names the projects that are written, and after it, with the first
        sync tokens: a run that is killed later then knows of every row what was deleted since.
        """
        cursor, workspaces = self._session.cursor(self._stream), self._directory.workspaces
        starts = {workspace: cursor.bookmark(workspace).value for workspace in workspaces}
        is_first = None in starts.values()
        followed = {workspace: self._tokens(workspace).gids for workspace in workspaces}
        named: set[str] = set()
        if is_first and PROJECTS in self._session.completed:
            yield Commit(lambda: None, force=True)
        for event in events:
            if isinstance(event, Batch) and event.stream == self._stream.name:
                rows = (row for row in event.records if row["action"] == "deleted")
                named |= {f"{row['gid']}" for row in rows if row["resource_type"] == "project"}
            yield event
        keeps_projects = any(stream.name in {PROJECTS, *STREAMS_OF_TASKS} for stream in self._session.selected)
        for workspace in workspaces if keeps_projects and self._session.limit is None else ():
            if self._session.parents.are_known("project", workspace):
                yield from self._deletions(workspace, named, followed[workspace], starts[workspace])
        if is_first:
            yield Commit(lambda: None, force=True)

    def _deletions(
        self, workspace: Workspace, named: Collection[str], followed: Collection[str], start: str | None
    ) -> Iterator[Event]:
        """Yield the deletions of a workspace; for what Asana fails to answer, the next run asks again.

        `named` has an event, and the events of those in `followed` were requested, if each project has its own. No
        later run hears of another one that exists, as a line says: its events are unknown since `start`.
        """
        self._session.parents.visible("project", workspace)  # keeps those that are not listed any more
        listed = {project.gid for project in self._directory.parents("project", workspace)}
        state = self._session.parents.missing("project", workspace)
        have_own_events = self._tokens(workspace).are_of_projects
        missing = state.keys - listed - set(named)
        missing -= set(followed) if have_own_events else set()
        is_list_whole = self._directory.unavailable_reason("project", workspace) is None
        unanswered = set[str]() if is_list_whole else missing
        items = (
            WorkItem((int(gid),), [self._request(workspace, gid)]) for gid in sorted(missing - unanswered, key=int)
        )
        for page in self._session.run.fetcher.read(items):
            gid, refusal = page.request.parent_keys["project_gid"], page.unavailable
            if refusal and refusal.is_failure:
                unanswered.add(gid)
            elif refusal and refusal.status in GONE_STATUSES:
                row = from_absence(gid, "project", workspace.gid, self._session.run.start, "projects")
                yield Batch(self._stream.name, [row])
            elif have_own_events:
                until = format_instant(self._session.run.latest_now)
                report_missed({gid: start}, until, UNLISTED, has_log=False)
        if state.keys:
            yield Commit(partial(state.replace, unanswered))

    def _tokens(self, workspace: Workspace) -> SyncTokens:
        return SyncTokens(self._session.state_of(self._stream.name), workspace.gid)

    def _request(self, workspace: Workspace, gid: str) -> Request:
        keys = {"project_gid": gid}
        request = self._directory.build_request(self._stream.name, PROJECT, keys, ["name"], workspace)
        return replace(request.with_params(PROJECT), is_probe=True)
