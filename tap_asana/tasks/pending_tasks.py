"""The tasks of a long list whose children are still to be requested."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from tap_asana.fetch.lane import Key


class PendingTasks:
    """Tasks in the order in which they were added, with the names of their missing child streams, in 17 bytes each.

    Only the first and the last number of each key are kept, because all keys have the same numbers in between.
    """

    def __init__(self) -> None:
        """Start without tasks."""
        self._firsts = array("Q")
        self._gids = array("Q")
        self._kinds = bytearray()
        self._names: dict[tuple[str, ...], int] = {}

    def add(self, key: Key, names: tuple[str, ...]) -> None:
        """Add a task by its key."""
        self._firsts.append(key[0])
        self._gids.append(key[-1])
        self._kinds.append(self._names.setdefault(names, len(self._names)))

    def __iter__(self) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Yield the first and the last number of each task's key, and the names of its missing child streams."""
        kinds = list(self._names)
        for first, gid, kind in zip(self._firsts, self._gids, self._kinds, strict=True):
            yield first, gid, kinds[kind]
