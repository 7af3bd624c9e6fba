"""Exports of a workspace's tasks and teams, and their jobs."""

from __future__ import annotations

from typing import Any

import msgspec

from fake_asana.messages import ApiError
from fake_asana.model import field_tree
from fake_asana.model.filters import Filters
from fake_asana.model.jobs import JOB, ExportParameter, Job, JobView
from fake_asana.server.call import Call, Route
from fake_asana.server.downloads import signed_url
from fake_asana.server.export_files import export_lines

EXPORTED_TYPES = frozenset({"task", "team", "message"})
FILTER_NAMES = frozenset(
    {
        *("created_at.after", "created_at.before", "modified_at.after", "modified_at.before"),
        *("assignee.any", "assigned_by.any", "created_by.any", "followers.any", "liked_by.any", "commented_on_by.any"),
    },
)
EXPORT_IN_PROGRESS = "Forbidden: The workspace already has an export in progress, and may have only one."


def begin(call: Call) -> JobView:
    """Start an export; ApiError 400 for an unreadable body, 403 while another is in progress."""
    data = request_data(call.body)
    workspace = call.workspace(str(data.get("workspace")))
    call.require_service_account(workspace, "resource_export")
    entries = data.get("export_request_parameters")
    if not isinstance(entries, list) or not entries:
        raise ApiError(400, "export_request_parameters: Missing input")
    parameters = tuple(parse_parameter(call, entry) for entry in entries)
    if call.world.is_exporting(workspace.gid):
        raise ApiError(403, EXPORT_IN_PROGRESS)
    job = call.world.begin_export(workspace.gid, call.viewer, parameters, call.limits.export_seconds)
    if call.dialect.files.written_at_start:
        call.world.written_files[job.gid] = list(export_lines(call.world, job, call.dialect))
    return job_view(call, job)


def request_data(body: bytes) -> dict[str, Any]:
    """Return the data of a request's body."""
    try:
        data = msgspec.json.decode(body)["data"]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise ApiError(400, "Could not parse request data, invalid JSON") from None
    if not isinstance(data, dict):
        raise ApiError(400, "data: Value is not an object")
    return data


def parse_parameter(call: Call, entry: Any) -> ExportParameter:  # noqa: ANN401 - any JSON
    """Return one parameter of an export."""
    kind = entry.get("resource_type") if isinstance(entry, dict) else None
    if kind not in EXPORTED_TYPES:
        raise ApiError(400, f"resource_type: Not one of {', '.join(sorted(EXPORTED_TYPES))}: {kind}")
    query = {
        name: ",".join(value) if isinstance(value, list) else str(value)
        for name, value in (entry.get("filters") or {}).items()
        if name in FILTER_NAMES
    }
    fields = entry.get("fields")
    tree = field_tree.supported(field_tree.parse_tree(",".join(fields)), call.dialect) if fields else None
    return ExportParameter(kind, Filters(query, inclusive=call.limits.search_inclusive), tree)


def job(call: Call) -> JobView:
    """Return a job to its creator."""
    job: Job = call.find("job", call.world.jobs, call.params["job_gid"])
    if job.creator is not call.viewer:
        raise ApiError(403, "Forbidden: You do not have access to this job.")
    return job_view(call, job)


def job_view(call: Call, job: Job) -> JobView:
    """Return a job with a fresh address of its file; the first views may omit export or address."""
    incomplete = call.dialect.exports.incomplete_views
    views = call.world.job_views[job.gid] = call.world.job_views.get(job.gid, 0) + (call.world.now() >= job.ends)
    hidden = 0 if not incomplete or views > 2 * incomplete else 1 + (views <= incomplete)
    return JobView(job, call.world.now(), signed_url(call.files_url, job, call.world.clock()), hidden)


EXPORT_ROUTES = (
    Route("POST /exports/resource", JOB, begin, "one", status=201),
    Route("GET /jobs/{job_gid}", JOB, job, "one"),
)
