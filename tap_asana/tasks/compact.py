"""Collections of tasks that take little memory, because a traversal keeps every task of a workspace in them."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from typing import Final

from typing_extensions import override

from tap_asana.fetch.lane import Key

HASH_MULTIPLIER: Final = 0x9E3779B97F4A7C15
"""An odd number without a pattern, which spreads neighbouring gids over the slots."""

MIN_SLOTS: Final = 1 << 10


class GidSet:
    """A set of gids below 2**64 - 1, in 12 to 24 bytes each; a set of Python's takes about 80. Gids are only added."""

    def __init__(self) -> None:
        """Start without gids."""
        self._count = 0
        self._slots = _empty(MIN_SLOTS)

    def __len__(self) -> int:
        """Return the number of gids."""
        return self._count

    def __contains__(self, gid: int) -> bool:
        """Return whether a gid was added."""
        return bool(self._slots[_slot(self._slots, gid + 1)])

    @override
    def __sizeof__(self) -> int:
        """Return the size in bytes."""
        return object.__sizeof__(self) + sys.getsizeof(self._slots)

    def add(self, gid: int) -> bool:
        """Add a gid; return whether it is new."""
        if 3 * self._count >= 2 * len(self._slots):
            self._grow()
        is_new = _put(self._slots, gid + 1)
        self._count += is_new
        return is_new

    def _grow(self) -> None:
        slots = _empty(2 * len(self._slots))
        for number in filter(None, self._slots):
            _put(slots, number)
        self._slots = slots


class TasksOpened:
    """The tasks whose subtasks were requested: all subtasks, or only the changed ones."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._whole = GidSet()
        self._changed = GidSet()

    def __contains__(self, gid: int) -> bool:
        """Return whether a task was added."""
        return gid in self._whole or gid in self._changed

    def add(self, gid: int, *, whole: bool) -> bool:
        """Add a task; return whether as many of its subtasks were not requested before.

        After a request for the changed subtasks, all subtasks need another one: the first dropped the unchanged ones.
        """
        if whole:
            return self._whole.add(gid)
        return gid not in self._whole and self._changed.add(gid)


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
        """Yield the first and the last number of each key, and the names."""
        kinds = list(self._names)
        for first, gid, kind in zip(self._firsts, self._gids, self._kinds, strict=True):
            yield first, gid, kinds[kind]


def _empty(slots: int) -> array[int]:
    return array("Q", bytes(8 * slots))


def _slot(slots: array[int], number: int) -> int:
    """Return the slot of a number other than 0, or the free slot for it."""
    last = len(slots) - 1
    at = (number * HASH_MULTIPLIER >> 32) & last
    while slots[at] not in (0, number):
        at = (at + 1) & last
    return at


def _put(slots: array[int], number: int) -> bool:
    """Put a number into its slot; return whether it is new."""
    at = _slot(slots, number)
    is_new = not slots[at]
    slots[at] = number
    return is_new
