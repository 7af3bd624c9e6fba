"""Exports of a workspace's tasks and teams, and the jobs that make them."""

from __future__ import annotations

from typing import Any

import msgspec

from fake_asana.messages import ApiError
from fake_asana.model import field_tree
from fake_asana.model.filters import Filters
from fake_asana.model.jobs import JOB, Job, Seen, Want
from fake_asana.server.call import Call, Route
from fake_asana.server.downloads import address

TYPES = frozenset({"task", "team", "message"})
HEARD = frozenset(
    {
        *("created_at.after", "created_at.before", "modified_at.after", "modified_at.before"),
        *("assignee.any", "assigned_by.any", "created_by.any", "followers.any", "liked_by.any", "commented_on_by.any"),
    },
)
BUSY = "Forbidden: The workspace already has an export in progress, and may have only one."


def begin(call: Call) -> Seen:
    """Begin an export; ApiError 400 for a body that cannot be read, 403 while another is in progress."""
    data = asked(call.body)
    workspace = call.workspace(str(data.get("workspace")))
    call.official(workspace, "resource_export")
    wants = data.get("export_request_parameters")
    if not isinstance(wants, list) or not wants:
        raise ApiError(400, "export_request_parameters: Missing input")
    found = tuple(wanted(call, want) for want in wants)
    if call.world.is_exporting(workspace.gid):
        raise ApiError(403, BUSY)
    job = call.world.begin_export(workspace.gid, call.viewer, found, call.limits.export_seconds)
    return seen(call, job)


def asked(body: bytes) -> dict[str, Any]:
    """The data of a request's body."""
    try:
        data = msgspec.json.decode(body)["data"]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise ApiError(400, "Could not parse request data, invalid JSON") from None
    if not isinstance(data, dict):
        raise ApiError(400, "data: Value is not an object")
    return data


def wanted(call: Call, want: Any) -> Want:  # noqa: ANN401 - whatever was sent
    """One parameter of an export."""
    kind = want.get("resource_type") if isinstance(want, dict) else None
    if kind not in TYPES:
        raise ApiError(400, f"resource_type: Not one of {', '.join(sorted(TYPES))}: {kind}")
    query = {
        name: ",".join(value) if isinstance(value, list) else str(value)
        for name, value in (want.get("filters") or {}).items()
        if name in HEARD
    }
    fields = want.get("fields")
    tree = field_tree.known(field_tree.tree(",".join(fields)), call.dialect) if fields else None
    return Want(kind, Filters(query, inclusive=call.limits.search_inclusive), tree)


def job(call: Call) -> Seen:
    """A job, for whoever created it."""
    found: Job = call.find("job", call.world.jobs, call.params["job_gid"])
    if found.creator is not call.viewer:
        raise ApiError(403, "Forbidden: You do not have access to this job.")
    return seen(call, found)


def seen(call: Call, job: Job) -> Seen:
    """A job now, with a fresh address of its file; what it has made may take some looks to be shown."""
    unnamed = call.dialect.exports.unnamed
    looks = call.world.looks[job.gid] = call.world.looks.get(job.gid, 0) + (call.world.now() >= job.ends)
    hidden = 0 if not unnamed or looks > 2 * unnamed else 1 + (looks <= unnamed)
    return Seen(job, call.world.now(), address(call.files_url, job, call.world.clock()), hidden)


ROUTES = (
    Route("POST /exports/resource", JOB, begin, "one", status=201),
    Route("GET /jobs/{job_gid}", JOB, job, "one"),
)
