"""How tasks were a while ago: what an index that lags, or an export that was begun earlier, still shows."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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
