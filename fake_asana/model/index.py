"""The search index: the tasks of a workspace, sorted by an instant and updated from the history."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from fake_asana.model.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State

IndexEntry = tuple[int, int, Task]
KEYS: Mapping[str, Callable[[Task], int]] = {
    "modified_at": lambda task: index_time(task, 0),
    "created_at": lambda task: task.created,
    "completed_at": lambda task: -1 if task.completed is None else task.completed,
}


def index_time(task: Task, ahead: int) -> int:
    """Return the index's time of the last change, which is `ahead` seconds newer than the field for two in three."""
    return task.modified + (ahead * 1000 if task.serial % 3 else 0)


class Range(NamedTuple):
    """Milliseconds from `low` on, before `high`."""

    low: int
    high: int

    def intersect(self, other: Range) -> Range:
        """Return the common part of two ranges."""
        return Range(max(self.low, other.low), min(self.high, other.high))


class OrderSlice(NamedTuple):
    """A contiguous part of a sorted list."""

    entries: list[IndexEntry]
    start: int
    stop: int

    @property
    def size(self) -> int:
        """Return the number of tasks."""
        return max(0, self.stop - self.start)

    def walk(self, *, ascending: bool) -> Iterator[IndexEntry]:
        """Yield the entries in either direction."""
        indexes = range(self.start, self.stop)
        return (self.entries[index] for index in (indexes if ascending else reversed(indexes)))


class TaskOrder:
    """All tasks of one workspace, sorted by one of the KEYS."""

    def __init__(self, state: State, workspace: Workspace, key: Callable[[Task], int]) -> None:
        """Sort the tasks once."""
        self.state, self.workspace, self.key = state, workspace, key
        self.history_length = len(state.history)
        self.entries = sorted(self.entry(task) for task in state.tasks.values() if task.workspace is workspace)

    def entry(self, task: Task) -> IndexEntry:
        """Return the sort key of a task with the task: its instant, then its serial number."""
        return self.key(task), task.serial, task

    def slice(self, limits: Range | None) -> OrderSlice:
        """Return the tasks whose instant is in a range; all tasks without a range."""
        self.refresh()
        if limits is None:
            return OrderSlice(self.entries, 0, len(self.entries))
        start, stop = (bisect_left(self.entries, (bound,)) for bound in limits)
        return OrderSlice(self.entries, start, stop)

    def refresh(self) -> None:
        """Apply the changes since the last call."""
        rows = (event.row for event in self.state.history[self.history_length :])
        changed = {row.gid for row in rows if isinstance(row, Task)}
        self.history_length = len(self.state.history)
        if not changed:
            return
        entries = [entry for entry in self.entries if entry[2].gid not in changed]
        tasks = (self.state.tasks[gid] for gid in changed if gid in self.state.tasks)
        entries += [self.entry(task) for task in tasks if task.workspace is self.workspace]
        entries.sort()
        self.entries = entries


class Index:
    """The orders used so far; the first use of each sorts all tasks."""

    def __init__(self, state: State) -> None:
        """Start without orders."""
        self.state = state
        self.orders: dict[tuple[str, str, int], TaskOrder] = {}

    def order(self, workspace: Workspace, key: str, ahead: int = 0) -> TaskOrder:
        """Return the tasks of a workspace by one of the KEYS, with the clock of changes `ahead` by some seconds."""
        task_order = self.orders.get((workspace.gid, key, ahead))
        if task_order is None:
            sort_key = partial(index_time, ahead=ahead) if key == "modified_at" else KEYS[key]
            task_order = self.orders[workspace.gid, key, ahead] = TaskOrder(self.state, workspace, sort_key)
        return task_order
