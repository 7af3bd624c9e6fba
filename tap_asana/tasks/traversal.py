"""One traversal of a workspace's tasks: each task once, with its selected children."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import Key, Lane, PagePosition, WorkItem
from tap_asana.fetch.scheduler import FetchScheduler
from tap_asana.parents.kinds import ProgressByKind
from tap_asana.state.instants import new_since
from tap_asana.state.search_reach import ARCHIVED_KIND, ATTACHED_KIND, MISSING
from tap_asana.tasks.announcements import STORY_FIELDS, SUBTYPE, stories_announce, stories_name_file, task_announces
from tap_asana.tasks.context import (
    FoundTasks,
    TaskSource,
    TraversalContext,
    end_marker,
)
from tap_asana.tasks.events import (
    ATTACHMENTS,
    CHILD_PATHS,
    INLINE,
    STORIES,
    TASKS,
    TIME,
    Batch,
    Checkpoint,
    Found,
    ParentUnavailable,
    TaskEvent,
)
from tap_asana.tasks.pending_tasks import PendingTasks
from tap_asana.tasks.search_cursor import check_answer
from tap_asana.tasks.task_lists import PARENT_KEY_LENGTH

ANNOUNCED = "announced"
"""In place of the attachments of a task that are requested if its stories announce one."""

RESUMABLE_KEY_LENGTH = 3
"""Numbers in a key at which a read can resume: two for the list, and the task whose children were read last."""


class TaskTraversal:
    """Reads the tasks that several sources find, each task once, and their children."""

    def __init__(
        self, context: TraversalContext, sources: Sequence[TaskSource], found: FoundTasks | None = None
    ) -> None:
        """Prepare to read beyond the positions of the window; `found` are the tasks that an earlier one has read."""
        self._context = context
        self._found = found or {}
        self._sources = {source.name: source for source in sources}
        self._gids = context.gids
        self._gids.clear()
        context.first_keys.clear()
        self._unavailable_parents: dict[str, tuple[Lane, Key]] = {}
        # Tasks whose attachments are requested only if their stories announce one.
        self._unannounced: set[int] = set()
        self._doubts_search = _doubts_search(context, sources)
        self._new_since = new_since(context.window.until)

    def events(self) -> Iterator[TaskEvent]:
        """Yield records, checkpoints and unavailable parents; raises SearchUnavailableError."""
        positions: dict[str, Key] = {}
        scheduler = self._context.fetcher.read((), on_idle=self._context.on_idle)
        for source in self._sources.values():
            scheduler.add_lane(source.name, source.work_items())
        for page in scheduler:
            previous, positions = positions, self._positions(scheduler, positions)
            if positions != previous:
                yield Checkpoint(positions, self._progress(scheduler), self._resolved())
            yield from self._process(page, scheduler)

    def _positions(self, scheduler: FetchScheduler, previous: Mapping[str, Key]) -> dict[str, Key]:
        """Return the position of each lane at which a read can resume, which may be the previous one.

        A task whose subtree is half read is read again. So are the tasks that other lists bring in place of an
        unavailable parent: the read that resumes may find that parent available, with further tasks before this one.
        """
        positions = dict(previous)
        for lane in scheduler.lanes:
            key = lane.watermark or ()
            if len(key) < RESUMABLE_KEY_LENGTH or self._is_in_unavailable_parent(lane, key):
                continue
            if self._context.first_keys_of(lane.name).can_resume_at(key):
                positions[lane.name] = key[:RESUMABLE_KEY_LENGTH]
        return positions

    def _is_in_unavailable_parent(self, lane: Lane, key: Key) -> bool:
        """Return whether a key lies within the tasks that other lists bring in place of an unavailable parent."""
        found, end = self._unavailable_parents.get(str(key[1]), (None, ()))
        return found is lane and key < end and key[:PARENT_KEY_LENGTH] == end[:PARENT_KEY_LENGTH]

    def _progress(self, scheduler: FetchScheduler) -> ProgressByKind:
        """Return the progress of all lanes; no two lanes read parents of the same kind."""
        lanes = (lane for lane in scheduler.lanes if lane.name in self._sources)
        lane_progress = (self._sources[lane.name].progress(lane.watermark) for lane in lanes)
        return {kind: counts for progress in lane_progress for kind, counts in progress.items()}

    def _process(self, page: Page, scheduler: FetchScheduler) -> Iterator[TaskEvent]:
        directory, request = self._context.directory, page.request
        if request.label in CHILD_PATHS:
            page = directory.skip_truncated(page)
            self._report_unavailable(page)
            scheduler.add_requests(self._announced(page))
            yield Batch(request.label, page.records, request.parent_keys)
            return
        page, parts = directory.split_truncated(page)
        scheduler.add_requests(parts)
        source, position = self._sources[scheduler.lane.name], scheduler.position
        if request.endpoint_limit is not None:
            check_answer(page)
        self._report_unavailable(page)
        if page.unavailable is not None and (state_key := self._parent_of(request, position.key)):
            self._unavailable_parents[state_key] = scheduler.lane, end_marker(position.key).key
            yield ParentUnavailable(state_key)
        self._context.on_page(page)
        result = source.process_page(page, position)
        scheduler.add_requests(result.requests)
        scheduler.add_items(result.items)
        page_tasks = list(result.tasks)
        if not source.children_only:
            self._context.subtask_counts.see(page_tasks, self._context.has_found)
        tasks = self._new(source, position, page_tasks)
        unwritten = self._unwritten(source, tasks)
        scheduler.add_items(self._child_items(source, position.key, tasks))
        if TASKS in self._context.fields and not source.children_only:
            yield Batch(TASKS, unwritten, request.parent_keys)
        if len(tasks) < len(page_tasks):
            yield Found({task["gid"] for task in page_tasks} - {task["gid"] for task in tasks}, request.parent_keys)

    def _announced(self, page: Page) -> Iterator[Request]:
        """Yield the request for a task's attachments as soon as its stories announce one, or cannot be read.

        A search that may leave out tasks with attachments has to have found those whose stories tell of one.
        """
        gid = page.request.parent_keys["task_gid"]
        if page.request.label != STORIES:
            return
        if self._doubts_search and stories_name_file(page.records) and not self._reads_attachments(int(gid)):
            self._gids.setdefault(frozenset({ATTACHMENTS}), set()).add(int(gid))  # the search leaves it to this request
            yield self._child(ATTACHMENTS, gid)
        if int(gid) not in self._unannounced:
            return
        is_announced = page.unavailable is not None or stories_announce(page.records)
        if is_announced or page.next_request is None:
            self._unannounced.remove(int(gid))
        if is_announced:
            yield self._child(ATTACHMENTS, gid)

    def _reads_attachments(self, gid: int) -> bool:
        return any(gid in gids for names, gids in self._gids.items() if ATTACHMENTS in names)

    def _report_unavailable(self, page: Page) -> None:
        if page.unavailable is not None:
            self._context.on_unavailable(page.request, page.unavailable)

    def _parent_of(self, request: Request, key: Key) -> str | None:
        """Return the state key of a work item's parent if the request is for the parent's own list."""
        gid = request.parent_keys.get("gid")
        is_own_list = gid and key[1] in {int(gid), self._context.directory.person_order.sort_key(gid)}
        return str(key[1]) if is_own_list else None

    def _resolved(self) -> set[str]:
        """Return the unavailable parents before the watermarks: all tasks left to them by other lists are read."""
        return {
            state_key
            for state_key, (lane, end) in self._unavailable_parents.items()
            if lane.watermark is not None and lane.watermark >= end
        }

    def _new(self, source: TaskSource, position: PagePosition, tasks: Iterable[Record]) -> list[Record]:
        """Return the tasks that no lane which reads as many of their streams has found before.

        A task before the position at which this read resumed counts as not found: the first attempt may have found it
        in another list first, and left it there.
        """
        streams, key = self._streams(source), position.key
        own_gids = self._gids.setdefault(streams, set())
        other_gids = [gids for names, gids in self._gids.items() if names > streams]
        other_gids += [gids for names, gids in self._found.items() if names >= streams]
        first_keys, is_beyond = self._context.first_keys_of(source.name), self._is_beyond(source, key)
        selected, is_increment = streams & self._context.fields.keys(), self._context.window.since is not None
        new_tasks = []
        for task in tasks:
            gid = int(task["gid"])
            if any(gid in gids for gids in other_gids):
                continue
            if self._context.has_read(gid, selected):
                own_gids.add(gid)
                continue
            if not is_beyond(task):
                new_tasks += [] if gid in own_gids else [task]
                continue
            is_first = gid not in own_gids
            own_gids.add(gid)
            new_tasks += [task] if is_first else []
            if is_increment or not _is_in_projects_only(task):
                first_keys.add(gid, source.child_key(key, task), position.watermark, is_new=is_first)
        return new_tasks

    def _unwritten(self, source: TaskSource, tasks: list[Record]) -> list[Record]:
        """Return the new tasks that no lane which reads fewer of their children has written, nor an earlier read."""
        streams = self._streams(source)
        written = [gids for names, gids in self._gids.items() if TASKS in names and names < streams]
        if not written and not self._context.read:
            return tasks
        unread = [task for task in tasks if not self._context.has_read(int(task["gid"]), [TASKS])]
        return [task for task in unread if not any(int(task["gid"]) in gids for gids in written)]

    def _streams(self, source: TaskSource) -> frozenset[str]:
        """Return the streams that a lane reads of a task."""
        return frozenset(self._children(source)) | (frozenset() if source.children_only else {TASKS})

    def _missing(self, source: TaskSource, task: Record) -> list[str]:
        """Return the child streams of a new task that no lane of fewer streams, and no read before, has requested."""
        streams, gid = self._streams(source), int(task["gid"])
        lanes = (names for names, gids in self._gids.items() if names < streams and gid in gids)
        requested = frozenset[str]().union(*lanes)
        names = [name for name in self._children(source) if name not in requested]
        return [name for name in names if not self._context.has_read(gid, [name])]

    def _is_beyond(self, source: TaskSource, key: Key) -> Callable[[Record], bool]:
        """Return a predicate: does a task of a work item lie beyond the position at which the read resumed?"""
        position = self._context.window.position(source.name) if self._children(source) else None
        if position is None:
            return lambda _: True
        return lambda task: position < source.child_key(key, task)

    def _children(self, source: TaskSource) -> list[str]:
        return [name for name in CHILD_PATHS if name in self._context.fields and name in source.child_streams]

    def _child_items(self, source: TaskSource, key: Key, tasks: Collection[Record]) -> Iterator[WorkItem]:
        """Return a work item for the children of each new task, in ascending order.

        All tasks of a long list can wait here at once, so only their numbers are kept.
        """
        pending = PendingTasks()
        if self._children(source):
            self._context.time_hint.see(tasks)
            new = (task["gid"] for task in tasks if f"{task.get('created_at') or ''}" >= self._new_since)
            self._context.new_gids.update(map(int, new))
            beyond = filter(self._is_beyond(source, key), tasks)
            for task in sorted(beyond, key=lambda task: source.child_key(key, task)):
                pending.add(source.child_key(key, task), tuple(self._required(source, task)))
        return self._items(key, pending)

    def _required(self, source: TaskSource, task: Record) -> Iterator[str]:
        """Yield the missing child streams of a task, but those that a field of the task shows to be empty."""
        missing = self._missing(source, task)
        waits = self._context.only_announced and {*INLINE} <= {*missing} and not task_announces(task)
        for name in missing:
            if name == ATTACHMENTS and waits:
                yield ANNOUNCED
            elif name != TIME or self._context.time_hint.may_have_entries(task):
                yield name

    def _items(self, key: Key, pending: PendingTasks) -> Iterator[WorkItem]:
        for first, gid, names in pending:
            if ANNOUNCED in names:
                self._unannounced.add(gid)
            yield WorkItem((first, *key[1:], gid), [self._child(name, f"{gid}") for name in names if name != ANNOUNCED])

    def _child(self, name: str, task_gid: str) -> Request:
        announcing: tuple[str, ...] = ()
        if name == STORIES:
            announcing = STORY_FIELDS if self._context.only_announced else (SUBTYPE,) if self._doubts_search else ()
        fields = dict.fromkeys((*self._context.fields[name], *announcing))
        return self._context.request(name, name, CHILD_PATHS[name], fields, task_gid=task_gid)


def _doubts_search(context: TraversalContext, sources: Iterable[TaskSource]) -> bool:
    """Return whether a search for attachments is among the sources that may not find all.

    It was never proved to, or it leaves out archived projects: one may be in the archive during the search alone.
    """
    searched = any(source.children_only and ATTACHMENTS in source.child_streams for source in sources)
    reach = context.reach
    return searched and (reach.verdict(ATTACHED_KIND) is None or reach.verdict(ARCHIVED_KIND) == MISSING)


def _is_in_projects_only(task: Record) -> bool:
    """Return whether the lists of a first read leave a task to the first of its projects: its first key is no matter.

    In an increment, the whole list of a new project, user or tag brings it too.
    """
    return bool(task.get("projects")) and "parent" in task and task["parent"] is None
