"""The days of a workspace's time entries as the last run has read them, one hash for each.

Asana lists a workspace's entries by the day of the work, and not by any clock of changes. The state of the stream
`time_tracking_entries` has, for each workspace:

    {"entry_days": {"until": "2026-01-09T…Z", "hashes": {"2026-01-08": "9ae0daaf01c2", …}}}

`until` is the start of the run that read the list last. A day with the same hash has the same entries, with the same
values, as that run has written. A run that writes an entry knows no day until it has read the list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from datetime import timedelta
from typing import Any

from msgspec.json import encode

from tap_asana.state.instants import format_instant, look_back, parse_instant
from tap_asana.state.shape import partition_of

SECONDS_BACK = 7 * 86_400
"""How long after the day of the work people still enter or change time."""

OTHER_DAYS = "other"
"""The name of all days from the day after tomorrow on, and of values that are no days."""

DAY_CHARACTERS = len("2026-01-31")

DAY_HASH_BYTES = 6
"""Bytes of a hash: a changed day has the hash of the unchanged one once in 10^14 cases."""


def content_hash(value: object) -> int:
    """Return the hash of a JSON value."""
    return int.from_bytes(hashlib.blake2b(encode(value, order="sorted"), digest_size=DAY_HASH_BYTES).digest(), "big")


class DayHashes:
    """The hashes of days, each the sum of those of its entries, which arrive in any order."""

    def __init__(self) -> None:
        """Start without entries."""
        self._sums: dict[str, int] = {}

    def add(self, day: str, entry_hash: int) -> None:
        """Add an entry to a day."""
        self._sums[day] = (self._sums.get(day, 0) + entry_hash) % (1 << 8 * DAY_HASH_BYTES)

    def texts(self, first_day: str) -> dict[str, str]:
        """Return the hashes of the days from one on, as hexadecimal digits."""
        width = 2 * DAY_HASH_BYTES
        return {day: f"{number:0{width}x}" for day, number in sorted(self._sums.items()) if day >= first_day}


class EntryDays:
    """The days of a workspace's entries in the state."""

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)

    @property
    def until(self) -> str | None:
        """Return the start of the run that read the list last, None if none has."""
        entry = self._partition.get("entry_days")
        return entry["until"] if entry else None

    @property
    def hashes(self) -> Mapping[str, str]:
        """Return the hashes by day."""
        entry = self._partition.get("entry_days")
        return entry["hashes"] if entry else {}

    def store(self, until: str, hashes: Mapping[str, str]) -> None:
        """Keep the hashes of a run that began at `until`; call it after all changed days are written."""
        self._partition["entry_days"] = {"until": until, "hashes": dict(hashes)}

    def forget_all(self) -> None:
        """Drop all hashes, because entries were written since, or the list could not be read to its end."""
        if until := self.until:
            self.store(until, {})


def first_day(instant: str) -> str:
    """Return the first day to list after a run that began at this instant."""
    return format_instant(look_back(parse_instant(instant), SECONDS_BACK))[:DAY_CHARACTERS]


def day_of(entry: Mapping[str, Any], now: str) -> str:
    """Return the name of an entry's day at an instant."""
    day, last = entry.get("entered_on"), format_instant(parse_instant(now) + timedelta(days=1))[:DAY_CHARACTERS]
    return day if isinstance(day, str) and len(day) == DAY_CHARACTERS and day <= last else OTHER_DAYS
