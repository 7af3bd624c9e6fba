"""Tasks that events show to have come into a project, or out of the trash.

A move need not change a task's `modified_at`. If the task was in no project that the token sees, nothing below it was
read before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, TypeAlias

from tap_asana.api.decoding import Record, is_timestamp, nested_object, text_field
from tap_asana.api.request import Page
from tap_asana.state.instants import parse_instant
from tap_asana.tasks.events import TASKS, Batch, value_of
from tap_asana.tasks.task_lists import UNFILTERED

ADDED, REMOVED, RESTORED = "added", "removed", "undeleted"

CREATION = timedelta(minutes=1)
"""A task that comes into a project so long after its creation was moved; searches look back further."""


ProjectsOf: TypeAlias = Callable[[str], Collection[str]]
"""Returns the gids of projects of a workspace."""


@dataclass
class _Moves:
    """The first move of one task into or out of each project or parent, as its time and action."""

    first: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_restored: bool = False


class MovedTasks:
    """The tasks that came into a project or out of the trash, by gid, unless the run has written them since.

    `late_gids` are those that it has written, and below which nothing was read before. `read_gids` are all tasks that
    it has written since it knows of such tasks.
    """

    def __init__(
        self,
        is_read_alone: Callable[[str], bool] = lambda _: False,
        known_projects: ProjectsOf = lambda _: (),
    ) -> None:
        """Start without tasks; `is_read_alone` returns whether a read may write a task alone.

        `known_projects` returns those of the visible projects whose tasks earlier runs have read.
        """
        self.late_gids: set[str] = set()
        self.read_gids: set[int] = set()
        self._known_projects = cache(known_projects)
        self._is_read_alone = is_read_alone
        self._moves: dict[str, _Moves] = {}
        self._unread: dict[str, list[Record]] = {}
        self._subtasks: dict[str, list[Page]] = {}

    def add(self, gid: str, event: Record, workspace_gid: str, project_gid: str | None) -> None:
        """Add the event of a task of a workspace, from the events of a project if its gid is given."""
        action, parent = text_field(event, "action") or "", nested_object(event, "parent")
        if action == RESTORED:
            self._moves.setdefault(gid, _Moves()).is_restored = True
        elif self._is_move(action, parent, workspace_gid, project_gid):
            first, holder = self._moves.setdefault(gid, _Moves()).first, str(parent.get("gid"))
            move = (text_field(event, "created_at") or "", action)
            # The events of several projects tell of the same task, and not in the order of time.
            first[holder] = min(first.get(holder, move), move)

    def _is_move(self, action: str, parent: Mapping[str, Any], workspace_gid: str, project_gid: str | None) -> bool:
        """Return whether a task came into a project or below another task, or left what earlier runs have read.

        The events of a workspace name hidden projects too, and tasks in them; those of a project have its own moves.
        """
        holder, kind = parent.get("gid"), text_field(parent, "resource_type")
        if kind != "task" and project_gid not in {None, holder}:
            return False
        if action == REMOVED:
            left = holder if project_gid is None and kind == "project" else project_gid
            return left in self._known_projects(workspace_gid)
        return action == ADDED and (project_gid is not None or kind in {"task", "project"})

    def drop(self, gids: Iterable[str]) -> None:
        """Drop the tasks that were written with everything below them."""
        for gid in gids if self._moves else ():
            self._moves.pop(gid, None)

    def __contains__(self, gid: str) -> bool:
        """Return whether a task is one of them."""
        return gid in self._moves

    def __bool__(self) -> bool:
        """Return whether there are such tasks, or written ones below which nothing was read before."""
        return bool(self._moves or self.late_gids)

    def is_older(self, task: Any) -> bool:  # noqa: ANN401 - exports bring objects in place of dictionaries
        """Return whether a task that came into a project existed before: what is below it may be old, and unread."""
        moves = self._moves.get(task["gid"]) if isinstance(task, dict) else None
        if moves is None:
            return False
        created_at, moments = task.get("created_at"), [moment for moment, _ in moves.first.values()]
        if moves.is_restored or not is_timestamp(created_at) or not all(map(is_timestamp, moments)):
            return True
        return parse_instant(created_at) < parse_instant(min(moments)) - CREATION

    def is_unread(self, task: Record, workspace_gid: str) -> bool:
        """Return whether a task and everything below it may never have been read, or may have been deleted since.

        It was read if it left a project that earlier runs have read, and that it did not come into before, or if it
        still is in one.
        """
        moves = self._moves.get(task["gid"])
        if moves is None or moves.is_restored:
            return moves is not None
        actions = {holder: action for holder, (_, action) in moves.first.items()}
        projects = task.get("projects") or ()
        now = {str(project.get("gid")) for project in projects if isinstance(project, dict)}
        known = now.intersection(self._known_projects(workspace_gid))
        return REMOVED not in actions.values() and known <= actions.keys()

    def on_written(self, batch: Batch, gids: Collection[str]) -> None:
        """Note those of some written tasks that no project held before.

        A search writes changed tasks without their subtasks, and a read of all tasks leaves the streams below them to
        another one, which sees no change: what is below such a task is unread then.
        """
        older = [task for task in batch.records if self.is_older(task)] if self._moves else []
        workspace_gid = batch.parent_keys.get("workspace_gid", "")
        late = [task for task in older if task["gid"] in gids and self.is_unread(task, workspace_gid)]
        self.late_gids.update(task["gid"] for task in late)
        if late and self._is_read_alone(workspace_gid):
            self._unread.setdefault(workspace_gid, []).extend(late)

    def on_read(self, batch: Batch) -> None:
        """Note tasks that the read of all streams finds, if any have moved: these are not read again below them."""
        if self and batch.stream == TASKS:
            gids = (value_of(record, "gid") for record in batch.records)
            self.read_gids.update(int(gid) for gid in gids if gid and gid.isdecimal())

    def on_page(self, page: Page) -> None:
        """Keep a list of subtasks of a task that came into a project, if it is whole and only scanned for changes."""
        gid = page.request.parent_keys.get("gid", "")
        is_scanned = page.request.label == UNFILTERED and page.request.path.endswith("/subtasks")
        if is_scanned and gid in self and page.unavailable is None and not page.continues:
            self._subtasks.setdefault(gid, []).append(page)

    def pop_subtasks(self, gid: str, params: Mapping[str, str]) -> Page | None:
        """Return the list of the subtasks of a task, if this run has requested it with these parameters, once.

        A read without the stream `tasks` requests fewer fields.
        """
        pages = self._subtasks.pop(gid, ())
        return next((page for page in pages if page.request.params == params), None)

    def pop_unread(self, workspace_gid: str) -> list[Record]:
        """Return the tasks of a workspace that were written without what is below them, once."""
        return self._unread.pop(workspace_gid, [])
