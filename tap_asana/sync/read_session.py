"""The session of a sync as readers use it; SyncSession itself knows the readers, so that they cannot name it."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tap_asana.sync.facts import StreamFacts

if TYPE_CHECKING:
    from tap_asana.parents.kinds import Workspace
    from tap_asana.run import Run
    from tap_asana.state.known_lists import KnownHashes
    from tap_asana.state.resume_points import CompletedStreams
    from tap_asana.state.search_reach import SearchReach
    from tap_asana.sync.changed_objects import ChangedObjects
    from tap_asana.sync.cursor import Cursor, ParentHistory
    from tap_asana.sync.inventories import Inventories
    from tap_asana.sync.shared_lists import SharedLists

Known = TypeVar("Known", bound="KnownHashes")


class ReadSession(Protocol):
    """One sync: the streams to read, and the objects that their reads share.

    `selected` are all selected streams, and `streams` those that an interrupted run has not completed.
    `limit` is the number of parents whose lists a dry run requests; other runs have None, and request all.
    """

    run: Run
    limit: int | None
    selected: list[StreamFacts]
    streams: list[StreamFacts]
    completed: CompletedStreams
    lists: SharedLists
    inventories: Inventories
    changes: ChangedObjects
    parents: ParentHistory

    def state_of(self, name: str) -> MutableMapping[str, Any]:
        """Return a stream's part of the Singer state, to be changed in place."""

    def cursor(self, stream: StreamFacts) -> Cursor:
        """Return the cursor of a stream with bookmarks."""

    def reach_of(self, workspace: Workspace) -> SearchReach:
        """Return what the searches of a workspace find, as the state tells."""

    def known(self, kind: type[Known], workspace: Workspace) -> Known:
        """Return the hashes of one kind that the last complete read of a workspace has left."""

    def has_read_before(self, workspace: Workspace) -> bool:
        """Return whether earlier runs have written records of a workspace that Asana may have deleted since."""

    def have_searched(self, workspace: Workspace) -> bool:
        """Return whether the last complete read of any stream of tasks counts as one by search, selected or not."""

    def unfollowed(self, workspace: Workspace) -> frozenset[str]:
        """Return the streams that earlier runs have read, and that this one neither follows nor reads whole."""

    def claim(self, *names: str) -> bool:
        """Return True to the first caller that claims a read, False to all others."""

    def prefetch_of(self, stream: StreamFacts) -> Callable[[], None]:
        """Return a function that prefetches the streams after one, as far as they may be requested before it ends."""
