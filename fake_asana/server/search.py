"""Search: up to a page of the tasks of a workspace, with the known oddities of Asana's search."""

from __future__ import annotations

from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING

from fake_asana.model.filters import Filters, due, likers
from fake_asana.model.index import KEYS, index_time
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from fake_asana.model.access import Viewer
    from fake_asana.model.dialect import Dialect
    from fake_asana.model.history import Overlay
    from fake_asana.model.index import Index, IndexEntry, OrderSlice
    from fake_asana.model.people import Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.tasks import Task

NO_DUE_DATE = 1 << 61
INDEXED = ("modified_at", "created_at")
SORTS: Mapping[str, Callable[[Task], int]] = {
    **KEYS,
    "due_date": lambda task: due(task) or NO_DUE_DATE,
    "likes": lambda task: len(likers(task)),
    "relevance": lambda _: 0,
}


class Search:
    """One search: viewer, filters, order, limit, and the lag of the index.

    `overlay` holds older versions of tasks changed since the `horizon`, the present before the lag.
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
        horizon: int,
        most: int,
    ) -> None:
        """Prepare the search."""
        self.viewer, self.filters, self.ascending, self.overlay = viewer, filters, ascending, overlay
        self.dialect, self.horizon, self.max_rows = dialect, horizon, most
        self.by = by if by in SORTS else "modified_at"

    def results(self, index: Index, workspace: Workspace, rng: SeededRandom) -> list[Task]:
        """Return the first visible tasks; the order among tasks of the same instant is random or fixed."""
        name, order_slice = self.narrowest(index, workspace)
        known_gids = index.state.tasks
        trash = index.state.trash.tasks if self.dialect.trash.searched else {}
        trashed = [task for task in trash.values() if task.workspace is workspace]
        changed = (
            task for task in self.overlay.values() if task and task.workspace is workspace and task.gid in known_gids
        )
        if name == self.by:
            entries = self.merged(order_slice, changed)
            if trashed:
                found = sorted(map(self.entry, trashed), reverse=not self.ascending)
                entries = merge(entries, found, reverse=not self.ascending)
        else:
            unchanged = (entry[2] for entry in order_slice.walk(ascending=True) if entry[2].gid not in self.overlay)
            fitting = [task for tasks in (unchanged, changed, trashed) for task in tasks if self.matches(task)]
            entries = iter(sorted((self.entry(task) for task in fitting), reverse=not self.ascending))
        return self.first_matches(entries, rng)

    def narrowest(self, index: Index, workspace: Workspace) -> tuple[str, OrderSlice]:
        """Return the index order with the fewest candidates."""
        names = dict.fromkeys((self.by if self.by in KEYS else "modified_at", *INDEXED))
        ranges = {name: self.filters.ranges.get(name.removesuffix("_at")) for name in names}
        slices = [
            (name, index.order(workspace, name, self.dialect.search_ahead_seconds).slice(ranges[name]))
            for name in names
        ]
        return min(slices, key=lambda named_slice: named_slice[1].size)

    def merged(self, order_slice: OrderSlice, changed: Iterable[Task]) -> Iterator[IndexEntry]:
        """Yield the tasks of a slice, with changed tasks in their old positions."""
        if not self.overlay:
            return order_slice.walk(ascending=self.ascending)
        unchanged = (entry for entry in order_slice.walk(ascending=self.ascending) if entry[2].gid not in self.overlay)
        changed_entries = sorted(map(self.entry, changed), reverse=not self.ascending)
        return merge(unchanged, changed_entries, reverse=not self.ascending)

    def entry(self, task: Task) -> IndexEntry:
        """Return a task with its sort key."""
        if self.by == "modified_at":
            return index_time(task, self.dialect.search_ahead_seconds), task.serial, task
        return SORTS[self.by](task), task.serial, task

    def matches(self, task: Task) -> bool:
        """Return True if a task passes the filters, is indexed, and is visible or counts although hidden."""
        is_counted = self.dialect.search_counts_hidden or self.viewer.sees_task(task)
        return self.filters.match(task) and self.is_indexed(task) and is_counted

    def is_indexed(self, task: Task) -> bool:
        """Return True if the dialect's search finds tasks of this kind."""
        dialect = self.dialect
        asks_for_subtasks = dialect.search_subtasks == "asked" and "is_subtask" in self.filters.query
        if task.parent and dialect.search_subtasks != "found" and not asks_for_subtasks:
            return False
        top = topmost_listed(task)
        if top.sections:
            return dialect.search_archived or not all(map(self.is_archived, top.projects()))
        is_own = top.assignee is not None and top.assignee is self.viewer.user
        return dialect.search_private == "found" or (dialect.search_private == "own" and is_own)

    def is_archived(self, project: Project) -> bool:
        """Return True if the index has a project as archived: it learns late of both directions."""
        return project.archived is (project.archive_changed <= self.horizon)

    def first_matches(self, entries: Iterable[IndexEntry], rng: SeededRandom) -> list[Task]:
        """Return the visible tasks among the first matches."""
        results: list[Task] = []
        for _, ties in groupby(entries, key=lambda entry: entry[0]):
            fitting = [task for _, _, task in ties if self.matches(task)]
            results += self.limit_ties(fitting, self.max_rows - len(results), rng)
            if len(results) == self.max_rows:
                break
        return [task for task in results if self.viewer.sees_task(task)]

    def limit_ties(self, tasks: list[Task], max_count: int, rng: SeededRandom) -> list[Task]:
        """Return up to `max_count` tasks of the same instant, in the order of the dialect."""
        if self.dialect.search_ties == "any":
            return draw(tasks, max_count, rng)
        newest_first = self.dialect.search_ties == "last"
        return sorted(tasks, key=lambda task: task.serial, reverse=newest_first)[:max_count]


def topmost_listed(task: Task) -> Task:
    """Return the task itself if it is in a project, else the first of its parents that is in one, or the topmost."""
    while not task.sections and task.parent:
        task = task.parent
    return task


def draw(tasks: list[Task], max_count: int, rng: SeededRandom) -> list[Task]:
    """Return up to `max_count` tasks in random order."""
    for index in range(min(max_count, len(tasks) - 1)):
        other = index + rng.below(len(tasks) - index)
        tasks[index], tasks[other] = tasks[other], tasks[index]
    return tasks[:max_count]
