"""Some tasks of archived projects, by which the exports of a workspace are compared with lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from tap_asana.api.decoding import Record
from tap_asana.parents.kinds import Parent
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import TASKS, value_of
from tap_asana.tasks.recent_tasks import is_settled
from tap_asana.tasks.samples import Samples, turn
from tap_asana.tasks.task_lists import TASK_LISTS

ENOUGH_PROJECTS = 2
"""Archived projects with tasks in a file that prove that exports contain them."""


class ArchivedInFile:
    """Whether the file of an export contains a task in archived projects alone, and some that it must contain.

    Searches may leave out what exports leave out, so the tasks are found in the lists of archived projects.
    """

    def __init__(self, context: TraversalContext) -> None:
        """Start without tasks."""
        self._context = context
        self._proofs: set[str] = set()
        self.is_seen = False

    def see(self, tasks: Iterable[Any]) -> None:
        """Take tasks of the file until it shows those of enough projects.

        A project that was archived just before the read proves nothing: Asana may make the file without knowing it.
        """
        for task in tasks:
            if len(self._proofs) >= ENOUGH_PROJECTS:
                return
            if (gids := _projects_of(task)) <= self._archived.keys():
                self.is_seen = True
                self._proofs |= gids if len(gids) == 1 and all(map(self._is_long_archived, gids)) else set()

    def is_proven(self) -> bool:
        """Return whether the file contains tasks of archived projects as such.

        Not all of these have been restored since they were listed; a single one is requested.
        """
        return len(self._proofs) >= ENOUGH_PROJECTS or any(map(self._is_archived, self._proofs))

    def listed(self, max_lists: int) -> list[Record]:
        """Return changed tasks in the lists of a few archived projects; the next run looks through other lists.

        A file without any task of archived projects alone lacks them.
        """
        samples, window = Samples(self._context), self._context.window
        bound = {"modified_since": window.since} if window.since else {}
        projects = turn([*self._archived.values()], window.run, max_lists)
        pages = samples.pages(samples.request(TASK_LISTS["project"], each.gid, **bound) for each in projects)
        tasks = (task for page in pages for task in page.records if task.get("parent", "") is None)
        return [task for task in tasks if _projects_of(task) <= self._archived.keys()]

    @cached_property
    def _archived(self) -> dict[str, Parent]:
        parents = self._context.directory.parents("project", self._context.workspace)
        return {project.gid: project for project in parents if project.attributes.get("archived") is True}

    def _is_long_archived(self, gid: str) -> bool:
        return is_settled(self._archived[gid].attributes, self._context.window.until)

    def _is_archived(self, gid: str) -> bool:
        return is_still_archived(self._context, gid)


def is_still_archived(context: TraversalContext, project: str) -> bool:
    """Return whether a project is archived now: somebody may have restored it since it was listed."""
    request = context.request(TASKS, "", "/projects/{project_gid}", ("archived",), project_gid=project)
    records = context.client.fetch(replace(request, is_probe=True)).records
    return any(record.get("archived") is True for record in records)


def _projects_of(task: Any) -> frozenset[str]:  # noqa: ANN401 - a dictionary, or an object of an export
    """Return the gids of a task's projects; an unknown one if it has none."""
    projects = value_of(task, "projects")
    gids = {value_of(project, "gid") for project in projects} if isinstance(projects, list) else set()
    return frozenset(gid for gid in gids if isinstance(gid, str)) or frozenset({""})
