"""Exports as they are begun, by whoever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.jobs import Job, takes
from fake_asana.model.state import State

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.jobs import Want


class ExportDeeds(State):
    """What people want exported."""

    def begin_export(self, workspace_gid: str, creator: Viewer, wants: tuple[Want, ...], seconds: float) -> Job:
        """Somebody begins an export, which fails if it is one of those that must."""
        fails = self.failing > 0
        self.failing -= fails
        workspace, now = self.workspaces[workspace_gid], self.now()
        job = Job(self.fresh()[0], workspace, creator, wants, now, takes(seconds), fails)
        self.jobs[job.gid] = job
        return job

    def begin_foreign_export(self, workspace_gid: str, seconds: float) -> None:
        """Somebody whom no token stands for begins an export that is in progress for `seconds`."""
        workspace = self.workspaces[workspace_gid]
        job = Job(self.fresh()[0], workspace, None, (), self.now(), takes(seconds))
        self.jobs[job.gid] = job

    def fail_exports(self, count: int = 1) -> None:
        """Let the next exports that are begun fail."""
        self.failing = count

    def exporting(self, workspace_gid: str) -> bool:
        """Whether an export of a workspace is in progress."""
        now = self.now()
        return any(job.workspace.gid == workspace_gid and now < job.ends for job in self.jobs.values())
