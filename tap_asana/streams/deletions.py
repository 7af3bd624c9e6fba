"""What disappeared or came back, from the best source that a workspace has."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus

from singer_sdk.helpers.types import Context
from typing_extensions import override

from tap_asana.api.decoding import nested_object, text_field
from tap_asana.api.protocol import Record, Unavailable
from tap_asana.api.request import Request
from tap_asana.fetch.scheduler import WorkItem
from tap_asana.parents.kinds import Workspace
from tap_asana.records import fields as f
from tap_asana.records.known_people import USER_TYPES
from tap_asana.state.resume_points import SyncTokens
from tap_asana.streams.audit import AuditLogEvents
from tap_asana.streams.departed_project import PROJECT, DepartedProject
from tap_asana.sync.log_stream import LogStream

ACTIONS = frozenset({"deleted", "undeleted", "removed"})
WORKSPACE_EVENTS = "/workspaces/{workspace_gid}/events"
PROJECT_EVENTS = "/events?resource={project_gid}"
FIELDS = (
    *("action", "created_at", "type", "user.name"),
    *("parent.name", "parent.resource_type", "resource.name", "resource.resource_type"),
)
"""What is asked of events; `type` is the kind of the resource too, under its older name."""

TOO_OLD = "no sync token reaches back so far"
DELETED = "the project itself was deleted, and its events cannot be read any more"
UNLISTED = "the project is not in the list of projects any more"

logger = logging.getLogger(__name__)


class Deletions(LogStream):
    """What disappeared or came back since the last run; the first run only takes its bearings.

    Told by the audit log where the token may read it, else by the events of the workspace, else by those of each
    project (facts 3.4 and 3.10).
    """

    name = "deletions"
    path = "/workspaces/{workspace_gid}/audit_log_events"
    since_param = "start_at"
    primary_keys = ("gid", "action", "occurred_at", "parent_gid")
    replication_key = "occurred_at"
    # A user can disappear too.
    schema = f.personal(
        f.no_subfields(
            f.record(
                gid=f.required(f.text("Gid of what disappeared or came back.")),
                resource_type=f.text("Kind of thing that it is."),
                action=f.required(f.text("What happened to it: deleted, undeleted or removed.")),
                occurred_at=f.required(f.instant("When it happened.")),
                actor=f.person("Who did it; null where Asana does not tell."),
                parent_gid=f.required(
                    f.text("Gid of what it was removed from; empty for what was deleted or came back."),
                ),
                parent=f.personal(
                    f.ref("What it was removed from.", resource_type=f.text("Kind of thing that the parent is."))
                ),
                workspace_gid=f.parent_gid("Workspace of it."),
                source=f.text(
                    "What told so: audit_log, workspace_events or project_events; projects, where a project is gone "
                    "whose events told nothing of it: then occurred_at is when that was noticed.",
                ),
            ),
        ),
    )

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield what disappeared since the bookmark, of all workspaces from one source before the next is asked."""
        left = self.run.directory.workspaces
        self.run.fetcher.prefetch(self._log(workspace, self._first(workspace)) for workspace in left)
        left = yield from self._read_source(self._from_log, left)
        for path in (WORKSPACE_EVENTS, PROJECT_EVENTS):
            self.run.fetcher.prefetch(ask for workspace in left for ask in self._first_events(workspace, path).values())
            left = yield from self._read_source(partial(self._from_events, path), left)
        for workspace in left:
            self.close(workspace)

    def _read_source(
        self,
        source: Callable[[Workspace], Generator[Record, None, Unavailable | None]],
        workspaces: Iterable[Workspace],
    ) -> Generator[Record, None, tuple[Workspace, ...]]:
        """Yield what a source tells of these workspaces; return those where it is refused.

        A source that only fails today is asked again by the next run, from the same place: no other takes over.
        """
        refused = []
        for workspace in workspaces:
            refusal = yield from source(workspace)
            if refusal is None:
                self.close(workspace)
            elif refusal.permanent:
                refused.append(workspace)
        return tuple(refused)

    def _first(self, workspace: Workspace) -> str | None:
        """Return from when on the log is read: nothing that vanished before the first run was ever landed."""
        return self.window(workspace).since if self.bookmark(workspace).value else self.run.start

    def _from_log(self, workspace: Workspace) -> Generator[Record, None, Unavailable | None]:
        """Yield deletions from the audit log; return why it is refused, if it is.

        Where the stream of the whole log is at the same place, it takes its records from the same pages; where the log
        is refused, it is so for both.
        """
        refused: Unavailable | None = None
        since = self._first(workspace)
        logs = [log for log in self.selected_streams() if isinstance(log, AuditLogEvents)]
        beside = [log for log in logs if log.window(workspace).since == since]
        for page in self.log_pages(workspace, since):
            if page.unavailable is not None:
                refused = page.unavailable
                for log in logs:
                    log.refuse(workspace, page.request, page.unavailable)
            for log in beside:
                log.write_schema_once()
                log.write_entries(workspace, page)
            for entry in page.records:
                found = _from_entry(entry)
                if found is not None:
                    yield {**found, "workspace_gid": workspace.gid}
        for log in () if refused else beside:
            log.close(workspace)
            log.already_read.add(workspace.gid)
        return refused

    def _first_events(self, workspace: Workspace, path: str) -> Mapping[str, Request]:
        """Return the first ask for the events of each resource, in the order of their gids."""
        gids = [workspace.gid]
        if path == PROJECT_EVENTS:
            gids = [project.gid for project in self.limit_for_dry_run(self.run.directory.parents("project", workspace))]
        tokens = SyncTokens(self.stream_state, workspace.gid)
        return {gid: self._events(workspace, path, gid, tokens.get(gid)) for gid in sorted(gids, key=int)}

    def _from_events(self, path: str, workspace: Workspace) -> Generator[Record, None, Unavailable | None]:
        """Yield deletions from the events of resources; return why all are refused, if they are."""
        tokens, asks = SyncTokens(self.stream_state, workspace.gid), self._first_events(workspace, path)
        refusals: list[Unavailable] = []
        departed = self._departed(workspace, path, tokens, asks)
        # What was told by another source before. A project without a token, beside others with one, is only new.
        known_before = any(map(tokens.get, asks)) or bool(departed)
        taken_over = self.bookmark(workspace).value is not None and not known_before
        units = [WorkItem((int(gid),), [ask]) for gid, ask in asks.items()]
        units += [WorkItem((int(gid),), each.asks) for gid, each in departed.items()]
        units.sort(key=lambda unit: unit.key)
        reading = self.run.fetcher.read(units)
        for page in reading:
            gid = page.request.parent_keys["resource_gid"]
            if gid in departed:
                departed[gid].hear(page)
            else:
                refusals += [page.unavailable] if page.unavailable else []
                if page.sync_token_expired and (taken_over or tokens.get(gid) is not None):
                    self._report_gap(workspace, workspace.gid if taken_over else gid, TOO_OLD)
                    taken_over = False
            if page.has_more:
                more = self._events(workspace, path, gid, page.sync_token)
                reading.add_requests([replace(more, is_probe=page.request.is_probe)])
            found = (_from_event(event) for event in page.records if _is_told(event))
            known = {"workspace_gid": workspace.gid, "source": _source(path)}
            yield from self.deduplicate({**deletion, **known} for deletion in found)
            if page.sync_token is not None and gid in asks:
                tokens.store(gid, page.sync_token)
        if asks and len(refusals) == len(asks):
            return min(refusals, key=lambda refused: refused.permanent)
        for gid, project in departed.items():
            yield from self.deduplicate(self._farewell(workspace, gid, project))
        # Not before: the tokens of a source that serves must outlive the asking of one that refuses.
        unclear = {gid for gid, project in departed.items() if project.status is None}
        if self.run.directory.unavailable_reason("project", workspace) is None or path == WORKSPACE_EVENTS:
            tokens.retain({*asks, *unclear})
        return None

    def _departed(
        self, workspace: Workspace, path: str, tokens: SyncTokens, asks: Mapping[str, Request]
    ) -> dict[str, DepartedProject]:
        """Return the projects whose events were read, and that the list of projects has no more."""
        if (
            path == WORKSPACE_EVENTS
            or self.is_dry_run
            or self.run.directory.unavailable_reason("project", workspace) is not None
        ):
            return {}
        gids = tokens.gids - asks.keys() - {workspace.gid}
        return {gid: DepartedProject(self._last_asks(workspace, gid, tokens.get(gid))) for gid in sorted(gids, key=int)}

    def _last_asks(self, workspace: Workspace, gid: str, sync: str | None) -> list[Request]:
        """Ask for the last events of a project, and whether it is there at all; refusals are answers too."""
        keys = {"project_gid": gid, "resource_gid": gid}
        project = self.run.directory.build_request(self.name, PROJECT, keys, ["name"], workspace).with_params(PROJECT)
        events = self._events(workspace, PROJECT_EVENTS, gid, sync)
        return [replace(each, is_probe=True) for each in (events, project)]

    def _farewell(self, workspace: Workspace, gid: str, project: DepartedProject) -> Iterator[Record]:
        """Yield that a project was deleted where its events did not, and tell what else went with it unheard."""
        if project.status == HTTPStatus.NOT_FOUND:
            if not project.deletion_heard:
                yield {
                    **dict.fromkeys(("actor", "parent")),
                    "gid": gid,
                    "resource_type": "project",
                    "action": "deleted",
                    "occurred_at": self.run.start,
                    "parent_gid": "",
                    "workspace_gid": workspace.gid,
                    "source": "projects",
                }
            if project.unheard:
                self._report_gap(workspace, gid, DELETED)
        elif project.status is not None:
            self._report_gap(workspace, gid, UNLISTED)

    def _events(self, workspace: Workspace, path: str, gid: str, sync: str | None) -> Request:
        keys = {"project_gid": gid, "resource_gid": gid}
        fields = () if path == WORKSPACE_EVENTS else FIELDS
        listing = self.run.directory.build_request(self.name, path, keys, fields, workspace).unpaged()
        ask = replace(listing, lacks_gids=True)
        return ask.with_params(path, **({"sync": sync} if sync else {}))

    def _report_gap(self, workspace: Workspace, gid: str, reason: str) -> None:
        """Tell of deletions that no source tells of; no other data is lost."""
        logger.warning(
            "deletions under %s between %s and %s are unknown: %s",
            *(gid, self.bookmark(workspace).value, self.run.start, reason),
        )


