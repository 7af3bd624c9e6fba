"""Jobs: exports that take their time, and where their files can be had."""

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

QUEUED_SHARE = 0.2  # share of its time that a job waits for its turn
SUBTYPE = "export_request"


class ExportParameter(NamedTuple):
    """What one parameter of an export asks for; without a tree, the usual fields."""

    resource_type: str
    filters: Filters
    tree: Tree | None


@dataclass(frozen=True)
class Job:
    """An export of a workspace, begun at an instant; nobody's is somebody else's. It takes a while in milliseconds."""

    gid: str
    workspace: Workspace
    creator: Viewer | None
    parameters: tuple[ExportParameter, ...]
    started: int
    duration: int
    fails: bool = False

    @property
    def ends(self) -> int:
        """The instant at which it is over."""
        return self.started + self.duration

    def status(self, now: int) -> str:
        """How far it is."""
        if now >= self.ends:
            return "failed" if self.fails else "succeeded"
        return "not_started" if now < self.started + self.duration * QUEUED_SHARE else "in_progress"


class JobView(NamedTuple):
    """A job as somebody sees it at a time, with the address of its file.

    `hidden` is 2 where its export is not shown yet, and 1 where the address is not.
    """

    job: Job
    now: int
    address: str
    hidden: int = 0

    @property
    def gid(self) -> str:
        """The gid of the job."""
        return self.job.gid

    @property
    def status(self) -> str:
        """How far the job is."""
        return self.job.status(self.now)


def export(view: JobView) -> Record | None:
    """The export of a job, with the address of its file once there is one."""
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
    """Seconds as a job counts them."""
    return int(seconds * SECOND_MS)
