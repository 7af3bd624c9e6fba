"""Bookmarks and sync windows: how far each stream has been read in each workspace (laws 1, 2 and 4).

A bookmark is the start of the last complete read. A window is a read in progress, with a position for each of its
lanes. Both are kept in the stream's state, see `shape.Partition`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tap_asana.fetch.lane import END_OF_PARENT, Key
from tap_asana.state.instants import format_instant, look_back, parse_instant
from tap_asana.state.shape import Window, partition_of

END_OF_PARENT_TEXT = "end"
"""END_OF_PARENT in the state."""

FILTER_SECONDS = 2
"""How long before the start of a window a filter begins whose form Asana does not document."""


@dataclass(frozen=True, slots=True)
class SyncWindow:
    """A read in progress of all changes between `since` (None: from the beginning) and `until`, its first start.

    `positions`: the key in each lane up to which everything is written.
    `unavailable`: the gids of the lists that Asana refused.
    `run`: the number of the run that began the read.
    `long_lists`: a fingerprint of the tasks of each list of several pages; a traversal adds to it as it reads.
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

    @property
    def filter_bound(self) -> str | None:
        """Return an instant before `since`, for filters that may exclude their bound or compare whole seconds."""
        return format_instant(look_back(self.begin, FILTER_SECONDS)) if self.begin else None

    def position(self, lane: str) -> Key | None:
        """Return the key up to which a lane is written, or None if nothing is."""
        return dict(self.positions).get(lane)

    def advanced(self, positions: Mapping[str, Key]) -> SyncWindow:
        """Return the window with these lanes at new positions."""
        return replace(self, positions=tuple(sorted({**dict(self.positions), **positions}.items())))

    @classmethod
    def from_state(cls, state: Window) -> SyncWindow:
        """Load a window from the state."""
        since = state.get("since")
        positions = {lane: tuple(map(_key_part, key)) for lane, key in state.get("positions", {}).items()}
        return cls(
            format_instant(parse_instant(since)) if since else None,
            format_instant(parse_instant(state["until"])),
            unavailable=tuple(state.get("unavailable", ())),
            run=int(state.get("run", 0)),
            long_lists=dict(state.get("long_lists", {})),
        ).advanced(positions)

    def to_state(self) -> Window:
        """Return the window as the state keeps it."""
        positions = {
            lane: [END_OF_PARENT_TEXT if part == END_OF_PARENT else str(part) for part in key]
            for lane, key in self.positions
        }
        state: Window = {"since": self.since, "until": self.until, "run": self.run, "positions": positions}
        if self.unavailable:
            state["unavailable"] = list(self.unavailable)
        if self.long_lists:
            state["long_lists"] = self.long_lists
        return state


def _key_part(text: str) -> int:
    return END_OF_PARENT if text == END_OF_PARENT_TEXT else int(text)


