"""Tasks by list: the tasks of every project, every user and every tag, and the subtasks of every task.

Every token can read them. No list contains a task without project, tag, parent and listed assignee.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from heapq import merge

from typing_extensions import override

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import Key, PagePosition, WorkItem
from tap_asana.parents.kinds import Parent, ProgressByKind
from tap_asana.tasks.context import PageResult, TaskSource, TraversalContext, end_marker
from tap_asana.tasks.events import CHILD_PATHS
from tap_asana.tasks.ownership import Encounter, TaskOwnership
from tap_asana.tasks.parent_lists import ParentLists
from tap_asana.tasks.split_lists import PAUSED_LIST, RECOUNT, SPLIT_LABELS, SplitLists
from tap_asana.tasks.subtask_lists import SubtaskLists, may_hide_subtasks
from tap_asana.tasks.task_lists import (
    FILTERED,
    MAX_SINGLE_TASKS,
    PARENT_KEY_LENGTH,
    RELIST,
    SCAN,
    SINGLE,
    TASK_LISTS,
    ListScope,
    LongLists,
    is_first_pass,
    is_last_page,
    is_parent_list,
    is_part,
    is_since,
    relist_key,
)


class ListSource(TaskSource):
    """The lane of the task lists.

    With `relists_at_once`, a list of several pages is listed again when it is read, and not when all lists are read.
    """

    relists_at_once = False

    def __init__(
        self,
        name: str,
        context: TraversalContext,
        scope: ListScope,
        start_date: str | None = None,
        child_streams: Collection[str] = tuple(CHILD_PATHS),
        *,
        ownership: TaskOwnership | None = None,
    ) -> None:
        """Prepare to read the lists in scope; new parents are read from `start_date`.

        The name identifies the scope: a read of another scope does not resume at this one's position. `ownership` is
        shared with other lanes.
        """
        # The order of people is part of the scope.
        self.name = ":".join(filter(None, (name, context.directory.person_order.name if "user" in scope.kinds else "")))
        self.child_streams = child_streams
        self._context = context
        self._position = context.window.position(self.name)
        self._scope = scope
        self._start_date = start_date
        self._lists = ParentLists(context, scope, start_date)
        self._ownership = ownership or context.ownership(scope.only)
        self._subtasks = SubtaskLists(self.name, context)
        self._before_position: set[int] = set()
        self._lists_unread = 0
        self._relists: dict[Key, list[Request]] = {}
        self._long = LongLists(self.name, context.window.until, context.window.long_lists, context.limits)
        self._split = SplitLists(context)
        self._long_subtask_lists = LongLists(self.name, context.window.until, {}, context.limits)
        self._ends: dict[str, list[Key]] = {}

    @override
    def progress(self, watermark: Key | None) -> ProgressByKind:
        """Return how many projects, users and tags are finished, with the whole subtrees of their tasks."""
        key = watermark or self._position
        return {kind: (bisect_right(ends, key) if key else 0, len(ends)) for kind, ends in self._ends.items()}

    @override
    def work_items(self) -> Iterator[WorkItem]:
        """Yield an item for each unfinished list."""
        position, items = self._position, []
        for number, kind in enumerate(TASK_LISTS):
            for parent in self._parents(kind):
                key = (number, parent.sort_key)
                self._ends.setdefault(kind, []).append(end_marker(key).key)
                if position is None or position < end_marker(key).key:
                    items.append((key, kind, parent))
                    self._lists_unread += 1
                else:
                    self._skip_finished(key, kind, parent, position)
        for key, kind, parent in items:
            yield WorkItem(key, [self._lists.first_request(kind, parent)])
            yield end_marker(key)
        if not items:
            yield from self._relist_items()

    def _skip_finished(self, key: Key, kind: str, parent: Parent, position: Key) -> None:
        """Skip a list that an earlier attempt has finished, unless it has still to be listed again."""
        if kind == "project":
            self._ownership.mark_finished(parent.gid)
        if position < end_marker(relist_key(key)).key:
            for request in self._lists.requests(kind, parent.gid, parent.state_key):
                name = self._long.name(key, request.label)
                if self._long.has_fingerprint(name):
                    self._relist_later(key, name, request)

    def _relist_later(self, key: Key, name: str, request: Request) -> None:
        """Have a list listed again when all lists are read, because tasks move between them."""
        self._relists.setdefault(relist_key(key), []).append(self._long.relist_request(request, name))

    def _relists_after(self, position: PagePosition, requests: Collection[Request]) -> Iterable[WorkItem]:
        """Return the items of the lists to list again, if the last list has just been read."""
        is_finished = is_parent_list(position.key) and position.is_last and not requests
        self._lists_unread -= is_finished
        return self._relist_items() if is_finished and not self._lists_unread else ()

    def _relist_items(self) -> Iterator[WorkItem]:
        for key in sorted(self._relists):
            requests = self._relists[key]
            seconds = (self._split.second_pass(request.parent_keys["list"], request) for request in requests)
            yield WorkItem(key, [self._long.repeated(request) for request in seconds])
            yield end_marker(key)

    def _parents(self, kind: str) -> Iterable[Parent]:
        if kind not in self._scope.kinds:
            return ()
        directory, workspace = self._context.directory, self._context.workspace
        parents, refusal = directory.parents(kind, workspace), directory.unavailable_reason(kind, workspace)
        if self._scope.only is not None:
            return [parent for parent in parents if parent.state_key in self._scope.only]
        if refusal and refusal.unavailable:
            self._context.on_unavailable(refusal.request, refusal.unavailable)
            for name in self._context.fields:
                self._context.client.metrics.record_missing_parent(name, refusal)
        return parents

    @override
    def process_page(self, page: Page, position: PagePosition) -> PageResult:
        """Return the tasks of a page, and the requests for their subtasks."""
        request, key, requests = page.request, position.key, list[Request]()
        if page.truncated or page.unavailable is not None:
            # Other lists left tasks to this project, which is not read as one list: they read them again.
            requests += self._ownership.on_unavailable(request.parent_keys.get("gid", "0"))
        if request.label in SPLIT_LABELS:
            requests += self._after_split(page, key)
            return PageResult(requests=requests, items=self._relists_after(position, requests))
        if request.label == RELIST:
            return PageResult(requests=[*requests, *self._unread_requests(page, key)])
        self._context.on_listed(self._in_scope(page.records))
        requests += [*self._lists.changes(page, key), *self._remember(page, key), *self._on_list_end(page, key)]
        relists = self._relists_after(position, requests)
        tasks = [task for task in page.records if self._is_read_here(task, request, key)]
        parents = [
            task for task in tasks if self._scope.subtasks or may_hide_subtasks(self._context, self._ownership, task)
        ]
        subtasks = self._subtask_items(parents, position, request)
        items = merge(subtasks, relists, key=lambda item: item.key)
        if request.label == SCAN:
            return PageResult((), [*requests, *self._moved_since(page, key)], items)
        if request.label != FILTERED:
            tasks = [task for task in tasks if self._lists.has_changed(task, request)]
        return PageResult(tasks, requests, items)

    def _remember(self, page: Page, key: Key) -> Iterator[Request]:
        """Remember the tasks of a list of several pages; yield the request to list subtasks again, if they are read."""
        request = page.request
        name, at_once = self._long.name(key, request.label), self._is_relisted_at_once(key)
        if not at_once and is_first_pass(page, key) and request.parent_keys.get("state_key") == str(key[1]):
            position = self._position
            gids = [int(task["gid"]) for task in page.records if position and self.child_key(key, task) <= position]
            self._before_position.update(gids)
            is_resumed = position is not None and position[:PARENT_KEY_LENGTH] == key
            if self._long.add_page(name, page, gids if is_resumed else None):
                self._relist_later(key, name, request)
        elif at_once and SINGLE not in request.parent_keys and page.unavailable is None:
            self._long_subtask_lists.add_page(name, page)
            if page.next_request is None and self._long_subtask_lists.has_fingerprint(name):
                yield self._long_subtask_lists.repeated(self._long_subtask_lists.relist_request(request, name))

    def _is_relisted_at_once(self, key: Key) -> bool:
        return len(key) > PARENT_KEY_LENGTH or self.relists_at_once

    def _unread_requests(self, page: Page, key: Key) -> Iterator[Request]:
        """Yield requests for the unread tasks of a relisted list."""
        name = page.request.parent_keys["list"]
        lists = self._long_subtask_lists if self._is_relisted_at_once(key) else self._long
        label = name.rpartition(":")[2]
        yield from lists.following(page)
        gids = lists.unread(page, lambda gid: self._is_known(gid, scan=label == SCAN))
        if len(gids) > MAX_SINGLE_TASKS:
            yield lists.request(page)
            return
        for gid in gids:
            yield self._lists.single_task(gid, label, page.request)

    def _is_known(self, gid: int, *, scan: bool) -> bool:
        """Return whether this traversal has found a task or, for a `scan`, requested its subtasks."""
        return gid in self._subtasks if scan else self._context.has_found(gid)

    def _on_list_end(self, page: Page, key: Key) -> Iterator[Request]:
        """Yield the requests that follow when a list ends or pauses."""
        name = self._long.name(key, page.request.label)
        yield from self._split.pause(name, page)
        if not is_last_page(page) or not is_first_pass(page, key):
            return
        is_read, is_own = "project" in page.request.params, page.request.parent_keys.get("state_key") == str(key[1])
        if is_part(page.request) and is_own and self._split.has(name):
            is_read, requests = self._split.on_part_read(name, self._long.task_count(name))
            yield from requests
        if is_read:
            yield from self._on_list_read(page, key)

    def _after_split(self, page: Page, key: Key) -> Iterable[Request]:
        """Return the requests that follow from an answer about a list that has paused."""
        name = page.request.parent_keys[PAUSED_LIST]
        requests = self._split.following(page, self._long.task_count(name))
        if page.request.label == RECOUNT and not requests:
            return list(self._on_list_read(Page(self._split.request(name)), key))
        return map(self._long.repeated, requests)

    def _on_list_read(self, page: Page, key: Key) -> Iterator[Request]:
        """Mark a project's list as read; yield requests for tasks left to it but missing there."""
        request = page.request
        state_key, gids = request.parent_keys["state_key"], {int(task["gid"]) for task in page.records}
        changes_follow = self._scope.subtasks and self._lists.has_changes_requested(key)
        is_only_request = self._lists.since(state_key) is None or not changes_follow
        scans = (False, True) if self._scope.subtasks else (False,)
        for scan in scans if is_only_request else (request.label == SCAN,):
            # A whole list without changes of its own brings no changed task that another list left to it.
            on_page = set[int]() if request.label == SCAN and not scan else gids
            for gid in self._ownership.on_read(request.parent_keys["gid"], scan=scan):
                if gid not in on_page and gid not in self._before_position and not self._is_known(gid, scan=scan):
                    yield self._lists.single_task(gid, SCAN if scan else FILTERED, request)

    def _moved_since(self, page: Page, key: Key) -> Iterator[Request]:
        """Yield requests for tasks that a list shows as changed, but its changes lack: they have moved meanwhile."""
        changed = (task for task in page.records if key[0] == 0 and self._lists.has_changed(task, page.request))
        own = [int(task["gid"]) for task in changed if self._ownership.owner(task) == key[1]]
        for gid in self._ownership.expect(key[1], own):
            if not self._is_known(gid, scan=False):
                yield self._lists.single_task(gid, FILTERED, page.request)

    def _in_scope(self, tasks: Iterable[Record]) -> Iterator[Record]:
        """Yield the tasks that the settings include."""
        for task in tasks:
            is_archived = not self._context.directory.include_archived and self._ownership.is_out_of_scope(task)
            if not is_archived and is_since(task.get("modified_at"), self._start_date):
                yield task

    def _is_read_here(self, task: Record, request: Request, key: Key) -> bool:
        """Return whether this list reads a task, because no earlier list does.

        Nothing is left to a later list: if the read is resumed, that list may be refused, or its project gone.
        """
        if not self._context.directory.include_archived and self._ownership.is_out_of_scope(task):
            return False
        if key[0] >= len(TASK_LISTS) or SINGLE in request.parent_keys:
            return True  # it is requested because nobody has read it
        # A parent read whole leaves nothing to a project of which only changes are read.
        state_key, new = request.parent_keys.get("state_key", ""), self._scope.new
        is_whole = self._context.window.since != self._start_date and state_key in new
        owner = self._ownership.owner(task, new if is_whole else None)
        if owner is None or (0, owner) >= key[:PARENT_KEY_LENGTH]:
            return True
        is_wanted = request.label != SCAN and self._lists.has_changed(task, request)
        scan = not (is_wanted and is_since(task.get("modified_at"), self._lists.since(f"{owner}")))
        if scan and task.get("num_subtasks") == 0:
            return False
        gid, is_shared, position = int(task["gid"]), key[0] == 0, self._position
        is_known = self._is_known(gid, scan=scan)
        if is_shared and position and (0, owner, gid) <= position:
            return not is_known  # it may have moved there since the last attempt: no timestamp shows a move
        encounter = Encounter(is_known or gid in self._before_position, scan, is_shared)
        return not self._ownership.defer_to(owner, task, request, encounter)

    def _subtask_items(self, tasks: Iterable[Record], position: PagePosition, request: Request) -> Iterator[WorkItem]:
        """Return an item for the list of each task's subtasks, after the task's other children.

        All subtasks of a changed task count as changed: during the last run the task may have moved from an unread list
        to a finished one, and no timestamp below the task shows it. If a list is read whole, so are all subtasks below
        it.
        """
        is_whole = self._lists.is_whole(request)
        with_subtasks = (task for task in tasks if task.get("num_subtasks") != 0)
        are_whole = {int(task["gid"]): is_whole or self._lists.has_changed(task, request) for task in with_subtasks}
        return self._subtasks.items(are_whole, position, self._position, request.parent_keys.get("state_key", ""))
