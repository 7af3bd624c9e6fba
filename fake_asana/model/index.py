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

Entry = tuple[int, int, Task]
KEYS: Mapping[str, Callable[[Task], int]] = {
    "modified_at": lambda task: modified(task, 0),
    "created_at": lambda task: task.created,
    "completed_at": lambda task: -1 if task.completed is None else task.completed,
}


def modified(task: Task, ahead: int) -> int:
    """The instant of a change by the index's clock, which is newer than the field by `ahead` seconds, or not."""
    return task.modified + (ahead * 1000 if task.serial % 3 else 0)


class Range(NamedTuple):
    """Milliseconds from `low` on and before `high`."""

    low: int
    high: int

    def within(self, other: Range) -> Range:
        """What both hold."""
        return Range(max(self.low, other.low), min(self.high, other.high))


class Stretch(NamedTuple):
    """Neighbours in an order, from one place up to another."""

    entries: list[Entry]
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many they are."""
        return max(0, self.stop - self.start)

    def walk(self, *, ascending: bool) -> Iterator[Entry]:
        """Each of them, from either end."""
        places = range(self.start, self.stop)
        return (self.entries[at] for at in (places if ascending else reversed(places)))


class Order:
    """All tasks of one workspace by one of the KEYS."""

    def __init__(self, state: State, workspace: Workspace, key: Callable[[Task], int]) -> None:
        """Sort them all once."""
        self.state, self.workspace, self.key = state, workspace, key
        self.seen = len(state.history)
        self.entries = sorted(self.entry(task) for task in state.tasks.values() if task.workspace is workspace)

    def entry(self, task: Task) -> Entry:
        """The place of a task: by its instant, then by its serial number."""
        return self.key(task), task.serial, task

    def stretch(self, found: Range | None) -> Stretch:
        """The tasks whose instant is in a range; all without one."""
        self.catch_up()
        if found is None:
            return Stretch(self.entries, 0, len(self.entries))
        start, stop = (bisect_left(self.entries, (bound,)) for bound in found)
        return Stretch(self.entries, start, stop)

    def catch_up(self) -> None:
        """Take in what happened since the last time."""
        rows = (event.row for event in self.state.history[self.seen :])
        moved = {row.gid for row in rows if isinstance(row, Task)}
        self.seen = len(self.state.history)
        if not moved:
            return
        stay = [entry for entry in self.entries if entry[2].gid not in moved]
        tasks = (self.state.tasks[gid] for gid in moved if gid in self.state.tasks)
        stay += [self.entry(task) for task in tasks if task.workspace is self.workspace]
        stay.sort()
        self.entries = stay


class Index:
    """Every order that was asked for; the first asking takes a moment."""

    def __init__(self, state: State) -> None:
        """Sort nothing yet."""
        self.state = state
        self.orders: dict[tuple[str, str, int], Order] = {}

    def order(self, workspace: Workspace, key: str, ahead: int = 0) -> Order:
        """The tasks of a workspace by one of the KEYS, with the clock of changes so many seconds ahead."""
        found = self.orders.get((workspace.gid, key, ahead))
        if found is None:
            by = partial(modified, ahead=ahead) if key == "modified_at" else KEYS[key]
            found = self.orders[workspace.gid, key, ahead] = Order(self.state, workspace, by)
        return found
