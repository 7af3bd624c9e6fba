"""What the target holds of the tasks of a workspace, and the tasks that their lists have shown in this run."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.state.entry_days import first_day
from tap_asana.state.reconciliation import ReconciliationState
from tap_asana.sync.cursor import Cursor
from tap_asana.sync.facts import Event, StreamFacts
from tap_asana.sync.recent_entries import RecentEntries
from tap_asana.tasks.events import ATTACHMENTS, STORIES, TASKS, TIME, Batch, Checkpoint, TaskEvent, value_of
from tap_asana.tasks.task_lists import is_since

STREAMS_OF_TASKS = (TASKS, STORIES, ATTACHMENTS, TIME)
"""The streams of tasks and of everything below them."""

MAX_GID = 10**18
"""Greater gids, and those that are no number, are not known."""

UNDATED = (
    "workspace %s: the created_at of %s is unknown; the rows of those that are deleted before a pass has read them "
    "stay in the table"
)

logger = logging.getLogger(__name__)


class KnownObject(NamedTuple):
    """An object of the target: its stream and its gid."""

    stream: str
    gid: str

    @property
    def number(self) -> int:
        """Return it as a number of its set."""
        return int(self.gid) * len(STREAMS_OF_TASKS) + STREAMS_OF_TASKS.index(self.stream)

    @classmethod
    def from_number(cls, number: int) -> KnownObject:
        """Return the object of a number."""
        gid, place = divmod(number, len(STREAMS_OF_TASKS))
        return cls(STREAMS_OF_TASKS[place], f"{gid}")


class Inventory:
    """What the target holds of one workspace, as far as a set of few bytes knows it."""

    def __init__(self, state: ReconciliationState, workspace_gid: str) -> None:
        """Take the state of the pass."""
        self.state = state
        self._workspace_gid = workspace_gid
        self._undated: set[str] = set()
        self._listed = array("Q")
        self._has_whole_lists = False
        self._last_reads: Mapping[str, str | None] = {}

    def begin_pass(self, last_reads: Mapping[str, str | None]) -> None:
        """Take the starts of the last reads, by stream: a part of a pass follows."""
        self._last_reads = last_reads

    def begin_first_read(self, start: str, streams: Iterable[str]) -> None:
        """Note that the target holds nothing of these streams yet, unless it holds a part of them."""
        if not self.state.known:
            self.state.start(start, [*streams])

    def of_read(
        self, events: Iterable[TaskEvent], last_starts: Mapping[str, str | None], new_projects: Iterable[str]
    ) -> Iterator[TaskEvent]:
        """Yield the events of a read, and know the records that were created since the last read of their stream.

        Without a last read all are new, and so are all below new projects. They are known when the next event is asked
        for: they are written by then. What is created during a read is known twice after the next one, and once after a
        pass.
        """
        new_gids = set(new_projects) if any(last_starts.values()) else set[str]()
        for event in events:
            yield event
            if isinstance(event, Batch):
                is_new = not new_gids.isdisjoint(event.parent_keys.values())
                self.add(event, None if is_new else last_starts[event.stream])
                new_gids.update(gid for gid, _ in map(_facts, event.records) if is_new and event.stream == TASKS)

    def add(self, batch: Batch, since: str | None) -> None:
        """Know the records of a batch that were created since an instant; without one all.

        Those that do not show when they were created are known from the next pass on, as a line says.
        """
        if not self.state.known:
            return
        self.state.add(kind_of(batch.stream), _numbers(batch, partial(_is_new, since=since)))
        if since is None or batch.stream in self._undated:
            return
        if any(created is None for _, created in map(_facts, batch.records)):
            self._undated.add(batch.stream)
            logger.info(UNDATED, self._workspace_gid, batch.stream)

    def read(self, batch: Batch) -> None:
        """Note the records that a pass has written, if they were created before it."""
        began = self.state.began
        numbers = _numbers(batch, lambda created: began is None or created is None or not is_since(created, began))
        self.state.read(kind_of(batch.stream), numbers)

    def meet(self, batch: Batch) -> None:
        """Know the records of a pass that may be gone before the next read, or that no other read lists."""
        began, kind = self.state.began, kind_of(batch.stream)
        if began is None:
            return
        last = self._last_reads.get(batch.stream) or began
        self.state.add(kind, _numbers(batch, partial(_is_between, since=last, until=None)))
        backdated = [entry for entry in batch.records if batch.stream == TIME and _is_backdated(entry)]
        between = partial(_is_between, since=began, until=last)
        self.state.add(kind, _numbers(replace(batch, records=backdated), between))

    def show(self, tasks: Iterable[Record]) -> None:
        """Note tasks that a list contains."""
        self._listed.extend(int(task["gid"]) for task in tasks)

    def end_lists(self) -> None:
        """Note that a read by lists has shown all tasks."""
        self._has_whole_lists = True

    @property
    def listed_gids(self) -> Sequence[int] | None:
        """Return the gids of all tasks in ascending order; None if this run has not listed all of them."""
        return sorted(set(self._listed)) if self._has_whole_lists else None


class Inventories:
    """The inventories of all workspaces."""

    def __init__(
        self,
        state_of: Callable[[str], MutableMapping[str, Any]],
        bookmarks_before: Mapping[str, Mapping[str, str | None]],
        *,
        are_kept: bool,
        find_deletions: bool,
    ) -> None:
        """Load nothing yet; without `are_kept` there are none, and without `find_deletions` they know no objects.

        `state_of` returns the state of a stream. `bookmarks_before` are the earlier bookmarks of all streams.
        """
        self._find_deletions = find_deletions
        self._state_of = state_of
        self._bookmarks_before = bookmarks_before
        self._are_kept = are_kept
        self._by_workspace: dict[str, Inventory] = {}

    @staticmethod
    def forget(state: Mapping[str, Any]) -> None:
        """Drop what state knows: a run that notes nothing would leave gaps in it."""
        for partition in state.get("bookmarks", {}).get(TASKS, {}).get("partitions", ()):
            partition.pop("reconciliation", None)

    def of(self, workspace: Workspace) -> Inventory | None:
        """Return the inventory of a workspace; None if nothing is reconciled."""
        if not self._are_kept:
            return None
        if workspace.gid not in self._by_workspace:
            state = ReconciliationState(self._state_of(TASKS), workspace.gid)
            self._by_workspace[workspace.gid] = Inventory(state, workspace.gid)
        return self._by_workspace[workspace.gid]

    def noted(
        self,
        events: Iterable[TaskEvent],
        workspace: Workspace,
        window: SyncWindow,
        cursors: Mapping[str, Cursor],
        *,
        new_projects: Iterable[str],
        is_of_all: bool,
    ) -> Iterable[TaskEvent]:
        """Return the events of a read, for the inventory to note: from nothing, at the first read of all streams."""
        inventory = self.of(workspace)
        if inventory is None:
            return events
        last_starts = {name: cursor.bookmark(workspace).value for name, cursor in cursors.items()}
        is_first = self._find_deletions and is_of_all and not any(last_starts.values())
        if is_first and all(cursor.began(window) for cursor in cursors.values()):
            inventory.begin_first_read(window.until, cursors)
        return inventory.of_read(events, last_starts, new_projects)

    def late(self, events: Iterable[TaskEvent], workspace: Workspace) -> Iterator[TaskEvent]:
        """Yield the events of a read of lists that earlier runs may have missed, and know all of it.

        What was known before is known twice then, until the end of the next pass.
        """
        inventory = self.of(workspace)
        for event in events:
            if inventory and isinstance(event, Checkpoint):
                inventory.state.store()
            yield event
            if inventory and isinstance(event, Batch):
                inventory.add(event, None)
        if inventory:
            inventory.state.store()

    def entries(self, recent: RecentEntries, streams: Mapping[str, StreamFacts]) -> Iterator[Event]:
        """Yield the events of a read of recent time entries, and know those that are new.

        The read of tasks has added those that it has written.
        """
        for event in recent.events(streams):
            is_new = isinstance(event, Batch) and not any(recent.has_written(entry) for entry in event.records)
            yield event
            if isinstance(event, Batch) and is_new:
                gid = event.parent_keys["workspace_gid"]
                if inventory := self._by_workspace.get(gid):
                    inventory.add(event, self._before(TIME, gid))

    def followed(self, events: Iterable[Event], workspace: Workspace) -> Iterator[Event]:
        """Yield the events of a read of changed objects, and know those that are new: no other read need meet them."""
        inventory = self.of(workspace)
        for event in events:
            yield event
            if inventory is not None and isinstance(event, Batch) and event.stream in STREAMS_OF_TASKS:
                inventory.add(event, self._before(event.stream, workspace.gid))

    def _before(self, stream: str, workspace_gid: str) -> str | None:
        return self._bookmarks_before.get(stream, {}).get(workspace_gid)

    def end_read(self, workspace: Workspace, window: SyncWindow, cursors: Iterable[Cursor]) -> None:
        """Keep what is known after a read; one that no earlier run began has listed all tasks."""
        if inventory := self.of(workspace):
            if all(cursor.began(window) for cursor in cursors):
                inventory.end_lists()
            inventory.state.store()


def advance(bookmarks: Iterable[Bookmark], window: SyncWindow, inventory: Inventory | None = None) -> None:
    """Keep how far a read is, and what is known by then."""
    for bookmark in bookmarks:
        bookmark.advance(window)
    if inventory:
        inventory.state.store()


def kind_of(stream: str) -> str:
    """Return the name of the set that has the objects of a stream."""
    return TASKS if stream == TASKS else "below"


def _is_new(created: str | None, since: str | None) -> bool:
    return since is None or (created is not None and is_since(created, since))


def _is_between(created: str | None, since: str, until: str | None) -> bool:
    return created is not None and is_since(created, since) and (until is None or not is_since(created, until))


def _is_backdated(entry: Record) -> bool:
    """Return whether a time entry was entered on a day that no run lists any more when it is created."""
    day, created = entry.get("entered_on"), entry.get("created_at")
    return isinstance(day, str) and is_timestamp(created) and day < first_day(f"{created}")


def _numbers(batch: Batch, is_wanted: Callable[[str | None], bool]) -> list[int]:
    """Return the numbers of those records of a batch whose time of creation is wanted."""
    found = (
        (gid, created) for gid, created in map(_facts, batch.records) if gid.isdecimal() and 0 < int(gid) < MAX_GID
    )
    return [KnownObject(batch.stream, gid).number for gid, created in found if is_wanted(created)]


def _facts(record: Any) -> tuple[str, str | None]:  # noqa: ANN401 - exports bring objects in place of dictionaries
    """Return gid and time of creation of a record."""
    created = value_of(record, "created_at")
    return f"{value_of(record, 'gid')}", created if isinstance(created, str) else None
