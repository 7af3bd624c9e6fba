"""The trash: what was deleted and can still come back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_asana.model.projects import Project
    from fake_asana.model.tasks import Task


@dataclass
class Trash:
    """Deleted tasks and projects by gid; `children` are the subtasks that went with a task, `since` when."""

    tasks: dict[str, Task] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
