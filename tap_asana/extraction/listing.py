"""Tasks by lists: of every project, every user and every tag, and under every task that has subtasks.

Works for every token. What no list reaches is a task that has no project, no tag, no parent, and no assignee among
the people who are listed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tap_asana.asks import Ask, Page
from tap_asana.decoding import is_instant
from tap_asana.extraction.gids import Gids
from tap_asana.extraction.homes import Homes
from tap_asana.extraction.members import PATHS
from tap_asana.extraction.walk import Scope, ending
from tap_asana.parents import Parent, Share
from tap_asana.protocol import Record
from tap_asana.reading import BELOW, LAST, Key, Reading, Unit
from tap_asana.state import parse_instant

LISTS: Mapping[str, str] = {
    "project": "/tasks?project={gid}",
    "user": "/tasks?assignee={gid}&workspace={workspace_gid}",
    "tag": "/tags/{gid}/tasks",
}
"""The lists that hold tasks, in reading order; the place of each is the first number of its keys."""

NEEDED = ("num_subtasks", "modified_at", "projects")

FOUND, SCAN, UNFILTERED, WHOLE = "found", "scan", "unfiltered", "whole"
"""Parts of the walk: tasks that Asana filtered by time, tasks looked at for their subtasks only, lists that Asana
cannot filter: subtasks, and what hangs from a tag; and subtasks of a task that changed or is read whole, all of which
are brought."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the lists is walked: which kinds, the marks of those that are new to the token, subtasks or not.

    A new parent is read whole, whatever the bookmark (design, section 4); `new_only` leaves out all others.
    """

    kinds: Collection[str] = tuple(LISTS)
    new: Collection[str] = ()
    new_only: bool = False
    subtasks: bool = True


class Opened:
    """Tasks whose subtasks were asked for, and whether all of those were wanted or only the ones that changed."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._whole = Gids()
        self._changed = Gids()

    def add(self, gid: int, *, whole: bool) -> bool:
        """Add a task; tell whether nobody has asked for as much of its subtasks before.

        Who wants all of them asks again where only changes were wanted: what had not changed was dropped there.
        """
        if whole:
            return self._whole.add(gid)
        return gid not in self._whole and self._changed.add(gid)


