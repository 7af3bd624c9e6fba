"""The event streams of a project, a task, a goal or a whole workspace."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.audit import AUDIT, FEATURE, Entry, actor, entries
from fake_asana.server.call import FORBIDDEN, Call, Route
from fake_asana.server.events import EVENT, ONE, WORKSPACE, stream
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def of_resource(call: Call) -> Listing:
    """The stream of one thing; that of a project or task goes on while it lies in the trash."""
    gid = call.query.get("resource")
    if gid is None:
        raise ApiError(400, "resource: Missing input")
    world = call.world
    status = call.dialect.deleted_project_events
    if gid in world.trash.projects and status != HTTPStatus.OK:
        raise ApiError(status, FORBIDDEN.get(status, "").format(kind="project"))
    for rows in (world.projects, world.trash.projects, world.tasks, world.trash.tasks, world.goals.rows):
        if gid in rows:
            return stream(call, call.find("resource", rows, gid).gid, ONE)
    return stream(call, call.find("resource", {}, gid).gid, ONE)


def of_workspace(call: Call) -> Listing:
    """The stream of everything in a workspace, for its service account, compact whatever is asked for."""
    found = stream(call, call.served("workspace_events").gid, WORKSPACE)
    return Listing([EVENT.listed(event) for event in found.rows], beside=found.beside)


MATCHES: Mapping[str, Callable[[Entry], object]] = {
    "event_type": lambda entry: entry.event_type,
    "actor_type": lambda entry: actor(entry)["actor_type"],
    "actor_gid": lambda entry: actor(entry).get("gid"),
    "resource_gid": lambda entry: entry.resource["gid"],
}


def audit_log_events(call: Call) -> Listing:
    """What is kept of the log, oldest first: a list that goes on for ever, from `start_at` on and before `end_at`."""
    workspace = call.served(FEATURE)
    start, end = call.since("start_at"), call.since("end_at")
    wanted = [(MATCHES[name], value) for name, value in call.query.items() if name in MATCHES]

    def keep(entry: Entry) -> bool:
        if (start is not None and entry.at < start) or (end is not None and entry.at >= end):
            return False
        return all(of(entry) == value for of, value in wanted)

    return Listing(entries(call.world, workspace), lambda entry: (entry.at, entry.number), keep, endless=True)


ROUTES = (
    Route("GET /events", EVENT, of_resource, "whole"),
    Route("GET /workspaces/{workspace_gid}/events", EVENT, of_workspace, "whole"),
    Route("GET /workspaces/{workspace_gid}/audit_log_events", AUDIT, audit_log_events, full=True),
)