class Bookmark:
    """The bookmark and the window of one stream in one workspace.

    `stream_state` is the stream's part of the Singer state, changed in place. `correct_start` is applied to a window
    before it is kept: it returns the window with a certain start.
    """

    def __init__(
        self,
        stream_state: MutableMapping[str, Any],
        workspace_gid: str,
        replication_key: str,
        *,
        correct_start: Callable[[SyncWindow], SyncWindow] = lambda window: window,
    ) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)
        self._replication_key = replication_key
        self._correct_start = correct_start

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
        """Return the run of this bookmark, and the run that it will have once the read in progress is complete."""
        window = self.window()
        return [*([] if self.run is None else [self.run]), *([window.run] if window else [])]

    @property
    def method(self) -> str | None:
        """Return the extraction method of the last complete read: not every method reaches all tasks."""
        return self._partition.get("method")

    @method.setter
    def method(self, method: str) -> None:
        """Set the extraction method of the last complete read."""
        self._partition["method"] = method

    @property
    def ended(self) -> str | None:
        """Return the end of the last complete read if its searches left tasks to lists or to the next read."""
        return self._partition.get("ended")

    @ended.setter
    def ended(self, ended: str | None) -> None:
        """Set the end of the last complete read, None if its searches left nothing to lists or to the next read."""
        self._partition.pop("ended", None)
        if ended is not None:
            self._partition["ended"] = ended

    @property
    def was_listed(self) -> bool:
        """Return whether the last complete read has read lists, although it counts as one by search."""
        return self._partition.get("listed", False)

    @was_listed.setter
    def was_listed(self, was_listed: bool) -> None:
        """Set whether the last complete read has read lists, although it counts as one by search."""
        self._partition.pop("listed", None)
        if was_listed:
            self._partition["listed"] = True

    def clamp_to_now(self, start: str, now: datetime) -> str | None:
        """Move a bookmark that lies in the future to the start of this run, and return its old value.

        A read in progress that began in the future is dropped, because its real start is unknown.
        """
        if (window := self.window()) and max(parse_instant(window.until), window.begin or now) > now:
            self._partition.pop("window")
        value = self.value
        if value is None or parse_instant(value) <= now:
            return None
        self._partition["replication_key_value"] = start
        return value

    def window(self) -> SyncWindow | None:
        """Return the read in progress, or None."""
        state = self._partition.get("window")
        return SyncWindow.from_state(state) if state else None

    def advance(self, window: SyncWindow) -> None:
        """Keep the positions of a read; call it after everything before them is written (law 3)."""
        self._partition["window"] = self._correct_start(window).to_state()

    def has_read_since(self, since: datetime | None) -> bool:
        """Return whether complete reads cover all changes since an instant (None: the beginning)."""
        begin = self._partition.get("read_since")
        if self.value is None or begin is None:
            return self.value is not None
        return since is not None and parse_instant(begin) <= since

    def restrict(self, since: str) -> None:
        """Note that something was read from an instant on only: a run with an earlier start date reads more."""
        begin = self._partition.get("read_since")
        if begin is None or parse_instant(begin) < parse_instant(since):
            self._partition["read_since"] = since

    def close(self, window: SyncWindow) -> None:
        """End a complete read: its start becomes the bookmark, unless the bookmark is later already.

        The state also keeps the lower bound of the read, so that a run with an earlier start date reads more.
        """
        window = self._correct_start(window)
        self._partition.pop("window", None)
        begin = window.begin
        gap = self.value is not None and begin is not None and begin > parse_instant(self.value)
        if gap or not self.has_read_since(begin):
            self._partition.pop("read_since", None)
            if window.since is not None:
                self._partition["read_since"] = window.since
        self._partition["replication_key"] = self._replication_key
        self._partition["run"] = window.run
        self._partition["replication_key_value"] = max(window.until, self.value or window.until, key=parse_instant)


def start_window(
    bookmark: Bookmark,
    new_window: SyncWindow,
    start_date: datetime | None,
    lookback_seconds: int,
    *,
    read_all: bool = False,
) -> SyncWindow:
    """Return the window to resume, or `new_window` with its `since` filled in.

    A new window starts `lookback_seconds` before the bookmark, but not before `start_date`. It starts at `start_date`
    if the bookmark is missing, if the start date is earlier than all before it, or with `read_all`. In the last case
    a window is resumed only if it starts at `start_date` too. A resumed window does not begin before `start_date`: its
    rest is read from there on.
    """
    old_window, since = bookmark.window(), format_instant(start_date) if start_date else None
    if old_window is not None and (not read_all or old_window.since == since):
        is_early = start_date is not None and (old_window.begin is None or old_window.begin < start_date)
        return replace(old_window, since=since) if is_early else old_window
    if not read_all and bookmark.value is not None and bookmark.has_read_since(start_date):
        begin = look_back(parse_instant(bookmark.value), lookback_seconds)
        since = format_instant(max(begin, start_date) if start_date else begin)
    return replace(new_window, since=since)


def short_hash(value: object) -> str:
    """Return eight hexadecimal digits that differ for different JSON values."""
    return f"{zlib.crc32(json.dumps(value, sort_keys=True, default=str).encode()):08x}"
