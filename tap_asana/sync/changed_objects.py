"""The objects that events name, and that this run has not written since: their changes may have moved no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from tap_asana.api.decoding import Record, is_timestamp, nested_object, text_field
from tap_asana.state.instants import look_back, parse_instant
from tap_asana.sync.moved_tasks import MovedTasks
from tap_asana.sync.tracked_time import MINUTES, TrackedTime
from tap_asana.tasks.events import ATTACHMENTS, STORIES, TASKS, TIME, Batch, value_of

STREAM_OF_TYPE: Mapping[str, str] = {
    "task": TASKS,
    "story": STORIES,
    "attachment": ATTACHMENTS,
    "time_tracking_entry": TIME,
}
"""The streams that skip unchanged objects, by the type of their objects; runs read all other streams whole."""

NAMED_BY_EVENTS = frozenset({*STREAM_OF_TYPE.values(), "projects", "sections"})
"""The streams whose objects the events of a project name."""

Keep: TypeAlias = Callable[[], object]
"""A change of state."""


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

    def is_before(self, instant: str, lookback_seconds: int) -> bool:
        """Return whether the event is known to be so much older than an instant."""
        latest = look_back(parse_instant(instant), lookback_seconds)
        return is_timestamp(self.moment) and parse_instant(self.moment) < latest


class ChangedObjects:
    """The objects that events named, without those that the run has written since.

    `streams` are the streams to follow. Changes of state that must wait until the objects are written are kept here.
    `moved` are the tasks that came into a project. With `are_tasks_whole`, each run reads all tasks: of the tasks that
    events name, only the moved ones count then. Clocks may differ by `lookback_seconds`.
    """

    def __init__(
        self,
        streams: Iterable[str] = (),
        moved: MovedTasks | None = None,
        *,
        are_tasks_whole: bool = False,
        lookback_seconds: int = 0,
    ) -> None:
        """Start without objects."""
        self._lookback_seconds = lookback_seconds
        self._are_tasks_whole = are_tasks_whole
        self.moved = MovedTasks() if moved is None else moved
        self.tracked = TrackedTime()
        self.streams = frozenset(streams) & frozenset(STREAM_OF_TYPE.values())
        self._events: dict[tuple[str, bool], dict[str, LastEvent]] = {}
        self._waiting: dict[str, dict[object, Keep]] = {}

    def __bool__(self) -> bool:
        """Return whether any stream is followed."""
        return bool(self.streams)

    def add(self, workspace_gid: str, events: Iterable[Record], project_gid: str | None = None) -> bool:
        """Add the objects that events name, of a project or of a whole workspace; return whether there are any."""
        has_named_any = False
        for event in events:
            last = LastEvent(text_field(event, "created_at") or "", event.get("action") == "deleted", workspace_gid)
            for stream, gid, holds_children in self._named(event):
                if stream == TASKS:
                    self.moved.add(gid, event, workspace_gid, project_gid)
                    if self._are_tasks_whole and gid not in self.moved:
                        continue
                if holds_children:
                    self.tracked.add(workspace_gid, gid, last.moment)
                has_named_any = True
                objects = self._events.setdefault((stream, holds_children), {})
                # The events of several projects tell of the same object, and not in the order of time.
                objects[gid] = max(objects.get(gid, last), last)
        return has_named_any

    def _named(self, event: Record) -> Iterator[ChangedObject]:
        resource = nested_object(event, "resource")
        gid, kind = str(resource.get("gid")), text_field(resource, "resource_type") or text_field(event, "type")
        stream = STREAM_OF_TYPE.get(kind or "")
        if stream is None or not gid.isdecimal():
            return
        if stream in self.streams:
            yield ChangedObject(stream, gid)
        if stream == TASKS and TIME in self.streams and _may_track_time(event.get("change")):
            yield ChangedObject(TIME, gid, holds_children=True)

    def on_written(self, batch: Batch) -> None:
        """Drop the objects that were written: nothing that events named before is read again.

        Records that are older than the run lack what events have told since.
        """
        self.tracked.on_written(batch)
        if objects := self._events.get((batch.stream, False)):
            written_gids = objects.keys() & {value_of(record, "gid") for record in batch.records}
            if as_of := batch.as_of:
                written_gids = {gid for gid in written_gids if objects[gid].is_before(as_of, self._lookback_seconds)}
            if batch.stream == TASKS and written_gids:
                self.moved.on_written(batch, {gid for gid in written_gids if not objects[gid].is_deletion})
                self.moved.drop(written_gids)
            for gid in written_gids:
                del objects[gid]
        if objects := self._events.get((batch.stream, True)):
            objects.pop(batch.parent_keys.get("task_gid", ""), None)

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


def _may_track_time(change: object) -> bool:
    """Return whether the field of a change is the tracked minutes of a task, or unreadable (law 11)."""
    field = change.get("field") if isinstance(change, dict) else change
    return change is not None and (field == MINUTES or not isinstance(field, str))
