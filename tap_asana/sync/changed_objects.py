"""The objects that events name, and that this run has not written since: their changes may have moved no clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from tap_asana.api.decoding import Record, nested_object, text_field
from tap_asana.api.request import Page
from tap_asana.sync.moved_tasks import MovedTasks
from tap_asana.tasks.events import ATTACHMENTS, STORIES, TASKS, TIME, Batch
from tap_asana.tasks.task_lists import UNFILTERED

STREAM_OF_TYPE: Mapping[str, str] = {
    "task": TASKS,
    "story": STORIES,
    "attachment": ATTACHMENTS,
    "time_tracking_entry": TIME,
}
"""The streams that skip unchanged objects, by the type of their objects; runs read all other streams whole."""

NAMED_BY_EVENTS = frozenset({*STREAM_OF_TYPE.values(), "projects", "sections"})
"""The streams whose objects the events of a project name."""

TIME_FIELD = "actual_time_minutes"
"""The field of a task that changes with its time entries, which have no events of their own."""

Keep: TypeAlias = Callable[[], object]
"""A change of state."""

VisibleProjects: TypeAlias = Callable[[str], Collection[str]]
"""Returns the visible projects of a workspace."""


class ChangedObject(NamedTuple):
    """An object to read again: the list of a task's children if `holds_children`, else the object itself."""

    stream: str
    gid: str
    holds_children: bool = False


class LastEvent(NamedTuple):
    """The last event of an object, by its time."""

    moment: str
    is_deletion: bool
    workspace_gid: str


