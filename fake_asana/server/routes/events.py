"""The event streams of a project, task, goal or workspace, and the audit log."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.audit import AUDIT, AUDIT_LOG_FEATURE, AuditEntry, entry_actor, log_entries
from fake_asana.model.clock import MINUTE_MS
from fake_asana.server.call import DENIALS, SERVICE_ONLY, Call, Route
from fake_asana.server.events import EVENT, MAX_RESOURCE_EVENTS, MAX_WORKSPACE_EVENTS, event_page
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def resource_events(call: Call) -> Listing:
    """Return the stream of one row; those of projects and tasks continue in the trash."""
    gid = call.query.get("resource")
    if gid is None:
        raise ApiError(400, "resource: Missing input")
    world = call.world
    status = call.dialect.deleted_project_events
    if gid in world.trash.projects and status != HTTPStatus.OK:
        raise ApiError(status, DENIALS.get(status, "").format(kind="project"))
    for rows in (world.projects, world.trash.projects, world.tasks, world.trash.tasks, world.goals.rows):
        if gid in rows:
            return event_page(call, call.find("resource", rows, gid).gid, MAX_RESOURCE_EVENTS)
    return event_page(call, call.find("resource", {}, gid).gid, MAX_RESOURCE_EVENTS)


def workspace_events(call: Call) -> Listing:
    """Return the stream of a workspace for its service account, always in compact form; the dialect may allow others.

    Those see the events of objects hidden from them too.
    """
    workspace, status = call.workspace(), call.dialect.access.person_events
    if call.viewer.service or status == HTTPStatus.OK:
        call.require_feature(workspace, "workspace_events")
    else:
        raise ApiError(status, SERVICE_ONLY)
    page = event_page(call, workspace.gid, MAX_WORKSPACE_EVENTS)
    return Listing([EVENT.compact_record(event) for event in page.rows], extra=page.extra)


AUDIT_FILTERS: Mapping[str, Callable[[AuditEntry], object]] = {
    "event_type": lambda entry: entry.event_type,
    "actor_type": lambda entry: entry_actor(entry)["actor_type"],
    "actor_gid": lambda entry: entry_actor(entry).get("gid"),
    "resource_gid": lambda entry: entry.resource["gid"],
}


def audit_log_events(call: Call) -> Listing:
    """Return an endless list of the log, oldest first, from `start_at` on, before `end_at`."""
    workspace = call.service_workspace(AUDIT_LOG_FEATURE)
    start, end = call.instant("start_at"), call.instant("end_at")
    horizon = call.world.now() - call.dialect.audit_lag_minutes * MINUTE_MS
    tests = [(AUDIT_FILTERS[name], value) for name, value in call.query.items() if name in AUDIT_FILTERS]

    def keep(entry: AuditEntry) -> bool:
        if (start is not None and entry.at < start) or (end is not None and entry.at >= end):
            return False
        if entry.at > horizon and entry.number % 2:
            return False
        return all(value_of(entry) == value for value_of, value in tests)

    copies = 2 if call.dialect.logs.repeats_entries else 1
    entries = [entry for entry in log_entries(call.world, workspace) for _ in range(copies)]
    return Listing(entries, lambda entry: (entry.at, entry.number), keep, never_ends=True)


EVENT_ROUTES = (
    Route("GET /events", EVENT, resource_events, "none"),
    Route("GET /workspaces/{workspace_gid}/events", EVENT, workspace_events, "none"),
    Route("GET /workspaces/{workspace_gid}/audit_log_events", AUDIT, audit_log_events, full=True),
)
