"""Begin exports, for tokens and for people without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.jobs import Job, takes

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.jobs import Want
    from fake_asana.model.state import State


def begin_export(state: State, workspace_gid: str, creator: Viewer, wants: tuple[Want, ...], seconds: float) -> Job:
    """Somebody begins an export, which fails if it is one of those that must."""
    fails = state.failing > 0
    state.failing -= fails
    workspace, now = state.workspaces[workspace_gid], state.now()
    job = Job(state.fresh()[0], workspace, creator, wants, now, takes(seconds), fails)
    state.jobs[job.gid] = job
    return job


def begin_foreign_export(state: State, workspace_gid: str, seconds: float) -> None:
    """Somebody whom no token stands for begins an export that is in progress for `seconds`."""
    workspace = state.workspaces[workspace_gid]
    job = Job(state.fresh()[0], workspace, None, (), state.now(), takes(seconds))
    state.jobs[job.gid] = job


def fail_exports(state: State, count: int = 1) -> None:
    """Let the next exports that are begun fail."""
    state.failing = count


def is_exporting(state: State, workspace_gid: str) -> bool:
    """Whether an export of a workspace is in progress."""
    now = state.now()
    return any(job.workspace.gid == workspace_gid and now < job.ends for job in state.jobs.values())
