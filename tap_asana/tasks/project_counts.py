"""Asana's task counts of a few projects, which show whether the file of an export is complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tap_asana.api.decoding import Record
from tap_asana.api.request import Request
from tap_asana.errors import CorruptExportError
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import Workspace, evenly_spaced

COUNTS_PATH = "/projects/{project_gid}/task_counts"

MAX_PROJECTS = 3
"""Projects to count; each count is an expensive request for Asana."""

MAX_TASKS = 10**9
"""A greater count is broken data, and has more digits than a position in the state."""

PROJECTS_FIELD = "projects"
"""The field of a task in the file that names its projects."""


class ProjectCounts:
    """The tasks of a few projects, counted by Asana and in a file.

    `expected` are the counts that Asana returned, by project, before the export was requested: the tasks of that moment
    are in the file, and later ones do not matter. A subtask counts in its own projects, and not in its parent's.
    """

    def __init__(self, fetcher: Fetcher, directory: ParentDirectory, workspace: Workspace) -> None:
        """Expect nothing yet."""
        self._fetcher = fetcher
        self._directory = directory
        self._workspace = workspace
        self._in_file: Counter[str] = Counter()
        self._names_projects = True
        self.expected_counts: Mapping[str, int] = {}

    def request(self, max_projects: int = MAX_PROJECTS) -> None:
        """Request the counts of some projects, spread evenly over their gids and so over their ages."""
        projects = sorted(self._directory.parents("project", self._workspace), key=lambda project: int(project.gid))
        self.expected_counts = self._counts(project.gid for project in evenly_spaced(projects, max_projects))

    def start(self) -> None:
        """Start with another file."""
        self._in_file.clear()
        self._names_projects = True

    def add(self, tasks: Iterable[Record]) -> None:
        """Count tasks of the file."""
        if not self.expected_counts:
            return
        for task in tasks:
            projects = task.get(PROJECTS_FIELD)
            if not isinstance(projects, list):
                self._names_projects = False
                continue
            gids = {project.get("gid") for project in projects if isinstance(project, dict)}
            self._in_file.update(self.expected_counts.keys() & gids)

    def check(self) -> None:
        """Raise CorruptExportError if the whole file contains fewer tasks of a project than Asana counts.

        Tasks may have left the project: if the file seems incomplete, Asana counts once more, and the smaller count is
        valid. A file in which a task does not name its projects is not compared.
        """
        incomplete_projects = [gid for gid, number in self.expected_counts.items() if self._in_file[gid] < number]
        if not incomplete_projects or not self._names_projects:
            return
        for gid, number in self._counts(incomplete_projects).items():
            min_count = min(number, self.expected_counts[gid])
            if self._in_file[gid] < min_count:
                raise CorruptExportError(
                    f"the export file is incomplete: it has {self._in_file[gid]} tasks of project {gid}, "
                    f"and Asana counts {min_count}"
                )

    def _counts(self, gids: Iterable[str]) -> dict[str, int]:
        """Return Asana's counts by project, without the projects that it refuses to count."""
        pages = [(gid, self._fetcher.submit(self._request(gid))) for gid in gids]
        counts = ((gid, task_count(future.result().page.records)) for gid, future in pages)
        return {gid: number for gid, number in counts if number is not None}

    def _request(self, gid: str) -> Request:
        return replace(count_request(self._directory, gid, self._workspace), is_probe=True)


def count_request(directory: ParentDirectory, gid: str, workspace: Workspace) -> Request:
    """Return the request for the number of tasks in a project."""
    keys = {"project_gid": gid}
    request = directory.build_request("task_counts", COUNTS_PATH, keys, ["num_tasks"], workspace).unpaged()
    return replace(request, lacks_gids=True)


def task_count(records: Sequence[Record]) -> int | None:
    """Return the number of tasks in an answer; None if it contains none, or one that no project can have (law 11)."""
    number = next((record.get("num_tasks") for record in records), None)
    return number if isinstance(number, int) and 0 <= number < MAX_TASKS else None
