"""Tasks whose children are still to be asked for, in 17 bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from tap_asana.fetch.scheduler import Key

Names = tuple[str, ...]


class PendingTasks:
    """Keys of tasks in the order that they were added, with the names of what is asked under each.

    Of the keys, which are all alike in between, only the first and the last number are kept.
    """

    def __init__(self) -> None:
        """Start without tasks."""
        self._firsts = array("Q")
        self._gids = array("Q")
        self._kinds = bytearray()
        self._names: dict[Names, int] = {}

    def add(self, key: Key, names: Names) -> None:
        """Add a task."""
        self._firsts.append(key[0])
        self._gids.append(key[-1])
        self._kinds.append(self._names.setdefault(names, len(self._names)))

    def __iter__(self) -> Iterator[tuple[int, int, Names]]:
        """Yield the first and the last number of each key, and the names."""
        kinds = list(self._names)
        for first, gid, kind in zip(self._firsts, self._gids, self._kinds, strict=True):
            yield first, gid, kinds[kind]
