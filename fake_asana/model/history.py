"""The memory of a world: tasks as they were, and the trash."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fake_asana.model.projects import Project
    from fake_asana.model.tasks import Task

Overlay = dict[str, "Task | None"]


class Before(NamedTuple):
    """How a task was until an instant; None when it did not exist."""

    until: int
    gid: str
    task: Task | None


class History:
    """The tasks as they were before each change of their clocks, oldest change first."""

    def __init__(self) -> None:
        """Remember nothing."""
        self.befores: list[Before] = []
        self.known: tuple[int, int] = (0, 0)
        self.overlay: Overlay = {}

    def keep(self, task: Task, now: int) -> None:
        """Remember how a task is before it changes."""
        self.befores.append(Before(now, task.gid, task.copy()))

    def record_created(self, gid: str, now: int) -> None:
        """Remember that a task did not exist before."""
        self.befores.append(Before(now, gid, None))

    def at(self, instant: int) -> Overlay:
        """By gid what each task was at an instant that has changed since; None where there was none."""
        first = bisect_right(self.befores, instant, key=lambda before: before.until)
        if self.known != (first, len(self.befores)):
            self.overlay = {before.gid: before.task for before in reversed(self.befores[first:])}
            self.known = first, len(self.befores)
        return self.overlay


@dataclass
class Trash:
    """Deleted tasks and projects by gid; `children` are the subtasks that went with a task, `since` when."""

    tasks: dict[str, Task] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
