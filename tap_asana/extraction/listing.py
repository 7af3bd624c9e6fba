"""Tasks by lists: of every project, every user and every tag, and under every task that has subtasks.

Works for every token. What no list reaches is a task that has no project, no tag, no assignee and no parent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tap_asana.asks import Ask, Page
from tap_asana.extraction.members import PATHS
from tap_asana.extraction.walk import Scope, ending
from tap_asana.parents import Parent
from tap_asana.protocol import Record
from tap_asana.reading import Key, Reading, Unit
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
        self._since: datetime | None = parse_instant(scope.sweep.since) if scope.sweep.since else None
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

    def _parents(self, kind: str) -> Iterable[Parent]:
        if kind not in self._extent.kinds:
            return ()
        parents = self._scope.crawl.parents(kind, self._scope.workspace)
        if self._extent.new_only:
            return [parent for parent in parents if parent.gid in self._extent.new]
        return parents

    def _first_asks(self, kind: str, parent: Parent) -> Iterator[Ask]:
        """Ask for the tasks of one list; in an increment also for all parents of subtasks in it, changed or not."""
        new = parent.gid in self._extent.new
        since = self._start_date if new else self._scope.sweep.since
        ask = self._scope.tasks(FOUND, LISTS[kind], NEEDED, gid=parent.gid)
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
        if page.ask.part == UNFILTERED and not self._whole(reading.unit):
            return [record for record in page.records if self._changed(record)]
        return () if page.ask.part == SCAN else page.records

    def _whole(self, unit: Key | None) -> bool:
        """Tell whether this list is read as if for the first time."""
        return self._since is None or (unit is not None and str(unit[1]) in self._extent.new)

    def _changed(self, record: Record) -> bool:
        """Tell what `modified_since` tells where Asana has it."""
        return self._since is None or parse_instant(record["modified_at"]) >= self._since

    def _subtasks(self, records: Iterable[Record]) -> Iterator[Ask]:
        for record in records:
            gid = int(record["gid"])
            if record.get("num_subtasks") and gid not in self._opened:
                self._opened.add(gid)
                yield self._scope.tasks(UNFILTERED, "/tasks/{gid}/subtasks", NEEDED, gid=record["gid"])
