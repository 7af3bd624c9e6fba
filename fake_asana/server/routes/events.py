"""The event streams of a project, a task, a goal or a whole workspace."""

from __future__ import annotations

from http import HTTPStatus

from fake_asana.messages import ApiError
from fake_asana.server.call import FORBIDDEN, Call, Route
from fake_asana.server.events import EVENT, ONE, WORKSPACE, stream
from fake_asana.server.paging import Listing


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


ROUTES = (
    Route("GET /events", EVENT, of_resource, "whole"),
    Route("GET /workspaces/{workspace_gid}/events", EVENT, of_workspace, "whole"),
)
