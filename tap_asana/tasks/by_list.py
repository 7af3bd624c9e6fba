"""Tasks by lists: of every project, every user and every tag, and under every task that has subtasks.

Works for every token. What no list reaches is a task that has no project, no tag, no parent, and no assignee among
the people who are listed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tap_asana.api.protocol import Record
from tap_asana.api.request import Ask, Page
from tap_asana.fetch.scheduler import BELOW, Key, Reading, Unit
from tap_asana.parents.kinds import Parent, Share
from tap_asana.tasks.compact import Gids, Opened
from tap_asana.tasks.events import PATHS
from tap_asana.tasks.ownership import Homes, Meeting
from tap_asana.tasks.relisting import AGAIN, MAX_SINGLE_TASKS, PARENT, SINGLE, LongLists, is_since
from tap_asana.tasks.traversal import Scope, ending

LISTS: Mapping[str, str] = {
    "project": "/tasks?project={gid}",
    "user": "/tasks?assignee={gid}&workspace={workspace_gid}",
    "tag": "/tags/{gid}/tasks",
}
"""The lists that hold tasks, in reading order; the place of each is the first number of its keys."""

NEEDED = ("num_subtasks", "modified_at", "created_at", "projects")

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


def _later(key: Key) -> Key:
    """Return where a list is listed once more: behind all lists."""
    return (len(LISTS) + key[0], *key[1:])


def is_first_pass(page: Page, unit: Key) -> bool:
    """Tell whether a page is of the list of a project, user or tag, read for the first time in this walk."""
    return len(unit) == PARENT and unit[0] < len(LISTS) and SINGLE not in page.ask.keys and page.ask.part != AGAIN


class Listing:
    """The lane of lists.

    One that `relists_at_once` lists a list of several pages again when it is read, and not when all lists are.
    """

    silent = False
    relists_at_once = False

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
        self._behind_place = Gids()
        self._unread = 0
        self._again: dict[Key, list[Ask]] = {}
        self._long = LongLists(self.name, scope.sweep.until, scope.sweep.long_lists)
        self._long_below = LongLists(self.name, scope.sweep.until, {})
        self._ends: dict[str, list[Key]] = {}

    def share(self, done: Key | None) -> Share:
        """Return how many of the projects, users and tags are done, with all that hangs from their tasks."""
        place = done or self._scope.sweep.place(self.name)
        return {kind: (bisect_right(ends, place) if place else 0, len(ends)) for kind, ends in self._ends.items()}

    def units(self) -> Iterator[Unit]:
        """Yield a unit for each list that is not finished."""
        parents = [(place, kind, parent) for place, kind in enumerate(LISTS) for parent in self._parents(kind)]
        done, ahead = self._scope.sweep.place(self.name), []
        for place, kind, parent in parents:
            key = (place, parent.order)
            self._ends.setdefault(kind, []).append(ending(key).key)
            if done is None or done < ending(key).key:
                ahead.append((key, kind, parent))
                self._unread += 1
                continue
            if kind == "project":
                self._homes.pass_by(parent.gid)
            if done < ending(_later(key)).key:
                for ask in self._first_asks(kind, parent):
                    name = self._long.name(key, ask.part)
                    if self._long.is_kept(name):
                        self._list_again(key, name, ask)
        for key, kind, parent in ahead:
            yield Unit(key, list(self._first_asks(kind, parent)))
            yield ending(key)
        if not ahead:
            yield from self._lists_again()

    def _list_again(self, key: Key, name: str, ask: Ask) -> None:
        """Keep that a list has to be listed again when all are read: tasks move between them."""
        self._again.setdefault(_later(key), []).append(self._long.again(ask, name))

    def _lists_again(self) -> Iterator[Unit]:
        for key in sorted(self._again):
            yield Unit(key, self._again[key])
            yield ending(key)

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
        if since is None or kind == "tag":
            yield ask.asking(UNFILTERED) if kind == "tag" else ask
            return
        yield ask.asking(FOUND, modified_since=since)
        if self._extent.subtasks:
            yield ask.asking(SCAN, opt_fields=",".join(NEEDED))

    def key(self, unit: Key, task: Record) -> Key:
        """Return the place of a task among those of its list."""
        return (*unit, int(task["gid"]))

    def take(self, page: Page, reading: Reading) -> Iterable[Record]:
        """Return the tasks of a page, and ask for the subtasks of those that have some."""
        ask, unit = page.ask, reading.unit or ()
        if page.truncated or page.refused is not None:
            # What was left to a project that is not read as one list comes where it was met.
            reading.add(self._homes.refuse(ask.keys.get("gid", "0")))
        if ask.part == AGAIN:
            reading.add(self._unknown(page, unit))
            return ()
        self._note(page, reading)
        if page.following is None and not page.truncated and page.refused is None:
            reading.add(self._finish(page, unit))
        if len(unit) == PARENT and unit[0] < len(LISTS) and reading.is_last(unit):
            self._unread -= 1
            if not self._unread:
                reading.queue(self._lists_again())
        tasks = [task for task in page.records if self._belongs(task, ask, unit)]
        if self._extent.subtasks:
            reading.queue(self._subtasks(tasks, reading, ask))
        if ask.part == SCAN:
            return ()
        return tasks if ask.part == FOUND else [task for task in tasks if self._has_changed(task, ask)]

    def _note(self, page: Page, reading: Reading) -> None:
        """Keep what a list of several pages holds, to list it again: that of subtasks at once."""
        ask, unit = page.ask, reading.unit or ()
        name = self._long.name(unit, ask.part)
        at_once = len(unit) > PARENT or self.relists_at_once
        if not at_once and is_first_pass(page, unit) and ask.keys.get("mark") == str(unit[1]):
            place = self._scope.sweep.place(self.name)
            behind = [int(task["gid"]) for task in page.records if place and self.key(unit, task) <= place]
            for gid in behind:
                self._behind_place.add(gid)
            taken_up = place is not None and place[:PARENT] == unit
            if self._long.note(name, page, behind if taken_up else None):
                self._list_again(unit, name, ask)
        elif at_once and SINGLE not in ask.keys and page.refused is None:
            self._long_below.note(name, page)
            if page.following is None and self._long_below.is_kept(name):
                reading.add([self._long_below.again(ask, name)])

    def _unknown(self, page: Page, unit: Key) -> Iterator[Ask]:
        """Ask for what a list that was listed once more holds, and this walk has not met there or elsewhere."""
        at_once = len(unit) > PARENT or self.relists_at_once
        name, lists = page.ask.keys["list"], self._long_below if at_once else self._long
        part = name.rpartition(":")[2]
        gids = lists.unknown(page, lambda gid: self._knows(gid, scan=part == SCAN))
        if len(gids) > MAX_SINGLE_TASKS:
            yield lists.ask(name)
            return
        for gid in gids:
            yield self._single(gid, part, page.ask)

    def _single(self, gid: int, part: str, like: Ask) -> Ask:
        """Ask for a task by itself, as if the list of another ask had brought it."""
        return self._scope.tasks(
            part, f"/tasks/{{{SINGLE}}}", NEEDED, mark=like.keys.get("mark", ""), **{SINGLE: f"{gid}"}
        )

    def _knows(self, gid: int, *, scan: bool) -> bool:
        """Tell whether this walk has met a task, and if it was to `scan` it, has looked for its subtasks."""
        return gid in self._opened if scan else self._scope.has_found(gid)

    def _finish(self, page: Page, unit: Key) -> Iterator[Ask]:
        """Note that the list of a project was read to its end; ask for what was left to it and is not in it."""
        ask = page.ask
        if "project" not in ask.params or not is_first_pass(page, unit):
            return
        here = {int(task["gid"]) for task in page.records}
        alone = self._since(ask.keys["mark"]) is None or not self._extent.subtasks
        for scan in (False, True) if alone else (ask.part == SCAN,):
            for gid in self._homes.finish(ask.keys["gid"], scan=scan):
                if gid not in here and gid not in self._behind_place and not self._knows(gid, scan=scan):
                    yield self._single(gid, SCAN if scan else FOUND, ask)

    def _belongs(self, task: Record, ask: Ask, unit: Key) -> bool:
        """Tell whether a task is this list's to bring: no list before it does.

        To a list behind it nothing is left: when the read is taken up, that one may be refused, or its project gone.
        """
        if not self._scope.crawl.archived and self._homes.shut_out(task):
            return False
        if unit[0] >= len(LISTS) or SINGLE in ask.keys:
            return True  # it is asked for because nobody has brought it
        # Who is read whole leaves nothing to a project that brings changes alone.
        whole = self._scope.sweep.since != self._start_date and ask.keys.get("mark", "") in self._extent.new
        home = self._homes.home(task, self._extent.new if whole else None)
        if home is None or (0, home) >= unit[:PARENT]:
            return True
        wanted = ask.part != SCAN and self._has_changed(task, ask)
        scan = not (wanted and is_since(task.get("modified_at"), self._since(f"{home}")))
        if scan and not task.get("num_subtasks"):
            return False
        gid, shared, place = int(task["gid"]), unit[0] == 0, self._scope.sweep.place(self.name)
        known = self._knows(gid, scan=scan)
        if shared and place and (0, home, gid) <= place:
            return not known  # it may have come there since the kill: no clock tells of a move
        return not self._homes.brings(home, task, ask, Meeting(known or gid in self._behind_place, scan, shared))

    def _since(self, mark: str) -> str | None:
        """Return from when on a project, user or tag brings its tasks: a new project brings all."""
        return self._start_date if mark in self._extent.new else self._scope.sweep.since

    def _bound(self, ask: Ask) -> str | None:
        """Return from when on the tasks of an answer are brought."""
        return self._start_date if ask.part == WHOLE else self._since(ask.keys.get("mark", ""))

    def _subtasks(self, tasks: Iterable[Record], reading: Reading, above: Ask) -> Iterator[Unit]:
        """Give the list of each task's subtasks a unit of its own, behind what hangs from the task.

        Below a task that changed everything counts as changed: during the last run the task may have come from a list
        ahead of the reader into one behind, and no clock below it moved with it. Below what is read whole all is whole.
        """
        unit, place, mark = reading.unit or (), self._scope.sweep.place(self.name), above.keys.get("mark", "")
        whole = self._bound(above) == self._start_date
        some = (task for task in tasks if task.get("num_subtasks") != 0)
        parents = {int(task["gid"]): whole or self._has_changed(task, above) for task in some}
        # What the first attempt is done with here may still be opened elsewhere: it may have left it to another list.
        ahead = (gid for gid in sorted(parents) if place is None or place < (*unit, gid, BELOW))
        below = [gid for gid in ahead if self._open((*unit, gid, BELOW), reading.lane.done, whole=parents[gid])]
        for gid in below:
            yield Unit((*unit, gid, BELOW), [self._below(gid, WHOLE if parents[gid] else UNFILTERED, mark)])

    def _open(self, key: Key, done: Key | None, *, whole: bool) -> bool:
        """Tell whether nobody has asked for as much of a task's subtasks before; if so, here is the place of it."""
        new = self._opened.add(key[-2], whole=whole)
        self._scope.places_of(self.name).meet((key[-2], BELOW), key, done, new=new)
        return new

    def _below(self, gid: int, part: str, mark: str) -> Ask:
        return self._scope.tasks(part, "/tasks/{gid}/subtasks", NEEDED, gid=f"{gid}", mark=mark)

    def _has_changed(self, task: Record, ask: Ask) -> bool:
        """Do what `modified_since` does where Asana has it."""
        return is_since(task.get("modified_at"), self._bound(ask))
