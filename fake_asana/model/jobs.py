"""Jobs: exports that take their time, and where their files can be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fake_asana.model.clock import SECOND, instant
from fake_asana.model.kinds import Kind, Record

if TYPE_CHECKING:
    from fake_asana.model.access import Viewer
    from fake_asana.model.field_tree import Tree
    from fake_asana.model.filters import Filters
    from fake_asana.model.people import Workspace

WAITING = 0.2  # share of its time that a job waits for its turn
SUBTYPE = "export_request"


class Want(NamedTuple):
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
    wants: tuple[Want, ...]
    begun: int
    takes: int
    fails: bool = False

    @property
    def ends(self) -> int:
        """The instant at which it is over."""
        return self.begun + self.takes

    def status(self, now: int) -> str:
        """How far it is."""
        if now >= self.ends:
            return "failed" if self.fails else "succeeded"
        return "not_started" if now < self.begun + self.takes * WAITING else "in_progress"


class Seen(NamedTuple):
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


def export(seen: Seen) -> Record | None:
    """The export of a job, with the address of its file once there is one."""
    if seen.hidden > 1:
        return None
    done = seen.status == "succeeded"
    return {
        "gid": f"{seen.gid}1",
        "resource_type": SUBTYPE,
        "created_at": instant(seen.job.begun),
        "completed_at": instant(seen.job.ends) if done else None,
        "download_url": seen.address if done and not seen.hidden else None,
    }


JOB: Kind[Seen] = Kind(
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


def takes(seconds: float) -> int:
    """Seconds as a job counts them."""
    return int(seconds * SECOND)