class Listing:
    """The lane of lists."""

    silent = False

    def __init__(
        self,
        name: str,
        scope: Scope,
        extent: Extent,
        start_date: str | None = None,
        hanging: Collection[str] = tuple(PATHS),
        *,
        homes: Homes | None = None,
    ) -> None:
        """Prepare to walk; `start_date` bounds what a new project brings, and `homes` are shared with other lanes.

        The name belongs to the extent: a walk of another extent does not go on from its place.
        """
        # An order of people that is not by their gids is another extent.
        self.name = ":".join(filter(None, (name, scope.crawl.ranking.name if "user" in extent.kinds else "")))
        self.hanging = hanging
        self._scope = scope
        self._extent = extent
        self._start_date = start_date
        self._homes = homes or scope.homes(extent.new if extent.new_only else None)
        self._opened = Opened()
        self._ends: dict[str, list[Key]] = {}

    def share(self, done: Key | None) -> Share:
        """Return how many of the projects, users and tags are done, with all that hangs from their tasks."""
        place = done or self._scope.sweep.place(self.name)
        return {kind: (bisect_right(ends, place) if place else 0, len(ends)) for kind, ends in self._ends.items()}

    def units(self) -> Iterator[Unit]:
        """Yield a unit for each list that is not finished."""
        parents = [(place, kind, parent) for place, kind in enumerate(LISTS) for parent in self._parents(kind)]
        done = self._scope.sweep.place(self.name)
        for place, kind, parent in parents:
            self._ends.setdefault(kind, []).append((place, parent.order, LAST))
        for place, kind, parent in parents:
            key = (place, parent.order)
            end = ending(key)
            if done is None or done < end.key:
                yield Unit(key, list(self._first_asks(kind, parent)))
                yield end
            elif kind == "project":
                self._homes.finish(parent.gid)

    def _parents(self, kind: str) -> Iterable[Parent]:
        if kind not in self._extent.kinds:
            return ()
        crawl, workspace = self._scope.crawl, self._scope.workspace
        parents = crawl.parents(kind, workspace)
        if self._extent.new_only:
            return [parent for parent in parents if parent.mark in self._extent.new]
        refusal = crawl.refusal(kind, workspace)
        if refusal and refusal.refused:
            self._scope.refuse(refusal.ask, refusal.refused)
            for name in self._scope.fields:
                self._scope.client.tallies.miss(name, refusal)
        return parents

    def _first_asks(self, kind: str, parent: Parent) -> Iterator[Ask]:
        """Ask for the tasks of one list; in an increment also for all parents of subtasks in it, changed or not."""
        since = self._since(parent.mark)
        ask = self._scope.tasks(FOUND, LISTS[kind], NEEDED, gid=parent.gid, mark=parent.mark)
        if kind == "tag":
            ask = ask.asking(UNFILTERED)
        if since is None or kind == "tag":
            yield ask
            return
        yield ask.asking(FOUND, modified_since=since)
        if self._extent.subtasks:
            yield ask.asking(SCAN, opt_fields=",".join(NEEDED))

    def key(self, unit: Key, task: Record) -> Key:
        """Return the place of a task among those of its list."""
        return (*unit, int(task["gid"]))

    def take(self, page: Page, reading: Reading) -> Iterable[Record]:
        """Return the tasks of a page, and ask for the subtasks of those that have some."""
        ask = page.ask
        if page.refused is not None:
            reading.add(self._homes.refuse(ask.keys.get("gid", "0")))
        elif page.following is None and not page.truncated and ask.part == FOUND and "project" in ask.params:
            self._homes.finish(ask.keys["gid"])
        unit = reading.unit or ()
        tasks = [task for task in page.records if self._belongs(task, ask, unit)]
        if self._extent.subtasks:
            reading.queue(self._subtasks(tasks, unit, ask))
        if ask.part == SCAN:
            return ()
        return tasks if ask.part == FOUND else [task for task in tasks if self._has_changed(task, ask)]

    def _belongs(self, task: Record, ask: Ask, unit: Key) -> bool:
        """Tell whether a task is this list's to bring: no list before it does.

        To a list behind it nothing is left: when the read is taken up, that one may be refused, or its project gone.
        """
        if not self._scope.crawl.archived and self._homes.shut_out(task):
            return False
        # Who is read whole leaves nothing to a project that brings changes alone.
        whole = self._scope.sweep.since != self._start_date and ask.keys.get("mark", "") in self._extent.new
        home = self._homes.home(task, self._extent.new if whole else None)
        if home is None or (0, home) >= unit[:2]:
            return True
        self._homes.leave(home, ask)
        return False

    def _since(self, mark: str) -> str | None:
        """Return from when on a project, user or tag brings its tasks: a new project brings all."""
        return self._start_date if mark in self._extent.new else self._scope.sweep.since

    def _bound(self, ask: Ask) -> str | None:
        """Return from when on the tasks of an answer are brought."""
        return self._start_date if ask.part == WHOLE else self._since(ask.keys.get("mark", ""))

    def _subtasks(self, tasks: Iterable[Record], unit: Key, above: Ask) -> Iterator[Unit]:
        """Give the list of each task's subtasks a unit of its own, behind what hangs from the task.

        Below a task that changed everything counts as changed: during the last run the task may have come from a list
        ahead of the reader into one behind, and no clock of what lies below it moved with it. Below a task that is
        read whole all is read whole, at any depth.
        """
        place = self._scope.sweep.place(self.name)
        whole = self._bound(above) == self._start_date
        parents = {
            int(task["gid"]): whole or self._has_changed(task, above) for task in tasks if task.get("num_subtasks") != 0
        }
        # What the first attempt is done with here may still be opened elsewhere: it may have left it to another list.
        ahead = (gid for gid in sorted(parents) if place is None or place < (*unit, gid, BELOW))
        below = [(gid, parents[gid]) for gid in ahead if self._opened.add(gid, whole=parents[gid])]
        mark = above.keys.get("mark", "")
        return (
            Unit((*unit, gid, BELOW), [self._below(gid, WHOLE if all_ else UNFILTERED, mark)]) for gid, all_ in below
        )

    def _below(self, gid: int, part: str, mark: str) -> Ask:
        return self._scope.tasks(part, "/tasks/{gid}/subtasks", NEEDED, gid=f"{gid}", mark=mark)

    def _has_changed(self, task: Record, ask: Ask) -> bool:
        """Do what `modified_since` does where Asana has it."""
        since, modified = self._bound(ask), task.get("modified_at")
        return since is None or not is_instant(modified) or parse_instant(f"{modified}") >= parse_instant(since)
