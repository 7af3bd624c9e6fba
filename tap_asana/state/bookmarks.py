"""Bookmarks and sweeps: how far streams have come, in Singer state.

A stream's state has a partition for each workspace, in the SDK's own form:

    {"context": {"workspace_gid": "1"}, "replication_key": "modified_at", "replication_key_value": "2026-01-01T…Z",
     "run": 7, "from": "2024-…Z", "reach": "search",
     "sweep": {"since": "2025-…Z" or null, "until": "2026-…Z", "run": 8, "done": {"lists": ["0", "17", "42"]}}}

`replication_key_value` is the start of the last read that was completed (law 1), `run` the number of the run that began
it (see `seen`), and `from` how far back all of them together go, where a start date kept something out. `reach` is the
method of the last of them. A sweep is a read in progress: what it asks for, the start of its first attempt, and for
each of its lanes the place up to which everything was written (law 4); the numbers are text, because gids are larger
than what some readers of JSON keep exactly.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from tap_asana.config import DOOMSDAY, EPOCH, instant
from tap_asana.errors import AsanaError
from tap_asana.fetch.scheduler import END_OF_PARENT, Key

END_OF_PARENT_TEXT = "end"
"""How END_OF_PARENT is written."""


@dataclass(frozen=True, slots=True)
class SyncWindow:
    """A read in progress: changes after `since` (None: everything), begun at `until`, `done` in each lane so far.

    `refused` are the gids of the lists that could not be read, `run` is the number of the run that began it.
    `long_lists` has for each list of several pages what tells whether it still holds the same tasks; a walk adds to it
    while it goes on.
    """

    since: str | None
    until: str
    positions: tuple[tuple[str, Key], ...] = ()
    unavailable: tuple[str, ...] = ()
    run: int = 0
    long_lists: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def begin(self) -> datetime | None:
        """Return `since` as an instant."""
        return parse_instant(self.since) if self.since else None

    def position(self, lane: str) -> Key | None:
        """Return the place up to which a lane is finished."""
        return dict(self.positions).get(lane)

    def advanced(self, places: Mapping[str, Key]) -> SyncWindow:
        """Return the sweep when these lanes have come to these places."""
        return replace(self, positions=tuple(sorted({**dict(self.positions), **places}.items())))


class Bookmark:
    """How far one stream has come in one workspace.

    `stream_state` is the stream's part of the Singer state, changed in place. `settle` returns a sweep with a start
    that is certain: it is asked before anything is kept.
    """

    def __init__(
        self,
        stream_state: MutableMapping[str, Any],
        workspace_gid: str,
        replication_key: str,
        *,
        settle: Callable[[SyncWindow], SyncWindow] = lambda window: window,
    ) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)
        self._replication_key = replication_key
        self._settle = settle

    @property
    def value(self) -> str | None:
        """Return the start of the last complete read."""
        value = self._partition.get("replication_key_value")
        return str(value) if value is not None else None

    @property
    def run(self) -> int | None:
        """Return the number of the run that began the last complete read."""
        return None if self.value is None else int(self._partition.get("run", 0))

    @property
    def possible_values(self) -> list[int]:
        """Return the runs that this bookmark stands at, and will when a read that was cut off is complete."""
        window = self.window()
        return [*([] if self.run is None else [self.run]), *([window.run] if window else [])]

    def take_as_now(self, start: str, now: datetime) -> str | None:
        """Put a bookmark that lies in the future at the start of this run, and return where it was.

        A read in progress that would lie there begins anew: nobody knows when it began.
        """
        window, value = self._partition.get("sweep") or {}, self.value
        if any(parse_instant(bound) > now for bound in (window.get("until"), window.get("since")) if bound):
            del self._partition["sweep"]
        if value is None or parse_instant(value) <= now:
            return None
        self._partition["replication_key_value"] = start
        return value

    def window(self) -> SyncWindow | None:
        """Return the read that was cut off, if one was."""
        kept = self._partition.get("sweep")
        if not kept:
            return None
        places = {lane: tuple(_number(part) for part in key) for lane, key in kept.get("done", {}).items()}
        refused, run = tuple(kept.get("refused", ())), int(kept.get("run", 0))
        since, until = kept.get("since"), format_instant(parse_instant(kept["until"]))
        begin = format_instant(parse_instant(since)) if since else None
        long_lists = dict(kept.get("long_lists", {}))
        return SyncWindow(begin, until, unavailable=refused, run=run, long_lists=long_lists).advanced(places)

    def advance(self, window: SyncWindow) -> None:
        """Keep how far a read has come; everything before is written."""
        window = self._settle(window)
        done = {
            lane: [END_OF_PARENT_TEXT if number == END_OF_PARENT else str(number) for number in key]
            for lane, key in window.positions
        }
        refused = {"refused": list(window.unavailable)} if window.unavailable else {}
        long_lists = {"long_lists": window.long_lists} if window.long_lists else {}
        self._partition["sweep"] = {
            "since": window.since,
            "until": window.until,
            "run": window.run,
            "done": done,
            **refused,
            **long_lists,
        }

    def has_read_since(self, since: datetime | None) -> bool:
        """Tell whether all that changed from an instant on was read, up to the last complete read."""
        begin = self._partition.get("from")
        if self.value is None or begin is None:
            return self.value is not None
        return since is not None and parse_instant(begin) <= since

    @property
    def reach(self) -> str | None:
        """Return the method of the last complete read, if it is known: not every method reaches all tasks."""
        reach = self._partition.get("reach")
        return str(reach) if reach is not None else None

    @reach.setter
    def reach(self, method: str) -> None:
        """Keep the method that a read was completed by."""
        self._partition["reach"] = method

    def close(self, window: SyncWindow, *, from_sweep: bool = False) -> None:
        """End a complete read: its start becomes the bookmark, which never goes back.

        `from_sweep` keeps from when on it read, so that an earlier start date is seen to reach behind it.
        """
        window = self._settle(window)
        self._partition.pop("sweep", None)
        begin = window.begin
        gap = self.value is not None and begin is not None and begin > parse_instant(self.value)
        if from_sweep and (gap or not self.has_read_since(begin)):
            self._partition.pop("from", None)
            if window.since is not None:
                self._partition["from"] = window.since
        self._partition["replication_key"] = self._replication_key
        self._partition["run"] = window.run
        self._partition["replication_key_value"] = max(window.until, self.value or window.until, key=parse_instant)


def partition_of(stream_state: MutableMapping[str, Any], workspace_gid: str) -> MutableMapping[str, Any]:
    """Return a workspace's part of a stream's state, added if it is not there."""
    context = {"workspace_gid": workspace_gid}
    partitions: list[MutableMapping[str, Any]] = stream_state.setdefault("partitions", [])
    for partition in partitions:
        if partition.get("context") == context:
            return partition
    partition = {"context": context}
    partitions.append(partition)
    return partition


def short_hash(thing: object) -> str:
    """Return eight characters that differ where plain values do."""
    return f"{zlib.crc32(json.dumps(thing, sort_keys=True, default=str).encode()):08x}"


def _number(part: str) -> int:
    return END_OF_PARENT if part == END_OF_PARENT_TEXT else int(part)


def start_window(
    bookmark: Bookmark,
    anew: SyncWindow,
    start_date: datetime | None,
    lookback_seconds: int,
    *,
    everything: bool = False,
) -> SyncWindow:
    """Return the sweep to go on with, or a new one: `anew`, from where it has to begin.

    A new one looks back behind the bookmark, and never before `start_date`; if that moved to an earlier day than those
    before it, all that it lets in is read. So it is where `everything` is asked for, whatever the bookmark; then it
    goes on only with a sweep that asks for as much.
    """
    going_on, begin = bookmark.window(), format_instant(start_date) if start_date else None
    if going_on is not None and (not everything or going_on.since == begin):
        return going_on
    if not everything and bookmark.value is not None and bookmark.has_read_since(start_date):
        since = looked_back(parse_instant(bookmark.value), lookback_seconds)
        begin = format_instant(max(since, start_date) if start_date else since)
    return replace(anew, since=begin)


def looked_back(moment: datetime, seconds: int) -> datetime:
    """Return the instant so many seconds before another, but none before EPOCH."""
    return EPOCH + timedelta(milliseconds=max(0, (moment - EPOCH) // timedelta(milliseconds=1) - 1000 * seconds))


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant, one without a time zone as UTC; raises AsanaError for anything else.

    What lies outside of the years that Asana can know of comes as the first or the last moment of them.
    """
    try:
        return min(max(instant(text), EPOCH), DOOMSDAY)
    except (ValueError, OverflowError):
        raise AsanaError(f"state: {text!r} is no instant in ISO 8601, such as 2026-01-31T08:00:00Z") from None


def format_instant(instant: datetime) -> str:
    """Write an instant as Asana does: UTC, milliseconds, rounded down."""
    return instant.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
