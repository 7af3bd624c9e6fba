"""Export jobs, and the addresses of their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fake_asana.model.clock import SECOND_MS, format_instant
from fake_asana.model.kinds import Kind, Record

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.field_tree import Tree
    from fake_asana.model.filters import Filters
    from fake_asana.model.people import Workspace

QUEUED_SHARE = 0.2  # share of its duration before a job starts
SUBTYPE = "export_request"


class ExportParameter(NamedTuple):
    """One parameter of an export request; without a tree, the default fields are exported."""

    resource_type: str
    filters: Filters
    tree: Tree | None


@dataclass(frozen=True)
class Job:
    """An export of a workspace; `duration` is in milliseconds, and a user without a token has no `creator`."""

    gid: str
    workspace: Workspace
    creator: Viewer | None
    parameters: tuple[ExportParameter, ...]
    started: int
    duration: int
    fails: bool = False

    @property
    def ends(self) -> int:
        """Return the instant at which the job ends."""
        return self.started + self.duration

    def status(self, now: int) -> str:
        """Return the status of the job at an instant."""
        if now >= self.ends:
            return "failed" if self.fails else "succeeded"
        return "not_started" if now < self.started + self.duration * QUEUED_SHARE else "in_progress"


class JobView(NamedTuple):
    """The state of a job in one answer, with the address of its file.

    `hidden` is 2 while the export is missing, and 1 while only its address is.
    """

    job: Job
    now: int
    address: str
    hidden: int = 0

    @property
    def gid(self) -> str:
        """Return the gid of the job."""
        return self.job.gid

    @property
    def status(self) -> str:
        """Return the status of the job."""
        return self.job.status(self.now)


def export(view: JobView) -> Record | None:
    """Return the export of a job; its address is null until the job succeeds."""
    if view.hidden > 1:
        return None
    done = view.status == "succeeded"
    return {
        "gid": f"{view.gid}1",
        "resource_type": SUBTYPE,
        "created_at": format_instant(view.job.started),
        "completed_at": format_instant(view.job.ends) if done else None,
        "download_url": view.address if done and not view.hidden else None,
    }


JOB: Kind[JobView] = Kind(
    "job",
    {
        "resource_subtype": lambda _: SUBTYPE,
        "status": lambda s: s.status,
        "new_project": lambda _: None,
        "new_task": lambda _: None,
        "new_project_template": lambda _: None,
        "new_portfolio": lambda _: None,
        "new_graph_export": lambda _: None,
        "new_resource_export": export,
    },
)


def to_milliseconds(seconds: float) -> int:
    """Return seconds in milliseconds."""
    return int(seconds * SECOND_MS)
