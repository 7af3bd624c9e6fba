"""One walk of a workspace's tasks, with what hangs from each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from tap_asana.api.client import AsanaClient
from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.errors import AsanaError
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.scheduler import END_OF_PARENT, FetchScheduler, Key, Lane, WorkItem
from tap_asana.limits import Limits
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import ProgressByKind, Workspace
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.tasks.compact import GidSet
from tap_asana.tasks.events import CHILD_PATHS, REQUIRED_TASK_FIELD, TASKS, Batch, Checkpoint
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.places import Places
from tap_asana.tasks.waiting import PendingTasks

RESUMABLE_KEY_LENGTH = 3
"""Numbers in a key that a walk can go on behind: two for the unit, and the task whose children were the last."""


class SearchUnavailableError(AsanaError):
    """Searches cannot bring all tasks: more are alike than one answer holds, or one is refused. Lists have to serve."""


class SearchRefusedError(SearchUnavailableError):
    """Asana refuses a search."""


@dataclass(frozen=True, slots=True)
class TraversalContext:
    """What is walked and for whom.

    `fields` are the opt_fields of the streams that the walk serves; `tasks` is among them only where it is wanted.
    `refuse` is told of each list that was refused. `found`
    are the tasks that the walk has met so far, by the streams that their lanes bring, and `places` where, by lanes.
    """

    client: AsanaClient
    fetcher: Fetcher
    limits: Limits
    directory: ParentDirectory
    workspace: Workspace
    window: SyncWindow
    fields: Mapping[str, Sequence[str]]
    refuse: Callable[[Request, Unavailable], object] = lambda _, __: None
    found: dict[frozenset[str], GidSet] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)

    def places_of(self, lane: str) -> Places:
        """Return where a lane has met its tasks."""
        return self.places.setdefault(lane, Places())

    def has_found(self, gid: int) -> bool:
        """Tell whether the walk has met a task."""
        return any(gid in found for streams, found in self.found.items() if TASKS in streams)

    def request(self, purpose: str, part: str, path: str, fields: Iterable[str], **keys: str) -> Request:
        """Return an ask of this walk, its answer to be recognised by `part`."""
        keys = {**keys, "workspace_gid": self.workspace.gid}
        ask = self.directory.build_request(purpose, path, keys, fields, self.workspace)
        return ask.with_params(part)

    def task_request(self, part: str, path: str, needed: Iterable[str], **keys: str) -> Request:
        """Return an ask for tasks, with the fields of their stream and those that the walk itself looks at."""
        signs = (REQUIRED_TASK_FIELD[name] for name in self.fields if name in REQUIRED_TASK_FIELD)
        ask = self.request(TASKS, part, path, dict.fromkeys((*self.fields.get(TASKS, ()), *needed, *signs)), **keys)
        return replace(ask, numeric_gids=True)

    def ownership(self, projects: Collection[str] | None = None) -> TaskOwnership:
        """Return what the lists of these projects bring, or those of all that the token sees."""
        visible = (project.gid for project in self.directory.parents("project", self.workspace))
        return TaskOwnership(visible if projects is None else projects, self.window.unavailable, self.window.until)


class TaskSource(Protocol):
    """A way to find tasks, as one lane of the walk."""

    @property
    def name(self) -> str:
        """Return the lane's name, under which state keeps its place."""

    @property
    def child_streams(self) -> Collection[str]:
        """Return which streams are asked under the tasks that this lane finds."""

    @property
    def children_only(self) -> bool:
        """Tell whether the lane only looks for what hangs from tasks, because other lanes find the tasks."""

    def progress(self, done: Key | None) -> ProgressByKind:
        """Return how many of how many parents are done when the lane is up to a key, as far as that is known."""

    def work_items(self) -> Iterator[WorkItem]:
        """Yield the units that the lane begins with, behind its place in the sweep."""

    def child_key(self, unit: Key, task: Record) -> Key:
        """Return where what hangs from a task of a unit stands: the unit's key, but its first number, and the gid."""

    def process_page(self, page: Page, reading: FetchScheduler) -> Iterable[Record]:
        """Return the tasks of a page that are part of the walk, and queue what follows from it."""


