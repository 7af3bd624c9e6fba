"""The history of tasks, and the trash."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fake_asana.model.projects import Project
    from fake_asana.model.tasks import Task

Overlay = dict[str, "Task | None"]


class PastTask(NamedTuple):
    """A task as it was until an instant; None if it did not exist."""

    until: int
    gid: str
    task: Task | None


class PastTasks:
    """The earlier versions of tasks, one for each change of a clock, oldest first."""

    def __init__(self) -> None:
        """Start without versions."""
        self.versions: list[PastTask] = []
        self.overlay_key: tuple[int, int] = (0, 0)
        self.overlay: Overlay = {}

    def record_changed(self, task: Task, now: int) -> None:
        """Keep a copy of a task before it changes."""
        self.versions.append(PastTask(now, task.gid, task.copy()))

    def record_created(self, gid: str, now: int) -> None:
        """Record that a task did not exist before."""
        self.versions.append(PastTask(now, gid, None))

    def overlay_at(self, instant: int) -> Overlay:
        """Return the tasks changed since an instant, by gid, as they were then; None if there was none."""
        first = bisect_right(self.versions, instant, key=lambda before: before.until)
        if self.overlay_key != (first, len(self.versions)):
            self.overlay = {before.gid: before.task for before in reversed(self.versions[first:])}
            self.overlay_key = first, len(self.versions)
        return self.overlay


@dataclass
class Trash:
    """Deleted tasks and projects by gid, the subtasks deleted with each task, and the times of deletion."""

    tasks: dict[str, Task] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    deleted_at: dict[str, int] = field(default_factory=dict)
