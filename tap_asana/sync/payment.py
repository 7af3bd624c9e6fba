"""What the read of the lists that earlier runs owed has read, before the read of a workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

NOTHING_READ: Mapping[str, Collection[int]] = {}


class Payment(NamedTuple):
    """The users and tags (by state key) whose owed lists have just been read, and the streams that owed them.

    `read` are the tasks whose record, or whose list of a stream, has been read, by stream.
    """

    streams: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()
    read: Mapping[str, Collection[int]] = NOTHING_READ