def end_marker(key: Key) -> WorkItem:
    """Return the unit that stands behind all that hangs from the tasks of a unit."""
    return WorkItem((*key, END_OF_PARENT), [])


class TaskTraversal:
    """The tasks that several sources find, each once, and what hangs from them.

    What could not be read of the projects, users and tags is added to `refused`, as their marks.
    """

    def __init__(self, scope: TraversalContext, sources: Sequence[TaskSource], refused: set[str]) -> None:
        """Prepare to go on behind the places of the sweep."""
        self._scope = scope
        self._sources = {source.name: source for source in sources}
        self._tasks_found = scope.found
        self._tasks_found.clear()
        self._refused = refused
        self._unavailable_parents: dict[str, tuple[Lane, Key]] = {}
        scope.places.clear()

    def events(self) -> Iterator[Batch | Checkpoint]:
        """Yield what is found, and between it how far that goes; raises SearchUnfitError."""
        reading = self._scope.fetcher.read(())
        for source in self._sources.values():
            reading.add_lane(source.name, source.work_items())
        places: dict[str, Key] = {}
        try:
            for page in reading:
                before, places = places, self._places(reading, places)
                if places != before:
                    yield Checkpoint(places, self._share(reading), self._resolved())
                yield from self._take(page, reading)
        finally:
            reading.close()

    def _places(self, reading: FetchScheduler, before: Mapping[str, Key]) -> dict[str, Key]:
        """Return the places that the lanes can be taken up at again, which may be those of before.

        Where a lane is in the middle of what lies below a task, that begins anew.
        """
        places = dict(before)
        for lane in reading.lanes:
            done = lane.watermark
            if (
                done is not None
                and len(done) >= RESUMABLE_KEY_LENGTH
                and self._scope.places_of(lane.name).is_safe(done)
            ):
                places[lane.name] = done[:RESUMABLE_KEY_LENGTH]
        return places

    def _share(self, reading: FetchScheduler) -> ProgressByKind:
        """Return the shares of all lanes: no two of them walk parents of one kind."""
        shares = (
            self._sources[lane.name].progress(lane.watermark) for lane in reading.lanes if lane.name in self._sources
        )
        return {kind: part for share in shares for kind, part in share.items()}

    def _take(self, page: Page, reading: FetchScheduler) -> Iterator[Batch]:
        if page.request.label in CHILD_PATHS:
            page = self._scope.directory.skip_truncated(page)
            if page.unavailable is not None:
                self._scope.refuse(page.request, page.unavailable)
            yield Batch(page.request.label, page.records, page.request.parent_keys)
            return
        page = self._scope.directory.split_truncated(page, reading)
        if page.unavailable is not None and page.request.endpoint_limit is not None:
            # Whichever lane asked: the lists ask searches again that left tasks to a project.
            raise SearchRefusedError(f"a search was refused on the way ({page.unavailable.label})")
        if page.unavailable is not None:
            self._scope.refuse(page.request, page.unavailable)
        if page.unavailable is not None and reading.item is not None:
            self._mark_unavailable(page.request, reading.lane, reading.item)
        if page.request.endpoint_limit is not None and not all(map(_is_dated, page.records)):
            raise SearchUnavailableError("a task does not tell when it was made or modified")
        source = self._sources[reading.lane.name]
        tasks = self._new(source, reading, source.process_page(page, reading))
        if reading.item is not None:
            reading.add_items(self._children(source, reading.item, tasks))
        if TASKS in self._scope.fields and not source.children_only:
            yield Batch(TASKS, tasks, page.request.parent_keys)

    def _mark_unavailable(self, ask: Request, lane: Lane, unit: Key) -> None:
        """Keep the mark of a unit's parent if the refused ask is for the parent's own list."""
        gid = ask.parent_keys.get("gid")
        if gid and unit[1] in {int(gid), self._scope.directory.person_order.sort_key(gid)}:
            self._refused.add(str(unit[1]))
            self._unavailable_parents[str(unit[1])] = lane, end_marker(unit).key

    def _resolved(self) -> set[str]:
        """Return the marks of refused parents that lie behind: what other lists had left to them was brought."""
        return {
            mark
            for mark, (lane, end) in self._unavailable_parents.items()
            if lane.watermark is not None and lane.watermark >= end
        }

    def _new(self, source: TaskSource, reading: FetchScheduler, tasks: Iterable[Record]) -> list[Record]:
        """Keep the tasks that no lane of this walk has met that brings as much of them as this one.

        A task that lies behind the place where the walk is taken up counts as not met: the first attempt may have left
        it to another list, which it met first then.
        """
        brings, unit = self._brings(source), reading.item
        own = self._tasks_found.setdefault(brings, GidSet())
        others = [found for names, found in self._tasks_found.items() if names > brings]
        places, ahead, new = self._scope.places_of(source.name), self._ahead(source, unit), []
        for task in tasks:
            gid = int(task["gid"])
            if any(gid in found for found in others):
                continue
            if not ahead(task):
                new += [] if gid in own else [task]
                continue
            first = own.add(gid)
            new += [task] if first else []
            if unit is not None and not _is_left_to_projects(task):
                places.meet(gid, source.child_key(unit, task), reading.lane.watermark, new=first)
        return new

    def _brings(self, source: TaskSource) -> frozenset[str]:
        """Return the streams that a lane brings of a task."""
        return frozenset(self._names(source)) if source.children_only else frozenset((*self._names(source), TASKS))

    def _missing(self, source: TaskSource, task: Record) -> list[str]:
        """Return what hangs from a new task that no lane which brings less than this one has asked for."""
        brings, gid = self._brings(source), int(task["gid"])
        asked = (names for names, found in self._tasks_found.items() if names < brings and gid in found)
        return [name for name in self._names(source) if name not in frozenset[str]().union(*asked)]

    def _ahead(self, source: TaskSource, unit: Key | None) -> Callable[[Record], bool]:
        """Return what tells whether a task of a unit lies beyond the place where the walk is taken up."""
        place = self._scope.window.position(source.name) if self._names(source) else None
        if unit is None or place is None:
            return lambda _: True
        return lambda task: place < source.child_key(unit, task)

    def _names(self, source: TaskSource) -> list[str]:
        return [name for name in CHILD_PATHS if name in self._scope.fields and name in source.child_streams]

    def _children(self, source: TaskSource, unit: Key, tasks: Iterable[Record]) -> Iterator[WorkItem]:
        """Give each new task a unit of its own for what hangs from it, in the order of their keys.

        All tasks of a long list can be waiting here at once: of each there is no more kept than its numbers.
        """
        ahead, waiting = self._ahead(source, unit), PendingTasks()
        for task in (
            sorted(filter(ahead, tasks), key=lambda task: source.child_key(unit, task)) if self._names(source) else ()
        ):
            names = self._missing(source, task)
            wanted = tuple(
                name for name in names if name not in REQUIRED_TASK_FIELD or task.get(REQUIRED_TASK_FIELD[name])
            )
            waiting.add(source.child_key(unit, task), wanted)
        return self._units(unit, waiting)

    def _units(self, unit: Key, waiting: PendingTasks) -> Iterator[WorkItem]:
        for first, gid, names in waiting:
            yield WorkItem((first, *unit[1:], gid), [self._child(name, str(gid)) for name in names])

    def _child(self, name: str, task_gid: str) -> Request:
        return self._scope.request(name, name, CHILD_PATHS[name], self._scope.fields[name], task_gid=task_gid)


def _is_left_to_projects(task: Record) -> bool:
    """Tell whether all lists leave a task to the first of its projects: nothing has to be kept for that."""
    return bool(task.get("projects")) and "parent" in task and task["parent"] is None


def _is_dated(task: Record) -> bool:
    """Tell whether a search can go on behind a task: it tells when it was made and modified."""
    return is_timestamp(task.get("modified_at")) and is_timestamp(task.get("created_at"))