def _source(path: str) -> str:
    return "workspace_events" if path == WORKSPACE_EVENTS else "project_events"


def _is_told(event: Record) -> bool:
    """Tell whether an event is of something that disappeared or came back, and says what."""
    return text_field(event, "action") in ACTIONS and bool(nested_object(event, "resource"))


def _from_entry(entry: Record) -> Record | None:
    """Return the deletion that an entry of the audit log tells of, if it does."""
    event_type = str(entry.get("event_type"))
    if not event_type.endswith("deleted"):
        return None
    resource = nested_object(entry, "resource")
    return {
        "gid": resource.get("gid"),
        "resource_type": resource.get("resource_type"),
        "action": "undeleted" if event_type.endswith("_undeleted") else "deleted",
        "occurred_at": text_field(entry, "created_at"),
        "actor": entry.get("actor"),
        "parent_gid": "",
        "source": "audit_log",
    }


def _from_event(event: Record) -> Record:
    resource = nested_object(event, "resource")
    parent = nested_object(event, "parent")
    return {
        "gid": resource.get("gid"),
        "resource_type": resource.get("resource_type") or event.get("type"),
        "action": event["action"],
        "occurred_at": text_field(event, "created_at"),
        "actor": event.get("user"),
        # Nothing is removed from a person; if it were, the gid would be theirs to keep.
        "parent_gid": "" if text_field(parent, "resource_type") in USER_TYPES else parent.get("gid") or "",
        "parent": event.get("parent"),
    }
