"""Tasks by lists: of every project, every user and every tag, and under every task that has subtasks.

Works for every token. What no list reaches is a task that has no project, no tag, no parent, and no assignee among
the people who are listed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.scheduler import SUBTREE, FetchScheduler, Key, WorkItem
from tap_asana.parents.kinds import Parent, ProgressByKind
from tap_asana.tasks.compact import GidSet, Opened
from tap_asana.tasks.events import CHILD_PATHS
from tap_asana.tasks.list_scope import FOUND, LIST_FIELDS, SCAN, TASK_LISTS, UNFILTERED, WHOLE, ListScope
from tap_asana.tasks.ownership import Meeting, TaskOwnership
from tap_asana.tasks.relisting import MAX_SINGLE_TASKS, PARENT, RELIST, SINGLE, LongLists, is_since
from tap_asana.tasks.traversal import TraversalContext, end_marker


def _later(key: Key) -> Key:
    """Return where a list is listed once more: behind all lists."""
    return (len(TASK_LISTS) + key[0], *key[1:])


def is_first_pass(page: Page, unit: Key) -> bool:
    """Tell whether a page is of the list of a project, user or tag, read for the first time in this walk."""
    return (
        len(unit) == PARENT
        and unit[0] < len(TASK_LISTS)
        and SINGLE not in page.request.parent_keys
        and page.request.label != RELIST
    )


class ListSource:
    """The lane of lists.

    One that `relists_at_once` lists a list of several pages again when it is read, and not when all lists are.
    """

    children_only = False
    relists_at_once = False

    def __init__(
        self,
        name: str,
        scope: TraversalContext,
        extent: ListScope,
        start_date: str | None = None,
        hanging: Collection[str] = tuple(CHILD_PATHS),
        *,
        ownership: TaskOwnership | None = None,
    ) -> None:
        """Prepare to walk; `start_date` bounds what a new project brings, and `homes` are shared with other lanes.

        The name belongs to the extent: a walk of another extent does not go on from its place.
        """
        # An order of people that is not by their gids is another extent.
        self.name = ":".join(filter(None, (name, scope.directory.person_order.name if "user" in extent.kinds else "")))
        self.child_streams = hanging
        self._scope = scope
        self._extent = extent
        self._start_date = start_date
        self._homes = ownership or scope.ownership(extent.new if extent.new_only else None)
        self._opened = Opened()
        self._behind_place = GidSet()
        self._unread = 0
        self._again: dict[Key, list[Request]] = {}
        self._long = LongLists(self.name, scope.window.until, scope.window.long_lists)
        self._long_below = LongLists(self.name, scope.window.until, {})
        self._ends: dict[str, list[Key]] = {}

    def progress(self, done: Key | None) -> ProgressByKind:
        """Return how many of the projects, users and tags are done, with all that hangs from their tasks."""
        place = done or self._scope.window.position(self.name)
        return {kind: (bisect_right(ends, place) if place else 0, len(ends)) for kind, ends in self._ends.items()}

    def work_items(self) -> Iterator[WorkItem]:
        """Yield a unit for each list that is not finished."""
        parents = [(place, kind, parent) for place, kind in enumerate(TASK_LISTS) for parent in self._parents(kind)]
        done, ahead = self._scope.window.position(self.name), []
        for place, kind, parent in parents:
            key = (place, parent.sort_key)
            self._ends.setdefault(kind, []).append(end_marker(key).key)
            if done is None or done < end_marker(key).key:
                ahead.append((key, kind, parent))
                self._unread += 1
                continue
            if kind == "project":
                self._homes.pass_by(parent.gid)
            if done < end_marker(_later(key)).key:
                for ask in self._first_asks(kind, parent):
                    name = self._long.name(key, ask.label)
                    if self._long.is_kept(name):
                        self._list_again(key, name, ask)
        for key, kind, parent in ahead:
            yield WorkItem(key, list(self._first_asks(kind, parent)))
            yield end_marker(key)
        if not ahead:
            yield from self._lists_again()

    def _list_again(self, key: Key, name: str, ask: Request) -> None:
        """Keep that a list has to be listed again when all are read: tasks move between them."""
        self._again.setdefault(_later(key), []).append(self._long.again(ask, name))

    def _lists_again(self) -> Iterator[WorkItem]:
        for key in sorted(self._again):
            yield WorkItem(key, self._again[key])
            yield end_marker(key)

    def _parents(self, kind: str) -> Iterable[Parent]:
        if kind not in self._extent.kinds:
            return ()
        directory, workspace = self._scope.directory, self._scope.workspace
        parents = directory.parents(kind, workspace)
        if self._extent.new_only:
            return [parent for parent in parents if parent.state_key in self._extent.new]
        refusal = directory.unavailable_reason(kind, workspace)
        if refusal and refusal.unavailable:
            self._scope.refuse(refusal.request, refusal.unavailable)
            for name in self._scope.fields:
                self._scope.client.metrics.record_missing_parent(name, refusal)
        return parents

    def _first_asks(self, kind: str, parent: Parent) -> Iterator[Request]:
        """Ask for the tasks of one list; in an increment also for all parents of subtasks in it, changed or not."""
        since = self._since(parent.state_key)
        ask = self._scope.task_request(FOUND, TASK_LISTS[kind], LIST_FIELDS, gid=parent.gid, mark=parent.state_key)
        if since is None or kind == "tag":
            yield ask.with_params(UNFILTERED) if kind == "tag" else ask
            return
        yield ask.with_params(FOUND, modified_since=since)
        if self._extent.subtasks:
            yield ask.with_params(SCAN, opt_fields=",".join(LIST_FIELDS))

    def child_key(self, unit: Key, task: Record) -> Key:
        """Return the place of a task among those of its list."""
        return (*unit, int(task["gid"]))

    def process_page(self, page: Page, reading: FetchScheduler) -> Iterable[Record]:
        """Return the tasks of a page, and ask for the subtasks of those that have some."""
        ask, unit = page.request, reading.item or ()
        if page.truncated or page.unavailable is not None:
            # What was left to a project that is not read as one list comes where it was met.
            reading.add_requests(self._homes.on_unavailable(ask.parent_keys.get("gid", "0")))
        if ask.label == RELIST:
            reading.add_requests(self._unknown(page, unit))
            return ()
        self._note(page, reading)
        if page.next_request is None and not page.truncated and page.unavailable is None:
            reading.add_requests(self._finish(page, unit))
        if len(unit) == PARENT and unit[0] < len(TASK_LISTS) and reading.is_last(unit):
            self._unread -= 1
            if not self._unread:
                reading.add_items(self._lists_again())
        tasks = [task for task in page.records if self._belongs(task, ask, unit)]
        if self._extent.subtasks:
            reading.add_items(self._subtasks(tasks, reading, ask))
        if ask.label == SCAN:
            return ()
        return tasks if ask.label == FOUND else [task for task in tasks if self._has_changed(task, ask)]

    def _note(self, page: Page, reading: FetchScheduler) -> None:
        """Keep what a list of several pages holds, to list it again: that of subtasks at once."""
        ask, unit = page.request, reading.item or ()
        name = self._long.name(unit, ask.label)
        at_once = len(unit) > PARENT or self.relists_at_once
        if not at_once and is_first_pass(page, unit) and ask.parent_keys.get("mark") == str(unit[1]):
            place = self._scope.window.position(self.name)
            behind = [int(task["gid"]) for task in page.records if place and self.child_key(unit, task) <= place]
            for gid in behind:
                self._behind_place.add(gid)
            taken_up = place is not None and place[:PARENT] == unit
            if self._long.note(name, page, behind if taken_up else None):
                self._list_again(unit, name, ask)
        elif at_once and SINGLE not in ask.parent_keys and page.unavailable is None:
            self._long_below.note(name, page)
            if page.next_request is None and self._long_below.is_kept(name):
                reading.add_requests([self._long_below.again(ask, name)])

    def _unknown(self, page: Page, unit: Key) -> Iterator[Request]:
        """Ask for what a list that was listed once more holds, and this walk has not met there or elsewhere."""
        at_once = len(unit) > PARENT or self.relists_at_once
        name, lists = page.request.parent_keys["list"], self._long_below if at_once else self._long
        part = name.rpartition(":")[2]
        gids = lists.unknown(page, lambda gid: self._knows(gid, scan=part == SCAN))
        if len(gids) > MAX_SINGLE_TASKS:
            yield lists.ask(name)
            return
        for gid in gids:
            yield self._single(gid, part, page.request)

    def _single(self, gid: int, part: str, like: Request) -> Request:
        """Ask for a task by itself, as if the list of another ask had brought it."""
        return self._scope.task_request(
            part, f"/tasks/{{{SINGLE}}}", LIST_FIELDS, mark=like.parent_keys.get("mark", ""), **{SINGLE: f"{gid}"}
        )

    def _knows(self, gid: int, *, scan: bool) -> bool:
        """Tell whether this walk has met a task, and if it was to `scan` it, has looked for its subtasks."""
        return gid in self._opened if scan else self._scope.has_found(gid)

    def _finish(self, page: Page, unit: Key) -> Iterator[Request]:
        """Note that the list of a project was read to its end; ask for what was left to it and is not in it."""
        ask = page.request
        if "project" not in ask.params or not is_first_pass(page, unit):
            return
        here = {int(task["gid"]) for task in page.records}
        alone = self._since(ask.parent_keys["mark"]) is None or not self._extent.subtasks
        for scan in (False, True) if alone else (ask.label == SCAN,):
            for gid in self._homes.on_read(ask.parent_keys["gid"], scan=scan):
                if gid not in here and gid not in self._behind_place and not self._knows(gid, scan=scan):
                    yield self._single(gid, SCAN if scan else FOUND, ask)

    def _belongs(self, task: Record, ask: Request, unit: Key) -> bool:
        """Tell whether a task is this list's to bring: no list before it does.

        To a list behind it nothing is left: when the read is taken up, that one may be refused, or its project gone.
        """
        if not self._scope.directory.include_archived and self._homes.is_out_of_scope(task):
            return False
        if unit[0] >= len(TASK_LISTS) or SINGLE in ask.parent_keys:
            return True  # it is asked for because nobody has brought it
        # Who is read whole leaves nothing to a project that brings changes alone.
        whole = self._scope.window.since != self._start_date and ask.parent_keys.get("mark", "") in self._extent.new
        home = self._homes.owner(task, self._extent.new if whole else None)
        if home is None or (0, home) >= unit[:PARENT]:
            return True
        wanted = ask.label != SCAN and self._has_changed(task, ask)
        scan = not (wanted and is_since(task.get("modified_at"), self._since(f"{home}")))
        if scan and not task.get("num_subtasks"):
            return False
        gid, shared, place = int(task["gid"]), unit[0] == 0, self._scope.window.position(self.name)
        known = self._knows(gid, scan=scan)
        if shared and place and (0, home, gid) <= place:
            return not known  # it may have come there since the kill: no clock tells of a move
        return not self._homes.brings(home, task, ask, Meeting(known or gid in self._behind_place, scan, shared))

    def _since(self, mark: str) -> str | None:
        """Return from when on a project, user or tag brings its tasks: a new project brings all."""
        return self._start_date if mark in self._extent.new else self._scope.window.since

    def _bound(self, ask: Request) -> str | None:
        """Return from when on the tasks of an answer are brought."""
        return self._start_date if ask.label == WHOLE else self._since(ask.parent_keys.get("mark", ""))

    def _subtasks(self, tasks: Iterable[Record], reading: FetchScheduler, above: Request) -> Iterator[WorkItem]:
        """Give the list of each task's subtasks a unit of its own, behind what hangs from the task.

        Below a task that changed everything counts as changed: during the last run the task may have come from a list
        ahead of the reader into one behind, and no clock below it moved with it. Below what is read whole all is whole.
        """
        unit, place, mark = (
            reading.item or (),
            self._scope.window.position(self.name),
            above.parent_keys.get("mark", ""),
        )
        whole = self._bound(above) == self._start_date
        some = (task for task in tasks if task.get("num_subtasks") != 0)
        parents = {int(task["gid"]): whole or self._has_changed(task, above) for task in some}
        # What the first attempt is done with here may still be opened elsewhere: it may have left it to another list.
        ahead = (gid for gid in sorted(parents) if place is None or place < (*unit, gid, SUBTREE))
        below = [gid for gid in ahead if self._open((*unit, gid, SUBTREE), reading.lane.watermark, whole=parents[gid])]
        for gid in below:
            yield WorkItem((*unit, gid, SUBTREE), [self._below(gid, WHOLE if parents[gid] else UNFILTERED, mark)])

    def _open(self, key: Key, done: Key | None, *, whole: bool) -> bool:
        """Tell whether nobody has asked for as much of a task's subtasks before; if so, here is the place of it."""
        new = self._opened.add(key[-2], whole=whole)
        self._scope.places_of(self.name).meet((key[-2], SUBTREE), key, done, new=new)
        return new

    def _below(self, gid: int, part: str, mark: str) -> Request:
        return self._scope.task_request(part, "/tasks/{gid}/subtasks", LIST_FIELDS, gid=f"{gid}", mark=mark)

    def _has_changed(self, task: Record, ask: Request) -> bool:
        """Do what `modified_since` does where Asana has it."""
        return is_since(task.get("modified_at"), self._bound(ask))
