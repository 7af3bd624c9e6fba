"""Search: at most a hundred tasks of a workspace, and what is known to be awkward about them."""

from __future__ import annotations

from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING

from fake_asana.dice import Dice
from fake_asana.filters import Filters, due, likers
from fake_asana.index import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from fake_asana.access import Viewer
    from fake_asana.index import Entry, Index, Stretch
    from fake_asana.past import Overlay
    from fake_asana.people import Workspace
    from fake_asana.tasks import Task

MOST = 100
LATE = 1 << 61
INDEXED = ("modified_at", "created_at")
SORTS: Mapping[str, Callable[[Task], int]] = {
    **KEYS,
    "due_date": lambda task: due(task) or LATE,
    "likes": lambda task: len(likers(task)),
    "relevance": lambda _: 0,
}


class Search:
    """One search: who asks, what for, in which order, and the index as far as it has come.

    `overlay` holds the tasks that have changed since the index saw them, as it still knows them.
    """

    def __init__(self, viewer: Viewer, filters: Filters, *, by: str, ascending: bool, overlay: Overlay) -> None:
        """Ready to look through a workspace."""
        self.viewer, self.filters, self.ascending, self.overlay = viewer, filters, ascending, overlay
        self.by = by if by in SORTS else "modified_at"

    def found(self, index: Index, workspace: Workspace, dice: Dice) -> list[Task]:
        """The first hundred; those of one instant in an order that the dice know."""
        name, stretch = self.narrowest(index, workspace)
        known = index.state.tasks
        late = (task for task in self.overlay.values() if task and task.workspace is workspace and task.gid in known)
        if name == self.by:
            entries = self.woven(stretch, late)
        else:
            fresh = (entry[2] for entry in stretch.walk(ascending=True) if entry[2].gid not in self.overlay)
            fitting = [task for tasks in (fresh, late) for task in tasks if self.fits(task)]
            entries = iter(sorted((self.entry(task) for task in fitting), reverse=not self.ascending))
        return self.first(entries, dice)

    def narrowest(self, index: Index, workspace: Workspace) -> tuple[str, Stretch]:
        """The order in which there are fewest tasks to look at."""
        names = dict.fromkeys((self.by if self.by in KEYS else "modified_at", *INDEXED))
        ranges = {name: self.filters.ranges.get(name.removesuffix("_at")) for name in names}
        found = [(name, index.order(workspace, name).stretch(ranges[name])) for name in names]
        return min(found, key=lambda one: one[1].size)

    def woven(self, stretch: Stretch, late: Iterable[Task]) -> Iterator[Entry]:
        """The tasks of a stretch, with those that have changed in their old places."""
        if not self.overlay:
            return stretch.walk(ascending=self.ascending)
        fresh = (entry for entry in stretch.walk(ascending=self.ascending) if entry[2].gid not in self.overlay)
        old = sorted(map(self.entry, late), reverse=not self.ascending)
        return merge(fresh, old, reverse=not self.ascending)

    def entry(self, task: Task) -> Entry:
        """The place of a task among the others."""
        return SORTS[self.by](task), task.serial, task

    def fits(self, task: Task) -> bool:
        """Whether a task is asked for and seen."""
        return self.filters.fits(task) and self.viewer.sees_task(task)

    def first(self, entries: Iterable[Entry], dice: Dice) -> list[Task]:
        """The first hundred that fit."""
        found: list[Task] = []
        for _, equal in groupby(entries, key=lambda entry: entry[0]):
            fitting = [task for _, _, task in equal if self.fits(task)]
            found += drawn(fitting, MOST - len(found), dice)
            if len(found) == MOST:
                break
        return found


def drawn(tasks: list[Task], most: int, dice: Dice) -> list[Task]:
    """Up to `most` of the tasks, in the order of chance."""
    for at in range(min(most, len(tasks) - 1)):
        other = at + dice.below(len(tasks) - at)
        tasks[at], tasks[other] = tasks[other], tasks[at]
    return tasks[:most]
