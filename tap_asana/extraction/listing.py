"""Tasks by lists: of every project, every user and every tag, and under every task that has subtasks.

Works for every token. What no list reaches is a task that has no project, no tag, no assignee and no parent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tap_asana.asks import Ask, Page
from tap_asana.extraction.members import PATHS
from tap_asana.extraction.walk import Scope, ending
from tap_asana.parents import Parent
from tap_asana.protocol import Record
from tap_asana.reading import Reading, Unit
from tap_asana.state import parse_instant

LISTS: Mapping[str, str] = {
    "project": "/tasks?project={gid}",
    "user": "/tasks?assignee={gid}&workspace={workspace_gid}",
    "tag": "/tags/{gid}/tasks",
}
"""The lists that hold tasks, in reading order; the place of each is the first number of its keys."""

NEEDED = ("num_subtasks", "modified_at")

FOUND, SCAN, UNFILTERED = "found", "scan", "unfiltered"
"""Parts of the walk: tasks that Asana filtered by time, tasks looked at for their subtasks only, and lists that Asana
cannot filter: subtasks, and what hangs from a tag."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the lists is walked: which kinds, the projects that are new to the token, subtasks or not.

    A new project is read whole, whatever the bookmark (design, section 4); `new_only` leaves out all others.
    """

    kinds: Collection[str] = tuple(LISTS)
    new: Collection[str] = ()
    new_only: bool = False
    subtasks: bool = True


class Listing:
    """The lane of lists."""

    name = "lists"
    silent = False

    def __init__(
        self, scope: Scope, extent: Extent, start_date: str | None = None, hanging: Collection[str] = tuple(PATHS)
    ) -> None:
        """Prepare to walk; `start_date` bounds what a new project brings."""
        self.hanging = hanging
        self._scope = scope
        self._extent = extent
        self._start_date = start_date
        self._projects = None if scope.crawl.archived else self._active_projects()
        self._opened: set[int] = set()
        self._total = 0
        self._begun = 0

    @property
    def share(self) -> tuple[int, int]:
        """Return how many of the projects, users and tags were begun."""
        return self._begun, self._total

    def units(self) -> Iterator[Unit]:
        """Yield a unit for each list that is not finished."""
        parents = [(place, kind, parent) for place, kind in enumerate(LISTS) for parent in self._parents(kind)]
        done = self._scope.sweep.place(self.name)
        self._total = len(parents)
        for place, kind, parent in parents:
            key = (place, parent.order)
            end = ending(key)
            if done is None or done < end.key:
                yield Unit(key, list(self._first_asks(kind, parent)))
                yield end
            self._begun += 1

    def _active_projects(self) -> set[str]:
        return {project.gid for project in self._scope.crawl.parents("project", self._scope.workspace)}

    @property
    def _needed(self) -> Iterable[str]:
        return NEEDED if self._projects is None else (*NEEDED, "projects")

    def _parents(self, kind: str) -> Iterable[Parent]:
        if kind not in self._extent.kinds:
            return ()
        parents = self._scope.crawl.parents(kind, self._scope.workspace)
        if self._extent.new_only:
            return [parent for parent in parents if parent.gid in self._extent.new]
        return parents

    def _first_asks(self, kind: str, parent: Parent) -> Iterator[Ask]:
        """Ask for the tasks of one list; in an increment also for all parents of subtasks in it, changed or not."""
        since = self._since(parent.gid)
        ask = self._scope.tasks(FOUND, LISTS[kind], self._needed, gid=parent.gid)
        if kind == "tag":
            ask = ask.asking(UNFILTERED)
        if since is None or kind == "tag":
            yield ask
            return
        yield ask.asking(FOUND, modified_since=since)
        if self._extent.subtasks:
            yield ask.asking(SCAN, opt_fields="num_subtasks")

    def take(self, page: Page, reading: Reading) -> Iterable[Record]:
        """Return the tasks of a page, and ask for the subtasks of those that have some."""
        if page.truncated:
            reading.add(self._scope.crawl.narrower(page))
        if self._extent.subtasks:
            reading.add(self._subtasks(page.records))
        tasks = filter(self._is_wanted, page.records)
        if page.ask.part == UNFILTERED and reading.unit is not None:
            return _changed_since(self._since(str(reading.unit[1])), tasks)
        return () if page.ask.part == SCAN else tasks

    def _since(self, gid: str) -> str | None:
        """Return from when on a project, user or tag brings its tasks: a new project brings all."""
        return self._start_date if gid in self._extent.new else self._scope.sweep.since

    def _is_wanted(self, task: Record) -> bool:
        """Tell whether a task is in no project, or in one that is read."""
        projects = task.get("projects")
        return self._projects is None or not projects or any(each["gid"] in self._projects for each in projects)

    def _subtasks(self, records: Iterable[Record]) -> Iterator[Ask]:
        for record in records:
            gid = int(record["gid"])
            if record.get("num_subtasks") and gid not in self._opened:
                self._opened.add(gid)
                yield self._scope.tasks(UNFILTERED, "/tasks/{gid}/subtasks", self._needed, gid=record["gid"])


def _changed_since(since: str | None, tasks: Iterable[Record]) -> Iterator[Record]:
    """Do what `modified_since` does where Asana has it."""
    if since is None:
        yield from tasks
        return
    bound = parse_instant(since)
    yield from (task for task in tasks if parse_instant(task["modified_at"]) >= bound)
