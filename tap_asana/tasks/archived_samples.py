"""Some tasks of archived projects, by which the exports of a workspace are compared with lists."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page
from tap_asana.parents.kinds import Parent
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import TASKS, value_of
from tap_asana.tasks.recent_tasks import is_settled
from tap_asana.tasks.samples import Samples, turn
from tap_asana.tasks.task_lists import TASK_LISTS

UNKNOWN_ARCHIVED = (
    "workspace %s: no tasks are known yet that show whether exports contain those of archived projects; those of %d "
    "archived projects may be missing"
)

ENOUGH_PROJECTS = 2
"""Archived projects with tasks in a file that prove that exports contain them."""

logger = logging.getLogger(__name__)


class ArchivedInFile:
    """Whether the file of an export contains a task in archived projects alone, and some that it must contain.

    Searches may leave out what exports leave out, so the tasks are found in the lists of archived projects.
    """

    def __init__(self, context: TraversalContext) -> None:
        """Start without tasks."""
        self._context = context
        self._shown, self._proofs = set[str](), set[str]()
        self._is_seen = False
        self._pages: list[Page] = []
        self._unlisted = 0

    def see(self, tasks: Iterable[Any]) -> None:
        """Take tasks of the file until it shows those of enough projects.

        A project that was archived just before the read proves nothing: Asana may make the file without knowing it.
        """
        for task in tasks:
            if len(self._proofs) >= ENOUGH_PROJECTS:
                return
            if (gids := _projects_of(task)) <= self._archived.keys():
                self._is_seen = True
                new = gids - self._shown if len(gids) == 1 else ()
                self._shown.update(new)
                self._proofs.update(filter(self._is_long_archived, new))

    def is_proven(self) -> bool:
        """Return whether the file contains tasks of archived projects as such.

        Not all of these have been restored since they were listed; a single one is requested.
        """
        return len(self._proofs) >= ENOUGH_PROJECTS or any(map(self._is_archived, self._proofs))

    def listed(self, max_lists: int) -> list[Record]:
        """Return changed tasks that the file lacks, from the lists of a few archived projects without a task in it.

        The next run looks through other lists. A file without any task of archived projects alone lacks them; one that
        has some may have tasks of several such projects.
        """
        samples, window = Samples(self._context), self._context.window
        bound = {"modified_since": window.since} if window.since else {}
        unseen = [project for gid, project in self._archived.items() if gid not in self._shown]
        projects = turn(unseen, window.run, max_lists)
        self._unlisted = len(unseen) - len(projects)
        self._pages = samples.pages(samples.request(TASK_LISTS["project"], each.gid, **bound) for each in projects)
        tasks = (task for page in self._pages for task in page.records if task.get("parent", "") is None)
        return [task for task in tasks if self._is_lacking(_projects_of(task))]

    def _is_lacking(self, projects: Collection[str]) -> bool:
        """Return whether the file has no task in just these projects, as far as it shows."""
        return self._archived.keys() - self._shown >= {*projects} and (len(projects) == 1 or not self._is_seen)

    def report(self, owe: Callable[[Page], object]) -> None:
        """Owe the lists that Asana refuses, and log how many others were not requested."""
        for page in self._refused:
            owe(page)
        if self._unlisted:
            logger.info(UNKNOWN_ARCHIVED, self._context.workspace.gid, self._unlisted)

    @property
    def unread(self) -> list[str]:
        """Return the state keys of the projects whose lists Asana refuses."""
        return [page.request.parent_keys["gid"] for page in self._refused]

    @property
    def _refused(self) -> list[Page]:
        return [page for page in self._pages if page.unavailable is not None and not page.is_not_in_plan]

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
