"""The tasks changed shortly before a read: the next one searches that time again, because the index may lag behind.

A search does not say how far its index is behind. So every search begins well before the last read. Most tasks of that
time have been written already, and would cost requests for their children once more. So state keeps a hash of each
task that the last read found there, and of its `modified_at`: the same version is not read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import timedelta

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.state.instants import parse_instant
from tap_asana.state.known_lists import hash_of

INDEX_LAG = timedelta(seconds=2100)
"""Longest delay of the search index that a run expects: half an hour, and what clocks differ."""

MAX_RECENT_TASKS = 1000
"""Tasks of that time that are remembered; others are read twice."""


class RecentTasks:
    """The tasks of one read that were changed shortly before it, and those that the last read has written.

    `since` is the start of the read's window: later changes are read again in any case.
    """

    def __init__(self, since: str | None = None, until: str | None = None, written: Collection[bytes] = ()) -> None:
        """Take the hashes that the last read has left."""
        self.hashes: set[bytes] = set()
        self._since = parse_instant(since) if since else None
        self._until = parse_instant(until) if until else None
        self._written = written

    def forgetful(self) -> RecentTasks:
        """Return the same for a search whose tasks another lane writes, or that may fail: what it remembers is lost."""
        other = copy(self)
        other.hashes = set()
        return other

    def forget_last_read(self) -> None:
        """Forget what the last read has written, because this one reads everything."""
        self._written = ()

    def forget(self) -> None:
        """Forget the tasks of this read, because a search that fails has not read what is below its tasks."""
        self.hashes.clear()

    def unwritten(self, tasks: Sequence[Record]) -> list[Record]:
        """Return the tasks that the last read has not written in this version; remember the others again."""
        self.remember(task for task in tasks if self.is_written(task))
        return [task for task in tasks if not self.is_written(task)]

    def remember(self, tasks: Iterable[Record]) -> None:
        """Remember the recent ones among tasks that are written in this version."""
        for task in tasks:
            if self._is_recent(task) and len(self.hashes) < MAX_RECENT_TASKS:
                self.hashes.add(_hash(task))

    def is_written(self, task: Record) -> bool:
        """Return whether the last read has written this version of a task, which was changed before the window."""
        if self._since is None or not self._written or not is_timestamp(task.get("modified_at")):
            return False
        return parse_instant(task["modified_at"]) < self._since and _hash(task) in self._written

    def _is_recent(self, task: Record) -> bool:
        if self._until is None or not is_timestamp(task.get("modified_at")):
            return False
        return self._until - INDEX_LAG <= parse_instant(task["modified_at"]) < self._until


def is_settled(changed: Mapping[str, object], until: str) -> bool:
    """Return whether an object last changed so long before an instant that an index which is late knows it as it is."""
    modified = changed.get("modified_at")
    return is_timestamp(modified) and parse_instant(str(modified)) < parse_instant(until) - INDEX_LAG


def _hash(task: Record) -> bytes:
    return hash_of(f"{task['gid']} {task['modified_at']}")
