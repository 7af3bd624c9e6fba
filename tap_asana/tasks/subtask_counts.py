"""How many subtasks the tasks of a read have, beyond those that it has found.

A file of its own because the context of a traversal needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from tap_asana.api.decoding import Record, rows_with_gid


class SubtaskCounts:
    """The tasks of a read that have more subtasks than it has found; none unless it `is_counting`."""

    def __init__(self, *, is_counting: bool = False) -> None:
        """Count nothing yet."""
        self._is_counting = is_counting
        self._unfound: dict[int, int] = {}

    def see(self, tasks: Collection[Record], has_found: Callable[[int], bool]) -> None:
        """Take the tasks of a page; those that the read has found before count no more.

        Without `parent`, which a catalog may leave out, nothing is counted.
        """
        if not self._is_counting:
            return
        self._is_counting = all("parent" in task for task in tasks)
        new = {int(task["gid"]): task for task in tasks if not has_found(int(task["gid"]))}
        for gid, task in new.items() if self._is_counting else ():
            count, (parents, _) = task.get("num_subtasks"), rows_with_gid([task["parent"]], numeric=True)
            self._add(gid, count if isinstance(count, int) else 0)
            for parent in parents:
                self._add(int(parent["gid"]), -1)

    def _add(self, gid: int, count: int) -> None:
        total = self._unfound.pop(gid, 0) + count
        if total:
            self._unfound[gid] = total

    @property
    def incomplete(self) -> list[int]:
        """Return the gids of the tasks that have more subtasks than were found, in ascending order."""
        return sorted(gid for gid, count in self._unfound.items() if count > 0) if self._is_counting else []
