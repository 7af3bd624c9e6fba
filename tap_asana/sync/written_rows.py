"""The rows of incremental streams that a run has written: several of its reads may return the same object.

Lists that were owed, the increment, events, the lists of recent days and a pass over all tasks may each return a row.
A row that comes as it was written before in the same run is not written again. The target holds it: it holds all that
precedes a STATE.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import UNSET
from msgspec.json import encode
from msgspec.structs import asdict

from tap_asana.sync.deletion_records import DELETIONS
from tap_asana.tasks.events import value_of

ROW_KEYS: Mapping[str, Sequence[str]] = {DELETIONS: ("gid", "action", "occurred_at", "parent_gid")}
"""The key of a row where an object has several: an owed list and a pass may notice one deletion from other sources."""


class WrittenRows:
    """The hash of the last row of each object that this run has written."""

    def __init__(self, streams: Collection[str], max_rows: int) -> None:
        """Keep the rows of these streams, at most so many of each: the others are written as often as they come."""
        self._hashes: dict[str, dict[str | bytes, int]] = {name: {} for name in streams}
        self._max_rows = max_rows

    def unwritten(self, stream: str, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the rows that differ from the last ones of their objects, which are written next."""
        hashes, fields = self._hashes.get(stream), ROW_KEYS.get(stream, ())
        return rows if hashes is None else [row for row in rows if self._is_new(hashes, row, fields)]

    def _is_new(self, hashes: dict[str | bytes, int], row: Any, fields: Sequence[str]) -> bool:  # noqa: ANN401 - exports bring objects in place of dictionaries
        key: str | bytes = encode([value_of(row, name) for name in fields]) if fields else value_of(row, "gid")
        if key not in hashes and len(hashes) >= self._max_rows:
            return True
        row_hash = 0 if fields else hash(encode(_values(row)))  # such a key says all that matters of its row
        is_new = hashes.get(key) != row_hash
        hashes[key] = row_hash
        return is_new


def _values(row: Any) -> dict[str, Any]:  # noqa: ANN401 - an object or a dictionary
    """Return the values of a row by name, in one order, without null: an export leaves out fields that lists have."""
    values = row if isinstance(row, dict) else asdict(row)
    return {name: values[name] for name in sorted(values) if values[name] is not None and values[name] is not UNSET}
