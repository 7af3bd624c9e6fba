"""How many tasks Asana counts in a few projects, to tell whether the file of an export holds them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tap_asana.api.client import AsanaClient
from tap_asana.api.decoding import Record
from tap_asana.api.request import Request
from tap_asana.errors import CorruptExportError
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import Workspace, evenly_spaced

PATH = "/projects/{project_gid}/task_counts"

MAX_PROJECTS = 5
"""Projects that are compared: a request for each, because Asana makes counts dear."""

FIELD = "projects"
"""What tells of a task in the file which projects it is in."""


class ProjectCounts:
    """What Asana counts in a few projects beside what a file holds of them.

    `expected` is what Asana counted by project, before the export was asked for: whatever lies in the project from then
    on is in the file, and what people add later makes nobody expect more. Subtasks count in the projects that they were
    added to, and their parents' projects do not count them.
    """

    def __init__(self, client: AsanaClient, directory: ParentDirectory, workspace: Workspace) -> None:
        """Expect nothing yet."""
        self._client = client
        self._crawl = directory
        self._workspace = workspace
        self._found: Counter[str] = Counter()
        self._tells = True
        self.expected: Mapping[str, int] = {}

    def ask(self, most: int = MAX_PROJECTS) -> None:
        """Have Asana count the tasks of so many projects at the most, evenly over their gids and so over their ages."""
        projects = sorted(self._crawl.parents("project", self._workspace), key=lambda project: int(project.gid))
        self.expected = self._counted(project.gid for project in evenly_spaced(projects, most))

    def start(self) -> None:
        """Forget what was found: another file is read."""
        self._found.clear()
        self._tells = True

    def note(self, tasks: Iterable[Record]) -> None:
        """Count what a file holds of the projects."""
        if not self.expected:
            return
        for task in tasks:
            projects = task.get(FIELD)
            if not isinstance(projects, list):
                self._tells = False
                continue
            gids = {project.get("gid") for project in projects if isinstance(project, dict)}
            self._found.update(self.expected.keys() & gids)

    def check(self) -> None:
        """Raise DamagedFile where a file that was read to its end holds less of a project than Asana counts.

        What lies in the project no longer is not missed: where the file seems short, Asana is asked once more, and the
        smaller count holds. A file that does not say of each task which projects it is in is compared with nothing.
        """
        short = [gid for gid, number in self.expected.items() if self._found[gid] < number]
        if not short or not self._tells:
            return
        for gid, number in self._counted(short).items():
            least = min(number, self.expected[gid])
            if self._found[gid] < least:
                raise CorruptExportError(
                    f"the file of the export is not whole: it holds {self._found[gid]} tasks of project {gid}, "
                    f"and Asana counts {least}"
                )

    def _counted(self, gids: Iterable[str]) -> dict[str, int]:
        """Return what Asana counts in each project, but in those that it refuses to count."""
        found = ((gid, count_of(self._client.fetch(self._request(gid)).records)) for gid in gids)
        return {gid: number for gid, number in found if number is not None}

    def _request(self, gid: str) -> Request:
        return replace(count_ask(self._crawl, gid, self._workspace), is_probe=True)


def count_ask(directory: ParentDirectory, gid: str, workspace: Workspace) -> Request:
    """Return the ask for the number of tasks in a project."""
    listing = directory.build_request("task_counts", PATH, {"project_gid": gid}, ["num_tasks"], workspace).unpaged()
    return replace(listing, lacks_gids=True)


def count_of(records: Sequence[Record]) -> int | None:
    """Return the number of tasks that an answer tells; None where it tells none."""
    number = next((record.get("num_tasks") for record in records), None)
    return number if isinstance(number, int) else None
