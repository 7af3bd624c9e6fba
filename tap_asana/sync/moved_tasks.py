"""Tasks that events show to have come into a project, or out of the trash.

A move need not change a task's `modified_at`. If the task was in no project that the token sees, nothing below it was
read before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tap_asana.api.decoding import Record, is_timestamp, nested_object, text_field
from tap_asana.state.instants import parse_instant

ADDED, REMOVED, RESTORED = "added", "removed", "undeleted"

CREATION = timedelta(minutes=1)
"""A task that comes into a project so long after its creation was moved; searches look back further."""


@dataclass
class _Moves:
    """The first move of one task into or out of each project or parent, as its time and action."""

    first: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_restored: bool = False


class MovedTasks:
    """The tasks that came into a project or out of the trash, by gid, unless the run has written them since."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._moves: dict[str, _Moves] = {}

    def add(self, gid: str, event: Record, project_gid: str | None) -> None:
        """Add the event of a task, from the events of a project if its gid is given."""
        action, parent = text_field(event, "action") or "", nested_object(event, "parent")
        is_own = project_gid is not None and parent.get("gid") == project_gid
        is_below_task = project_gid is not None and text_field(parent, "resource_type") == "task"
        if action == RESTORED:
            self._moves.setdefault(gid, _Moves()).is_restored = True
        elif action in {ADDED, REMOVED} and (is_own or is_below_task):
            first, holder = self._moves.setdefault(gid, _Moves()).first, str(parent.get("gid"))
            move = (text_field(event, "created_at") or "", action)
            # The events of several projects tell of the same task, and not in the order of time.
            first[holder] = min(first.get(holder, move), move)

    def drop(self, gids: Iterable[str]) -> None:
        """Drop the tasks that were written with everything below them."""
        for gid in gids if self._moves else ():
            self._moves.pop(gid, None)

    def __contains__(self, gid: str) -> bool:
        """Return whether a task is one of them."""
        return gid in self._moves

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._moves)

    def is_older(self, task: Any) -> bool:  # noqa: ANN401 - exports bring objects in place of dictionaries
        """Return whether a task that came into a project existed before: what is below it may be old, and unread."""
        moves = self._moves.get(task["gid"]) if isinstance(task, dict) else None
        if moves is None:
            return False
        created_at, moments = task.get("created_at"), [moment for moment, _ in moves.first.values()]
        if moves.is_restored or not is_timestamp(created_at) or not all(map(is_timestamp, moments)):
            return True
        return parse_instant(created_at) < parse_instant(min(moments)) - CREATION

    def is_unread(self, task: Record, visible_projects: Collection[str]) -> bool:
        """Return whether a task and everything below it may never have been read, or may have been deleted since.

        It was read if it left a visible project that it did not come into before, or if it still is in one.
        """
        moves = self._moves.get(task["gid"])
        if moves is None or moves.is_restored:
            return moves is not None
        actions = {holder: action for holder, (_, action) in moves.first.items()}
        projects = task.get("projects") or ()
        now = {str(project.get("gid")) for project in projects if isinstance(project, dict)} & {*visible_projects}
        return REMOVED not in actions.values() and now <= actions.keys()
