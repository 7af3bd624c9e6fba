"""Bookmarks and sweeps: the one module that touches Singer state.

A stream's state has a partition for each workspace, in the SDK's own form:

    {"context": {"workspace_gid": "1"}, "replication_key": "modified_at", "replication_key_value": "2026-01-01T…Z",
     "sweep": {"since": "2025-…Z" or null, "until": "2026-…Z", "done": ["0", "17", "42"]}}

`replication_key_value` is the start of the last read that was completed (law 1). A sweep is a read in progress:
what it asks for, the start of its first attempt, and the place up to which everything was written (law 4);
its numbers are text, because gids are larger than what some readers of JSON keep exactly.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from tap_asana.config import instant
from tap_asana.errors import AsanaError
from tap_asana.reading import LAST, Key

END = "end"
"""How LAST is written."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A read in progress: changes after `since` (None: everything), begun at `until`, finished up to `done`."""

    since: str | None
    until: str
    done: Key | None = None


class Bookmark:
    """How far one stream has come in one workspace.

    `stream_state` is the stream's part of the Singer state, changed in place.
    """

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str, replication_key: str) -> None:
        """Find the workspace's partition; it is added when the first sweep begins."""
        self._stream_state = stream_state
        self._context = {"workspace_gid": workspace_gid}
        self._replication_key = replication_key

    @property
    def value(self) -> str | None:
        """Return the start of the last complete read."""
        value = self._partition().get("replication_key_value")
        return str(value) if value is not None else None

    def sweep(self) -> Sweep | None:
        """Return the read that was cut off, if one was."""
        kept = self._partition().get("sweep")
        if not kept:
            return None
        done = kept.get("done")
        return Sweep(kept.get("since"), kept["until"], tuple(_number(part) for part in done) if done else None)

    def advance(self, sweep: Sweep) -> None:
        """Keep how far a read has come; everything before is written."""
        kept: dict[str, Any] = {"since": sweep.since, "until": sweep.until}
        if sweep.done is not None:
            kept["done"] = [END if number == LAST else str(number) for number in sweep.done]
        self._partition(create=True)["sweep"] = kept

    def close(self, sweep: Sweep) -> None:
        """End a complete read: its start becomes the bookmark, which never goes back."""
        partition = self._partition(create=True)
        partition.pop("sweep", None)
        partition["replication_key"] = self._replication_key
        partition["replication_key_value"] = max(sweep.until, self.value or sweep.until, key=parse_instant)

    def _partition(self, *, create: bool = False) -> MutableMapping[str, Any]:
        partitions: list[MutableMapping[str, Any]] = self._stream_state.get("partitions", [])
        for partition in partitions:
            if partition.get("context") == self._context:
                return partition
        partition = {"context": dict(self._context)}
        if create:
            self._stream_state.setdefault("partitions", []).append(partition)
        return partition


def _number(part: str) -> int:
    return LAST if part == END else int(part)


def opening(bookmark: Bookmark, start: str, start_date: datetime | None, lookback_seconds: int) -> Sweep:
    """Return the sweep to go on with, or a new one that begins at `start`.

    A new one looks back behind the bookmark, and never before `start_date`.
    """
    going_on = bookmark.sweep()
    if going_on is not None:
        return going_on
    since = start_date
    if bookmark.value is not None:
        since = parse_instant(bookmark.value) - timedelta(seconds=lookback_seconds)
        since = max(since, start_date) if start_date else since
    return Sweep(format_instant(since) if since else None, start)


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant, one without a time zone as UTC; raises AsanaError for anything else."""
    try:
        return instant(text)
    except (ValueError, OverflowError):
        raise AsanaError(f"state: {text!r} is no instant in ISO 8601, such as 2026-01-31T08:00:00Z") from None


def format_instant(instant: datetime) -> str:
    """Write an instant as Asana does: UTC, milliseconds, rounded down."""
    return instant.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
