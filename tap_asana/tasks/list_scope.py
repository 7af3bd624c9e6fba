"""The lists that hold tasks, and how much of them a walk covers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

TASK_LISTS: Mapping[str, str] = {
    "project": "/tasks?project={gid}",
    "user": "/tasks?assignee={gid}&workspace={workspace_gid}",
    "tag": "/tags/{gid}/tasks",
}
"""The lists that hold tasks, in reading order; the place of each is the first number of its keys."""

LIST_FIELDS = ("num_subtasks", "modified_at", "created_at", "projects")

FOUND, SCAN, UNFILTERED, WHOLE = "found", "scan", "unfiltered", "whole"
"""Parts of the walk: tasks that Asana filtered by time, tasks looked at for their subtasks only, lists that Asana
cannot filter: subtasks, and what hangs from a tag; and subtasks of a task that changed or is read whole, all of which
are brought."""


@dataclass(frozen=True, slots=True)
class ListScope:
    """How much of the lists is walked: which kinds, the marks of those that are new to the token, subtasks or not.

    A new parent is read whole, whatever the bookmark (design, section 4); `new_only` leaves out all others.
    """

    kinds: Collection[str] = tuple(TASK_LISTS)
    new: Collection[str] = ()
    new_only: bool = False
    subtasks: bool = True
