"""The inventories of all workspaces, and the reads that they note."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.state.reconciliation import ReconciliationState
from tap_asana.sync.cursor import Cursor
from tap_asana.sync.facts import Event, StreamFacts
from tap_asana.sync.inventory import STREAMS_OF_TASKS, Inventory
from tap_asana.sync.moved_tasks import MovedTasks
from tap_asana.sync.recent_entries import RecentEntries
from tap_asana.tasks.events import ATTACHMENTS, TASKS, TIME, Batch, Checkpoint, TaskEvent

UNREAD_ATTACHMENTS = (
    "workspace %s: no pass follows, because reconcile_days is not set any more; where lists were requested, "
    "attachments that no story or description announces may be missing; read attachments as FULL_TABLE once"
)

logger = logging.getLogger(__name__)


class Inventories:
    """The inventories of all workspaces."""

    def __init__(
        self,
        state_of: Callable[[str], MutableMapping[str, Any]],
        bookmarks_before: Mapping[str, Mapping[str, str | None]],
        *,
        are_kept: bool,
        find_deletions: bool,
        moved: MovedTasks,
    ) -> None:
        """Load nothing yet; without `are_kept` there are none, and without `find_deletions` they know no objects.

        `state_of` returns the state of a stream. `bookmarks_before` are the earlier bookmarks of all streams.
        `moved` names the tasks that came from hidden projects.
        """
        self._find_deletions = find_deletions
        self._moved = moved
        self._state_of = state_of
        self._bookmarks_before = bookmarks_before
        self._are_kept = are_kept
        self._by_workspace: dict[str, Inventory] = {}

    @staticmethod
    def forget(state: Mapping[str, Any], *, are_attachments_left: bool) -> None:
        """Drop what state knows: a run that notes nothing would leave gaps in it.

        With `are_attachments_left`, earlier runs have left attachments to passes, and a line says that none follows.
        """
        tasks, attachments = (
            state.get("bookmarks", {}).get(stream, {}).get("partitions", ()) for stream in (TASKS, ATTACHMENTS)
        )
        read_contexts = [partition["context"] for partition in attachments if are_attachments_left]
        for partition in tasks:
            if partition.pop("reconciliation", None) is not None and partition["context"] in read_contexts:
                logger.warning(UNREAD_ATTACHMENTS, partition["context"]["workspace_gid"])

    def of(self, workspace: Workspace) -> Inventory | None:
        """Return the inventory of a workspace; None if nothing is reconciled."""
        if not self._are_kept:
            return None
        if workspace.gid not in self._by_workspace:
            state = ReconciliationState(self._state_of(TASKS), workspace.gid)
            self._by_workspace[workspace.gid] = Inventory(state, workspace.gid)
        return self._by_workspace[workspace.gid]

    def at_begin(
        self, workspace: Workspace, window: SyncWindow, cursors: Mapping[str, Cursor], *, is_of_all: bool
    ) -> Inventory | None:
        """Return the inventory for a read that begins; it knows nothing if that is the first read of all streams."""
        inventory, has_begun = self.of(workspace), all(cursor.began(window) for cursor in cursors.values())
        if inventory:
            inventory.begin_read(window, cursors, is_resumed=not has_begun)
        has_read = any(cursor.bookmark(workspace).value for cursor in cursors.values())
        is_first = self._find_deletions and is_of_all and not has_read
        if inventory and is_first and has_begun:
            inventory.begin_first_read(window.until, cursors)
        return inventory

    def noted(
        self,
        events: Iterable[TaskEvent],
        workspace: Workspace,
        window: SyncWindow,
        cursors: Mapping[str, Cursor],
        *,
        new_parents: Collection[str],
        is_of_all: bool,
    ) -> Iterable[TaskEvent]:
        """Return the events of a read, for the inventory to note: from nothing, at the first read of all streams."""
        inventory = self.at_begin(workspace, window, cursors, is_of_all=is_of_all)
        if inventory is None:
            return events
        last_starts = {name: cursor.bookmark(workspace).value for name, cursor in cursors.items()}
        return inventory.of_read(events, last_starts, new_parents, self._moved)

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

        The read of tasks has added those that it has written. Those created during the last run are known by that run
        alone if it has written them as they are: a pass that began at its end does not read them.
        """
        for event in recent.events(streams):
            is_new = isinstance(event, Batch) and not any(recent.has_written(entry) for entry in event.records)
            yield event
            if isinstance(event, Batch) and is_new:
                self._add_entry(event)
        for batch in recent.unchanged:
            self._add_entry(batch)

    def _add_entry(self, batch: Batch) -> None:
        gid = batch.parent_keys["workspace_gid"]
        if inventory := self._by_workspace.get(gid):
            inventory.add(batch, self._before(TIME, gid))

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
