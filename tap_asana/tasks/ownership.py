"""Ownership of tasks in several lists: exactly one list reads each task, in any order of arrival."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from typing import NamedTuple

from tap_asana.api.decoding import Record, is_timestamp, rows_with_gid
from tap_asana.api.request import Request


class Encounter(NamedTuple):
    """How a list meets a task that a project owns.

    `is_known`: this traversal has found the task already.
    `scan`: only the task's subtasks are wanted.
    `is_shared`: the list is that of another project of the task.
    """

    is_known: bool
    scan: bool = False
    is_shared: bool = False


class TaskOwnership:
    """The projects that a traversal lists: the first project of a task, by gid, owns the task and reads it.

    (A subtask is read below its parent if the traversal meets it there first: nothing is left to a later list.)

    So a resumed traversal finds each task in the same list, or knows that it is read. A task may move into a finished
    project, and no timestamp need show it. So each task that another list left to a project is looked up when the
    project's list is read, and requested by itself if it is missing there.
    """

    def __init__(self, projects: Iterable[str], unavailable: Collection[str], until: str) -> None:
        """Take the gids of the projects, of those known to be unavailable, and the start of the first attempt."""
        self._projects = {gid: int(gid) for gid in projects}
        self._available = {gid: number for gid, number in self._projects.items() if gid not in unavailable}
        self._until = until
        self._projects_finished_before: set[int] = set()
        self._projects_searched: set[int] = set()
        self._projects_read: dict[bool, set[int]] = {False: set(), True: set()}
        self._requests: dict[int, dict[tuple[object, ...], Request]] = {}
        self._deferred_tasks: dict[tuple[int, bool], array[int]] = {}
        # Many tasks of one page are left to projects: their request is prepared once.
        self._last_request: Request | None = None
        self._last_entry: dict[tuple[object, ...], Request] = {}

    def defer_to(self, owner: int, task: Record, request: Request, encounter: Encounter) -> bool:
        """Return whether a list leaves a task to the project that owns it; if so, remember to check the project's list.

        If an earlier attempt has read the project, nobody knows whether the task was in it then. A task of two projects
        is read again in that case. If only searches read the changes of the project, a changed task is left to it once
        they have found it.
        """
        if owner in self._projects_read[encounter.scan]:
            return encounter.is_known
        if owner in self._projects_searched and not encounter.scan:
            return encounter.is_known
        if owner in self._projects_finished_before:
            return encounter.is_known or (not encounter.is_shared and self._is_unchanged(task))
        self._deferred_tasks.setdefault((owner, encounter.scan), array("Q")).append(int(task["gid"]))
        if request is not self._last_request:
            first = request.from_start()
            self._last_request = request
            self._last_entry = {(first.path, tuple(sorted(first.params.items()))): first}
        self._requests.setdefault(owner, {}).update(self._last_entry)
        return True

    def expect(self, owner: int, gids: Collection[int]) -> Collection[int]:
        """Have the list of a project's changes contain tasks; return them if it has been read."""
        if owner in self._projects_read[False]:
            return gids
        if gids:
            self._deferred_tasks.setdefault((owner, False), array("Q")).extend(gids)
        return ()

    def mark_finished(self, gid: str) -> None:
        """Note that an earlier attempt has finished a project."""
        self._projects_finished_before.add(int(gid))

    def mark_searched(self, gid: str) -> None:
        """Note that searches alone read the changes of a project: what they have not found may have moved there."""
        self._projects_searched.add(int(gid))

    def on_read(self, gid: str, *, scan: bool) -> Collection[int]:
        """Note that a project's list is read; return the tasks left to it."""
        self._projects_read[scan].add(int(gid))
        if not scan:
            self._requests.pop(int(gid), None)
        return dict.fromkeys(self._deferred_tasks.pop((int(gid), scan), ()))

    def on_unavailable(self, gid: str) -> list[Request]:
        """Note that a project cannot be read; return the requests of the lists that left tasks to it."""
        self._available.pop(gid, None)
        for scan in (False, True):
            self._deferred_tasks.pop((int(gid), scan), None)
        return list(self._requests.pop(int(gid), {}).values())

    def owner(self, task: Record, among: Collection[str] | None = None) -> int | None:
        """Return the project that owns a task, among some projects or all; None if there is none."""
        gids = [project["gid"] for project in _projects(task)]
        available = [self._available[gid] for gid in gids if gid in self._available and (among is None or gid in among)]
        return min(available, default=None)

    def is_out_of_scope(self, task: Record) -> bool:
        """Return whether all projects of a task are outside of this traversal."""
        projects = _projects(task)
        return bool(projects) and not any(project["gid"] in self._projects for project in projects)

    def is_in_unread_project(self, task: Record) -> bool:
        """Return whether a task is in a project of this traversal, and in none that can be read as one list."""
        return self.owner(task) is None and any(project["gid"] in self._projects for project in _projects(task))

    def _is_unchanged(self, task: Record) -> bool:
        modified: str | None = task.get("modified_at")
        return modified is not None and is_timestamp(modified) and modified < self._until


def _projects(task: Record) -> list[Record]:
    projects = task.get("projects")
    return rows_with_gid(projects, numeric=True)[0] if isinstance(projects, list) else []
