"""The tasks of a workspace in the order of an instant, kept up with history, so that a search is quick."""

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
    """The instant of a change by the index's clock, which is newer than the field by `ahead` seconds, or not."""
    return task.modified + (ahead * 1000 if task.serial % 3 else 0)


class Range(NamedTuple):
    """Milliseconds from `low` on and before `high`."""

    low: int
    high: int

    def intersect(self, other: Range) -> Range:
        """What both hold."""
        return Range(max(self.low, other.low), min(self.high, other.high))


class OrderSlice(NamedTuple):
    """Neighbours in an order, from one place up to another."""

    entries: list[IndexEntry]
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many they are."""
        return max(0, self.stop - self.start)

    def walk(self, *, ascending: bool) -> Iterator[IndexEntry]:
        """Each of them, from either end."""
        indexes = range(self.start, self.stop)
        return (self.entries[index] for index in (indexes if ascending else reversed(indexes)))


class TaskOrder:
    """All tasks of one workspace by one of the KEYS."""

    def __init__(self, state: State, workspace: Workspace, key: Callable[[Task], int]) -> None:
        """Sort them all once."""
        self.state, self.workspace, self.key = state, workspace, key
        self.history_length = len(state.history)
        self.entries = sorted(self.entry(task) for task in state.tasks.values() if task.workspace is workspace)

    def entry(self, task: Task) -> IndexEntry:
        """The place of a task: by its instant, then by its serial number."""
        return self.key(task), task.serial, task

    def slice(self, limits: Range | None) -> OrderSlice:
        """The tasks whose instant is in a range; all without one."""
        self.refresh()
        if limits is None:
            return OrderSlice(self.entries, 0, len(self.entries))
        start, stop = (bisect_left(self.entries, (bound,)) for bound in limits)
        return OrderSlice(self.entries, start, stop)

    def refresh(self) -> None:
        """Take in what happened since the last time."""
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
    """Every order that was asked for; the first asking takes a moment."""

    def __init__(self, state: State) -> None:
        """Sort nothing yet."""
        self.state = state
        self.orders: dict[tuple[str, str, int], TaskOrder] = {}

    def order(self, workspace: Workspace, key: str, ahead: int = 0) -> TaskOrder:
        """The tasks of a workspace by one of the KEYS, with the clock of changes so many seconds ahead."""
        task_order = self.orders.get((workspace.gid, key, ahead))
        if task_order is None:
            sort_key = partial(index_time, ahead=ahead) if key == "modified_at" else KEYS[key]
            task_order = self.orders[workspace.gid, key, ahead] = TaskOrder(self.state, workspace, sort_key)
        return task_order
