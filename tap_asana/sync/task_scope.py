"""The tasks that the settings include, for objects below tasks that arrive without them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.parents.kinds import Workspace
from tap_asana.run import Run
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.instants import format_instant
from tap_asana.tasks.events import TASKS, Batch
from tap_asana.tasks.owed import TASK_PATH
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.task_lists import is_since

SCOPE_FIELDS = ("modified_at", "projects")
"""The fields of a task that decide whether the settings include it."""

HOLDER = "holder"
"""The label of requests for the task of an object."""


class TaskScope:
    """The tasks of a workspace that the settings `start_date` and `include_archived_projects` include.

    Objects below a task that may be excluded wait until the task is requested, once for all of them. `undecided` are
    those whose task Asana refuses to show.
    """

    def __init__(self, run: Run, workspace: Workspace) -> None:
        """Know no task yet."""
        self._run = run
        self._workspace = workspace
        start, self._listed = run.settings.start_date, None
        self._start_date = format_instant(start) if start else None
        if not run.directory.include_archived:
            projects = run.directory.parents("project", workspace)
            self._listed = TaskOwnership((project.gid for project in projects), (), run.start)
        self._is_included: dict[str, bool] = {}
        self._waiting: dict[str, list[Batch]] = {}
        self.undecided: list[Batch] = []

    def includes(self, task: Record) -> bool:
        """Return whether a task is included."""
        is_archived = self._listed is not None and self._listed.is_out_of_scope(task)
        return not is_archived and is_since(task.get("modified_at"), self._start_date)

    def admit(self, batch: Batch) -> Generator[Batch, None, list[Request]]:
        """Yield a batch of one object if its task is included; return the request that is needed to know."""
        gid = batch.parent_keys["task_gid"]
        if self._certainly_includes_task_of(batch.records[0]) or self._is_included.get(gid):
            yield batch
        elif gid not in self._is_included:
            is_requested = gid in self._waiting
            self._waiting.setdefault(gid, []).append(batch)
            return [] if is_requested else [self._request(gid)]
        return []

    def release(self, page: Page) -> Iterator[Batch]:
        """Yield the objects that waited for this task if the settings include it."""
        gid = page.request.parent_keys["task_gid"]
        self._is_included[gid] = any(map(self.includes, page.records))
        waiting = self._waiting.pop(gid)
        if page.unavailable is not None and page.unavailable.status not in GONE_STATUSES:
            self.undecided += waiting
        yield from waiting if self._is_included[gid] else ()

    def _certainly_includes_task_of(self, record: Record) -> bool:
        """Return whether the task of an object is included for certain: it changed with the object."""
        is_young = "created_at" in record and is_since(record["created_at"], self._start_date)
        return self._listed is None and (self._start_date is None or is_young)

    def _request(self, gid: str) -> Request:
        keys = {"task_gid": gid}
        request = self._run.directory.build_request(TASKS, TASK_PATH, keys, SCOPE_FIELDS, self._workspace)
        return replace(request, label=HOLDER, is_probe=True)
