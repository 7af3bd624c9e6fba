"""The read of deletions and restorations, from the best source of each workspace."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus

from tap_asana.api.decoding import Record
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.fetch.lane import WorkItem
from tap_asana.parents.kinds import Workspace
from tap_asana.state.instants import format_instant
from tap_asana.state.resume_points import SyncTokens
from tap_asana.sync.deletion_records import (
    PROJECT,
    DepartedProject,
    from_absence,
    from_event,
    from_log_entry,
    is_deletion,
)
from tap_asana.sync.facts import Commit, Deduplicator, Event, StreamFacts
from tap_asana.sync.missed_events import DELETED, TOO_OLD, UNFOLLOWED, UNLISTED, report_missed, retain_tokens
from tap_asana.sync.read_session import ReadSession
from tap_asana.sync.readers import Log
from tap_asana.sync.selection_gaps import name_selection_gap
from tap_asana.tasks.events import Batch

WORKSPACE_EVENTS = "/workspaces/{workspace_gid}/events"
PROJECT_EVENTS = "/events?resource={project_gid}"
FIELDS = (
    *("action", "change.field", "created_at", "type", "user.name"),
    *("parent.name", "parent.resource_type", "resource.name", "resource.resource_type"),
)
"""The opt_fields of events; `type` is an older name of the resource's kind."""

logger = logging.getLogger(__name__)

SourceRead = Generator[Event, None, Unavailable | None]
"""The events of one source in a workspace; it returns why the source is unavailable, or None."""


