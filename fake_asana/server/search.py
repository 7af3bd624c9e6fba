"""Search: at most a page of the tasks of a workspace, and what is known to be awkward about them."""

from __future__ import annotations

from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING

from fake_asana.model.filters import Filters, due, likers
from fake_asana.model.index import KEYS, modified
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from fake_asana.model.access import Viewer
    from fake_asana.model.dialect import Dialect
    from fake_asana.model.history import Overlay
    from fake_asana.model.index import Entry, Index, Stretch
    from fake_asana.model.people import Workspace
    from fake_asana.model.tasks import Task

LATE = 1 << 61
INDEXED = ("modified_at", "created_at")
SORTS: Mapping[str, Callable[[Task], int]] = {
    **KEYS,
    "due_date": lambda task: due(task) or LATE,
    "likes": lambda task: len(likers(task)),
    "relevance": lambda _: 0,
}


class Search:
    """One search: who asks, what for, in which order, how many, and the index as far as it has come.

    `overlay` holds the tasks that have changed since the index saw them, as it still knows them.
    """

    def __init__(
        self,
        viewer: Viewer,
        filters: Filters,
        dialect: Dialect,
        *,
        by: str,
        ascending: bool,
        overlay: Overlay,
        most: int,
    ) -> None:
        """Ready to look through a workspace."""
        self.viewer, self.filters, self.ascending, self.overlay = viewer, filters, ascending, overlay
        self.dialect, self.most = dialect, most
        self.by = by if by in SORTS else "modified_at"

    def found(self, index: Index, workspace: Workspace, dice: SeededRandom) -> list[Task]:
        """The first that the token sees; those of one instant in an order that the dice know, or a fixed one."""
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
        found = [
            (name, index.order(workspace, name, self.dialect.search_ahead).stretch(ranges[name])) for name in names
        ]
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
        if self.by == "modified_at":
            return modified(task, self.dialect.search_ahead), task.serial, task
        return SORTS[self.by](task), task.serial, task

    def fits(self, task: Task) -> bool:
        """Whether a task is asked for, and seen unless those count that are not."""
        return self.filters.fits(task) and (self.dialect.search_hides or self.viewer.sees_task(task))

    def first(self, entries: Iterable[Entry], dice: SeededRandom) -> list[Task]:
        """The first that fit, and of these what the token sees."""
        found: list[Task] = []
        for _, equal in groupby(entries, key=lambda entry: entry[0]):
            fitting = [task for _, _, task in equal if self.fits(task)]
            found += self.some(fitting, self.most - len(found), dice)
            if len(found) == self.most:
                break
        return [task for task in found if self.viewer.sees_task(task)]

    def some(self, tasks: list[Task], most: int, dice: SeededRandom) -> list[Task]:
        """Up to `most` of the tasks of one instant, in the order of the dialect."""
        if self.dialect.search_ties == "any":
            return drawn(tasks, most, dice)
        newest_first = self.dialect.search_ties == "last"
        return sorted(tasks, key=lambda task: task.serial, reverse=newest_first)[:most]


def drawn(tasks: list[Task], most: int, dice: SeededRandom) -> list[Task]:
    """Up to `most` of the tasks, in the order of chance."""
    for at in range(min(most, len(tasks) - 1)):
        other = at + dice.below(len(tasks) - at)
        tasks[at], tasks[other] = tasks[other], tasks[at]
    return tasks[:most]
