"""The rows of tasks, and of what is below them, that a run has written: a pass over all tasks reads many of them again.

An increment reads what has changed, events name single objects, the lists of recent days have time entries, and a pass
reads whole tasks. A row that comes as it was written before in the same run is not written again. The target holds it:
it holds all that precedes a STATE.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec.json import encode

from tap_asana.sync.deletion_records import DELETIONS
from tap_asana.tasks.events import value_of

ROW_KEYS: Mapping[str, Sequence[str]] = {DELETIONS: ("gid", "action", "occurred_at", "parent_gid")}
"""Fields that make another row: an owed list and a pass may both notice a deletion, and give it another source."""


class WrittenRows:
    """The hash of the last row of each object that this run has written."""

    def __init__(self, streams: Collection[str], max_rows: int) -> None:
        """Keep the rows of these streams, at most so many of each: the others are written as often as they come."""
        self._hashes: dict[str, dict[str, int]] = {name: {} for name in streams}
        self._max_rows = max_rows

    def unwritten(self, stream: str, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the rows that differ from the last ones of their objects, which are written next."""
        hashes, fields = self._hashes.get(stream), ROW_KEYS.get(stream, ())
        return rows if hashes is None else [row for row in rows if self._is_new(hashes, row, fields)]

    def _is_new(self, hashes: dict[str, int], row: Any, fields: Sequence[str]) -> bool:  # noqa: ANN401 - exports bring objects in place of dictionaries
        compared = [value_of(row, name) for name in fields] or row
        gid, row_hash = value_of(row, "gid"), hash(encode(compared))
        if hashes.get(gid) == row_hash:
            return False
        if gid in hashes or len(hashes) < self._max_rows:
            hashes[gid] = row_hash
        return True