class DeletionsRead:
    """One read of the deletions."""

    def __init__(self, log: Log, stream: StreamFacts, session: ReadSession) -> None:
        """Read nothing yet; `log` reads the audit log."""
        self._log = log
        self._stream = stream
        self._session = session
        self._run = session.run
        self._changes = session.changes
        self._cursor = session.cursor(stream)
        self._deduplicator = Deduplicator(stream.primary_keys)
        self._starts = {each: self._cursor.bookmark(each).value for each in self._run.directory.workspaces}
        self._logged: list[Workspace] = []

    def first_requests(self, workspace: Workspace, *, with_projects: bool = False) -> Iterator[Request]:
        """Yield the first requests to the sources of the last run; those of projects need the list of projects."""
        yield self._log.request(self._stream, self._session, workspace, self._since(workspace))
        gids = self._tokens(workspace).gids
        if gids:
            yield from self._first_requests(workspace, WORKSPACE_EVENTS).values()
        if with_projects and gids - {workspace.gid}:
            yield from self._first_requests(workspace, PROJECT_EVENTS).values()

    def events(self) -> Iterator[Event]:
        """Yield the deletions of each workspace; without any source the bookmark moves on too."""
        workspaces = self._run.directory.workspaces
        for workspace in workspaces:
            self._run.fetcher.prefetch(self.first_requests(workspace, with_projects=True))
        for workspace in workspaces:
            yield from name_selection_gap(self._session, self._stream, workspace)
        unlogged = yield from self._read_source(self._from_log, workspaces)
        yield from self._follow([each for each in workspaces if each in self._logged or self._begins(each, unlogged)])
        workspaces = unlogged
        for path in (WORKSPACE_EVENTS, PROJECT_EVENTS):
            self._run.fetcher.prefetch(
                request for workspace in workspaces for request in self._first_requests(workspace, path).values()
            )
            workspaces = yield from self._read_source(partial(self._from_events, path), workspaces)
        for workspace in workspaces:
            yield from self._close(workspace)

    def _begins(self, workspace: Workspace, unlogged: Collection[Workspace]) -> bool:
        """Return whether the log has failed for now, and events are to be followed from this run on, the first one."""
        is_first = self._starts[workspace] is None and self._tokens(workspace).get(workspace.gid) is None
        return is_first and workspace not in unlogged

    def _follow(self, workspaces: Sequence[Workspace]) -> Iterator[Event]:
        """Read the events of workspaces whose audit log was read, for the changes that it does not tell.

        Sync tokens never pass the bookmark: the plan may lose a log that failed before the next run.
        """
        if not self._changes:
            return
        self._run.fetcher.prefetch(
            request for each in workspaces for request in self._first_requests(each, WORKSPACE_EVENTS).values()
        )
        for workspace in workspaces:
            unavailable = yield from self._from_events(WORKSPACE_EVENTS, workspace, has_log=True)
            if unavailable is not None:
                logger.info(
                    "workspace %s: changes that move no modified_at are not followed: its events are refused (%s)",
                    *(workspace.gid, unavailable.label),
                )

    def _read_source(
        self, source: Callable[[Workspace], SourceRead], workspaces: Iterable[Workspace]
    ) -> Generator[Event, None, tuple[Workspace, ...]]:
        """Yield the deletions of one source; return the workspaces that it is permanently unavailable for.

        After a temporary failure no other source takes over: the next run requests it from the same position.
        """
        remaining_workspaces = []
        for workspace in workspaces:
            unavailable = yield from source(workspace)
            if unavailable and (unavailable.is_permanent or self._refuses_for_good(workspace, unavailable)):
                remaining_workspaces.append(workspace)
            elif unavailable is None or not self._has_rows(workspace):  # a first run has nothing to repeat
                yield from self._close(workspace)
        return tuple(remaining_workspaces)

    def _refuses_for_good(self, workspace: Workspace, unavailable: Unavailable) -> bool:
        """Return whether a 400 lasts, because no run has read the log or the events of the workspace."""
        known_gids = self._tokens(workspace).gids
        has_read = workspace.gid in known_gids or (self._starts[workspace] is not None and not known_gids)
        return unavailable.status == HTTPStatus.BAD_REQUEST and not has_read

    def _close(self, workspace: Workspace) -> Iterator[Commit]:
        window = replace(self._cursor.window(workspace), since=None)  # no start date leaves deletions out
        close = partial(self._cursor.bookmark(workspace).close, window)
        tokens, start = self._tokens(workspace), self._starts[workspace]
        if workspace in self._logged and start and tokens.get(workspace.gid):
            # The bookmark of the log passes the events, which are read later: a run may be killed before that.
            yield Commit(partial(tokens.keep_gap, workspace.gid, start))
        yield from self._once_followed(workspace, "bookmark", close, waits=self._changes.has_waiting(workspace.gid))

    def _once_followed(
        self, workspace: Workspace, name: str, keep: Callable[[], object], *, waits: bool
    ) -> Iterator[Commit]:
        """Yield a change of state, or have it wait until all changed objects of the workspace are written (law 3)."""
        if waits:
            self._changes.wait(workspace.gid, name, keep)
        else:
            yield Commit(keep)

    def _batch(self, rows: Iterable[Record]) -> Batch:
        return Batch(self._stream.name, self._deduplicator.new(rows))

    def _since(self, workspace: Workspace) -> str | None:
        """Return the start of the log to read: objects deleted before the first run were never replicated."""
        return self._cursor.window(workspace).since if self._has_rows(workspace) else self._run.start

    def _has_rows(self, workspace: Workspace) -> bool:
        return self._starts[workspace] is not None or self._session.has_read_before(workspace)

    def _is_late(self, workspace: Workspace) -> bool:
        """Return whether earlier runs have read other streams of a workspace, and no deletions (law 2)."""
        is_first = self._starts[workspace] is None and not self._tokens(workspace).gids
        return is_first and self._session.has_read_before(workspace)

    def _from_log(self, workspace: Workspace) -> SourceRead:
        """Yield deletions from the audit log.

        The stream of the whole log takes its entries from the same pages if it is at the same position. If the log is
        unavailable, it is so for both streams.
        """
        unavailable: Unavailable | None = None
        session, since = self._session, self._since(workspace)
        followers = [follower for follower in session.streams if follower.reader == self._log]
        in_step = [follower for follower in followers if self._log.start(follower, session, workspace) == since]
        for page in self._log.pages(self._stream, session, workspace, since):
            if page.unavailable is not None:
                unavailable = page.unavailable
                for follower in followers:
                    request = replace(page.request, stream=follower.name)
                    self._run.client.metrics.record_skip(request, page.unavailable)
                    session.claim(follower.name, workspace.gid)
            for follower in in_step:
                yield from self._log.entries(follower, session, workspace, page)
            deletions = (from_log_entry(entry, workspace.gid) for entry in page.records)
            rows = [deletion for deletion in deletions if deletion is not None]
            yield Batch(self._stream.name, rows)
        for follower in () if unavailable else in_step:
            session.claim(follower.name, workspace.gid)
            yield self._log.close(follower, session, workspace)
        self._logged += [] if unavailable else [workspace]
        return unavailable

    def _tokens(self, workspace: Workspace) -> SyncTokens:
        return SyncTokens(self._session.state_of(self._stream.name), workspace.gid)

    def _first_requests(self, workspace: Workspace, path: str) -> Mapping[str, Request]:
        """Return the first request for the events of each resource, by gid and in the order of gids."""
        gids = [workspace.gid]
        if path == PROJECT_EVENTS:
            gids = [project.gid for project in self._run.directory.parents("project", workspace)[: self._session.limit]]
        tokens = self._tokens(workspace)
        return {gid: self._events_request(workspace, path, gid, tokens.get(gid)) for gid in sorted(gids, key=int)}

    def _from_events(self, path: str, workspace: Workspace, *, has_log: bool = False) -> SourceRead:
        """Yield deletions from the events of resources, unless the audit log has named them."""
        tokens, requests = self._tokens(workspace), self._first_requests(workspace, path)
        refusals: dict[str, Unavailable] = {}
        departed_gids = self._departed(workspace, path, tokens, requests)
        # Another source was read before, or none, if there is a bookmark but no token at all: a project without a
        # token, next to others with one, is only new.
        has_tokens = any(map(tokens.get, requests)) or bool(departed_gids)
        was_read = self._starts[workspace] is not None and not has_log
        takes_over = not has_tokens and (was_read or self._is_late(workspace))
        items = [WorkItem((int(gid),), [replace(each, is_probe=has_log)]) for gid, each in requests.items()]
        items += [WorkItem((int(gid),), project.requests) for gid, project in departed_gids.items()]
        on_idle = self._session.prefetch_of(self._stream)
        scheduler = self._session.run.fetcher.read(sorted(items, key=lambda item: item.key), on_idle=on_idle)
        named: set[str] = set()
        renewed: dict[str, str] = {}
        source = "workspace_events" if path == WORKSPACE_EVENTS else "project_events"
        for page in scheduler:
            gid = page.request.parent_keys["resource_gid"]
            project_gid = gid if path == PROJECT_EVENTS else None
            named |= {gid} if self._changes.add(workspace.gid, page.records, project_gid) else set()
            if gid in departed_gids:
                departed_gids[gid].add(page)
            else:
                refusals |= {gid: page.unavailable} if page.unavailable else {}
                renewed |= {gid: page.sync_token} if page.sync_token_expired and page.sync_token else {}
            if page.has_more:
                more = self._events_request(workspace, path, gid, page.sync_token)
                scheduler.add_requests([replace(more, is_probe=page.request.is_probe)])
            deletions = (
                from_event(event, workspace.gid) for event in page.records if not has_log and is_deletion(event)
            )
            yield self._batch({**deletion, "source": source} for deletion in deletions)
            if page.sync_token is not None and gid in requests and gid not in renewed:
                store = partial(tokens.store, gid, page.sync_token)
                yield from self._once_followed(workspace, gid, store, waits=gid in named)
        expired_gids = [workspace.gid] if takes_over else list(filter(tokens.may_miss, renewed))
        # A first read by projects that finds none has no token that could have expired.
        is_empty = not requests and not tokens.are_of_projects
        if (renewed or is_empty) and expired_gids:
            self._report(workspace, expired_gids, UNFOLLOWED if self._changes else TOO_OLD, has_log=has_log)
        # After the warning: a run that is killed before it leaves the expired tokens to the next one.
        for gid, token in renewed.items():
            yield from self._once_followed(workspace, gid, partial(tokens.store, gid, token), waits=gid in named)
        yield from (self._batch(self._last_deletion(workspace, gid, each)) for gid, each in departed_gids.items())
        is_refused = bool(requests) and len(refusals) == len(requests)
        # An unavailable source must not drop the tokens of the source that replaces it.
        refused_gids, known_gids = ((), departed_gids) if is_refused else (refusals, tokens.gids)
        are_known = path == WORKSPACE_EVENTS or self._run.directory.unavailable_reason("project", workspace) is None
        if are_known and (departed_gids or not is_refused):
            start = self._starts[workspace] or self._run.start
            retain = partial(retain_tokens, tokens, requests, refused_gids, departed_gids, start, known_gids=known_gids)
            yield from self._once_followed(workspace, "tokens", retain, waits=bool(named))
        return min(refusals.values(), key=lambda refused: refused.is_permanent) if is_refused else None

    def _departed(
        self, workspace: Workspace, path: str, tokens: SyncTokens, requests: Mapping[str, Request]
    ) -> dict[str, DepartedProject]:
        """Return the projects with a sync token, but without an entry in the list of projects."""
        are_unknown = self._run.directory.unavailable_reason("project", workspace) is not None
        if path == WORKSPACE_EVENTS or self._session.limit or are_unknown:
            return {}
        gids = tokens.gids - requests.keys() - {workspace.gid}
        return {
            gid: DepartedProject(self._last_requests(workspace, gid, tokens.get(gid))) for gid in sorted(gids, key=int)
        }

    def _last_requests(self, workspace: Workspace, gid: str, sync: str | None) -> list[Request]:
        """Return the requests for the last events of a project and for the project; refusals are answers too."""
        keys, directory = {"project_gid": gid, "resource_gid": gid}, self._run.directory
        project = directory.build_request(self._stream.name, PROJECT, keys, ["name"], workspace).with_params(PROJECT)
        events = self._events_request(workspace, PROJECT_EVENTS, gid, sync)
        return [replace(cursor_stream, is_probe=True) for cursor_stream in (events, project)]

    def _last_deletion(self, workspace: Workspace, gid: str, project: DepartedProject) -> Iterator[Record]:
        """Yield the deletion of a project if its events did not include it, and report events lost or yet to come."""
        if project.status == HTTPStatus.NOT_FOUND:
            if not project.is_deletion_known:
                yield from_absence(gid, "project", workspace.gid, self._run.start, "projects")
            if project.has_lost_events or not project.is_deletion_known:
                self._report(workspace, [gid], DELETED)
        elif project.status is not None:
            self._report(workspace, [gid], UNLISTED)

    def _events_request(self, workspace: Workspace, path: str, gid: str, sync: str | None) -> Request:
        keys = {"project_gid": gid, "resource_gid": gid}
        fields = () if path == WORKSPACE_EVENTS else FIELDS
        request = self._run.directory.build_request(self._stream.name, path, keys, fields, workspace).unpaged()
        return replace(request, lacks_gids=True).with_params(path, **({"sync": sync} if sync else {}))

    def _report(self, workspace: Workspace, gids: Iterable[str], reason: str, *, has_log: bool = False) -> None:
        """Warn that no source has what happened below resources until now; no other data is lost."""
        tokens, start = self._tokens(workspace), self._starts[workspace]
        starts = {gid: tokens.unknown_since(gid) or start for gid in gids}
        report_missed(starts, format_instant(self._run.latest_now), reason, has_log=has_log)
