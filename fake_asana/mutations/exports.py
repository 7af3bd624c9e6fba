"""Start exports, for tokens and for users without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.jobs import Job, to_milliseconds

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.jobs import ExportParameter
    from fake_asana.model.state import State


def begin_export(
    state: State, workspace_gid: str, creator: Viewer, parameters: tuple[ExportParameter, ...], seconds: float
) -> Job:
    """Start an export; it fails if `fail_exports` asked for that."""
    fails = state.exports_to_fail > 0
    state.exports_to_fail -= fails
    workspace, now = state.workspaces[workspace_gid], state.now()
    job = Job(state.new_gid()[0], workspace, creator, parameters, now, to_milliseconds(seconds), fails)
    state.jobs[job.gid] = job
    return job


def begin_foreign_export(state: State, workspace_gid: str, seconds: float) -> None:
    """Start an export of a user without a token, which takes `seconds`."""
    workspace = state.workspaces[workspace_gid]
    job = Job(state.new_gid()[0], workspace, None, (), state.now(), to_milliseconds(seconds))
    state.jobs[job.gid] = job


def fail_exports(state: State, count: int = 1) -> None:
    """Make the next `count` exports fail."""
    state.exports_to_fail = count


def is_exporting(state: State, workspace_gid: str) -> bool:
    """Return True while an export of a workspace is in progress."""
    now = state.now()
    return any(job.workspace.gid == workspace_gid and now < job.ends for job in state.jobs.values())