class ChangedObjects:
    """The objects that events named, without those that the run has written since.

    `streams` are the streams to follow. Changes of state that must wait until the objects are written are kept here.
    `moved` are the tasks that came into a project. `late_gids` are those that the run has written, and below which
    nothing was read before. `read_tasks` are all tasks that it has written since it knows of such tasks.
    """

    def __init__(
        self,
        streams: Iterable[str] = (),
        visible_projects: VisibleProjects = lambda _: (),
        is_searched: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Start without objects; `is_searched` returns whether the tasks of a workspace are read by search."""
        self.moved = MovedTasks()
        self.late_gids: set[str] = set()
        self._visible_projects, self._is_searched = visible_projects, is_searched
        self.streams = frozenset(streams) & frozenset(STREAM_OF_TYPE.values())
        self._events: dict[tuple[str, bool], dict[str, LastEvent]] = {}
        self._waiting: dict[str, dict[object, Keep]] = {}
        self._unread: dict[str, list[Record]] = {}
        self._subtasks: dict[str, Page] = {}
        self.read_tasks: set[int] = set()

    def __bool__(self) -> bool:
        """Return whether any stream is followed."""
        return bool(self.streams)

    def add(self, workspace_gid: str, events: Iterable[Record], project_gid: str | None = None) -> bool:
        """Add the objects that events name, of a project or of a whole workspace; return whether there are any."""
        has_named_any = False
        for event in events:
            last = LastEvent(text_field(event, "created_at") or "", event.get("action") == "deleted", workspace_gid)
            for stream, gid, holds_children in self._named(event):
                has_named_any = True
                objects = self._events.setdefault((stream, holds_children), {})
                # The events of several projects tell of the same object, and not in the order of time.
                objects[gid] = max(objects.get(gid, last), last)
                if stream == TASKS:
                    self.moved.add(gid, event, project_gid)
        return has_named_any

    def _named(self, event: Record) -> Iterator[ChangedObject]:
        resource, change = nested_object(event, "resource"), event.get("change")
        gid, kind = str(resource.get("gid")), text_field(resource, "resource_type") or text_field(event, "type")
        stream = STREAM_OF_TYPE.get(kind or "")
        if stream is None or not gid.isdecimal():
            return
        if stream in self.streams:
            yield ChangedObject(stream, gid)
        if stream == TASKS and TIME in self.streams and isinstance(change, dict) and change.get("field") == TIME_FIELD:
            yield ChangedObject(TIME, gid, holds_children=True)

    def on_written(self, batch: Batch) -> None:
        """Drop the objects that were written: nothing that events named before is read again.

        A search writes changed tasks without their subtasks: those of a task that came into a project are unread then.
        """
        if objects := self._events.get((batch.stream, False)):
            written_gids = objects.keys() & set(map(_gid, batch.records))
            if batch.stream == TASKS and written_gids:
                self._keep_late(batch, {gid for gid in written_gids if not objects[gid].is_deletion})
                self.moved.drop(written_gids)
            for gid in written_gids:
                del objects[gid]
        if objects := self._events.get((batch.stream, True)):
            objects.pop(batch.parent_keys.get("task_gid", ""), None)

    @property
    def are_tasks_moved(self) -> bool:
        """Return whether any task came into a project, and may have something unread below it."""
        return bool(self.moved) or bool(self.late_gids)

    def on_read(self, batch: Batch) -> None:
        """Note tasks that the read of all streams finds, if any have moved: these are not read again below them."""
        if self.are_tasks_moved and batch.stream == TASKS:
            self.read_tasks.update(int(gid) for gid in map(_gid, batch.records) if gid and gid.isdecimal())

    def on_page(self, page: Page) -> None:
        """Keep the list of subtasks of a task that came into a project, if it is whole and only scanned for changes."""
        gid = page.request.parent_keys.get("gid", "")
        is_scanned = page.request.label == UNFILTERED and page.request.path.endswith("/subtasks")
        if is_scanned and gid in self.moved and page.unavailable is None and not page.continues:
            self._subtasks[gid] = page

    def pop_subtasks(self, gid: str) -> Page | None:
        """Return the list of the subtasks of a task, if this run has requested it, once."""
        return self._subtasks.pop(gid, None)

    def _keep_late(self, batch: Batch, gids: Collection[str]) -> None:
        """Keep the written tasks that no project held before."""
        older = [task for task in batch.records if self.moved.is_older(task)] if self.moved else []
        workspace_gid = batch.parent_keys.get("workspace_gid", "")
        projects = self._visible_projects(workspace_gid) if older else ()
        late = [task for task in older if task["gid"] in gids and self.moved.is_unread(task, projects)]
        self.late_gids.update(task["gid"] for task in late)
        if late and self._is_searched(workspace_gid):
            self._unread.setdefault(workspace_gid, []).extend(late)

    def pop_unread(self, workspace_gid: str) -> list[Record]:
        """Return the tasks of a workspace that a search has written without their subtasks, once."""
        return self._unread.pop(workspace_gid, [])

    def unwritten(self, workspace_gid: str) -> list[ChangedObject]:
        """Return the objects of a workspace that events named, if their last event is no deletion."""
        return [
            ChangedObject(stream, gid, holds_children)
            for (stream, holds_children), objects in self._events.items()
            for gid in sorted(objects, key=int)
            if objects[gid].workspace_gid == workspace_gid and not objects[gid].is_deletion
        ]

    def drop(self, objects: Iterable[ChangedObject]) -> None:
        """Drop objects that were requested: they are not requested again, whatever the answer."""
        for stream, gid, holds_children in objects:
            self._events[stream, holds_children].pop(gid, None)
            if stream == TASKS:
                self.moved.drop([gid])

    def wait(self, workspace_gid: str, name: object, keep: Keep) -> None:
        """Have a change of state wait until the objects named so far are written; it replaces one of its name."""
        self._waiting.setdefault(workspace_gid, {})[name] = keep

    def has_waiting(self, workspace_gid: str | None = None) -> bool:
        """Return whether any change of state waits, of one workspace or of all."""
        return bool(self._waiting if workspace_gid is None else self._waiting.get(workspace_gid))

    def keep(self, workspace_gid: str) -> None:
        """Make the changes of state that have waited, in order, because all objects are written."""
        for keep in self._waiting.pop(workspace_gid, {}).values():
            keep()


def _gid(record: Any) -> str | None:  # noqa: ANN401 - exports bring objects in place of dictionaries
    gid: str | None = record.get("gid") if isinstance(record, dict) else record.gid
    return gid
