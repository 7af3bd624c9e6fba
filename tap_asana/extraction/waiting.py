"""Tasks whose children are still to be asked for, in nine bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

Names = tuple[str, ...]


class Waiting:
    """Tasks in the order that they were added, with the names of what is asked under each."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._gids = array("Q")
        self._kinds = bytearray()
        self._names: dict[Names, int] = {}

    def add(self, gid: int, names: Names) -> None:
        """Add a task."""
        self._gids.append(gid)
        self._kinds.append(self._names.setdefault(names, len(self._names)))

    def __iter__(self) -> Iterator[tuple[int, Names]]:
        """Yield the tasks and their names."""
        kinds = list(self._names)
        for gid, kind in zip(self._gids, self._kinds, strict=True):
            yield gid, kinds[kind]
