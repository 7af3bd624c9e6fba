"""How far a pass over all tasks has come in a workspace, and what the target holds.

The state of the stream `tasks` has it for each workspace:

    {"reconciliation": {"reached": "2026-…Z", "last": "2026-…Z", "streams": ["tasks", "stories"], "known": {…},
     "began": "2026-…Z", "method": "list", "place": ["1200…"], "tasks": 1200, "total": 9000, "first": 120,
     "excess": 3, "missing": {…}, "unread": ["stories"], "deleted": {"tasks": 2}}}

`known` and `missing` are sets of gids as `number_sets.NumberSet` keeps them: with a size that does not depend on how
many gids there are. A pass begins with everything known as `missing`, and takes out what it reads; what remains at its
end was deleted, or was read elsewhere: each is requested, and taken out too. `known` begins empty then, and gets what
the pass reads and what is new. `deleted` counts what was deleted, by stream, and what Asana refused to show. `unread`
are the streams of which the pass could not read everything, because Asana refused it.

`total` are the tasks to read, if a list of all had to be requested for the pass. `first` are the requests that such a
list, or an export, took. `excess` are the requests of the last run beyond its share of the request rate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any

from tap_asana.fetch.lane import END_OF_PARENT, Key
from tap_asana.state.bookmarks import END_OF_PARENT_TEXT
from tap_asana.state.instants import parse_instant
from tap_asana.state.number_sets import NumberSet
from tap_asana.state.shape import Reconciliation, partition_of

KINDS: Mapping[str, int] = {"tasks": 1 << 10, "below": 1 << 14}
"""The sets of gids, of tasks and of everything below them, and the gids for which each has a bucket."""

MIN_BUCKETS, FIRST_BUCKETS, MAX_BUCKETS = 8, 16, 256
"""Buckets of a set: at least, as long as nothing is known of its size, and at most. Each takes 352 bytes."""

REFUSED = "refused"
"""In place of a stream, for missing objects whose requests Asana refuses: they are hidden, or in the trash."""


class ReconciliationState:
    """The pass of one workspace. Changes are kept when `store` is called."""

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)
        self._entry: Reconciliation = {**(self._partition.get("reconciliation") or {})}
        self.known, self.missing = _loaded(self._entry.get("known")), _loaded(self._entry.get("missing"))

    @property
    def reached(self) -> str | None:
        """Return the start of the last run that reconciled."""
        return self._entry.get("reached")

    @property
    def last(self) -> str | None:
        """Return the start of the last complete pass, or of the first read."""
        return self._entry.get("last")

    @property
    def began(self) -> str | None:
        """Return the start of the pass in progress."""
        return self._entry.get("began")

    @property
    def place(self) -> Key | None:
        """Return the place up to which the pass in progress has read."""
        place = self._entry.get("place")
        return tuple(END_OF_PARENT if part == END_OF_PARENT_TEXT else int(part) for part in place) if place else None

    @property
    def tasks_read(self) -> int:
        """Return the number of tasks that the pass in progress has read."""
        return self._entry.get("tasks", 0)

    @property
    def is_walked(self) -> bool:
        """Return whether the pass in progress has read all tasks, and has only to look for what is missing."""
        return self.place is not None and self.place[0] == END_OF_PARENT

    @property
    def total(self) -> int | None:
        """Return the number of tasks to read, if it was counted."""
        return self._entry.get("total")

    def note_total(self, tasks: int) -> None:
        """Note how many tasks there are to read."""
        self._entry["total"] = tasks

    @property
    def first_requests(self) -> int:
        """Return the requests that the last list of all tasks, or the last export, took; 0 without either."""
        return self._entry.get("first", 0)

    def note_first_requests(self, requests: int) -> None:
        """Note the requests that a list of all tasks, or an export, took."""
        self._entry["first"] = requests

    @property
    def excess_requests(self) -> int:
        """Return the requests of the last run beyond its share."""
        return self._entry.get("excess", 0)

    @property
    def deleted(self) -> Counter[str]:
        """Return how many objects the pass in progress found to be deleted, by stream, and how many are REFUSED."""
        return Counter(self._entry.get("deleted", {}))

    def count_missing(self, stream: str) -> None:
        """Count a missing object: a deleted one of a stream, or one of the REFUSED."""
        self._entry["deleted"] = dict(self.deleted + Counter([stream]))

    @property
    def unread(self) -> Collection[str]:
        """Return the streams of which the pass in progress could not read everything."""
        return self._entry.get("unread", ())

    def note_unread(self, streams: Iterable[str]) -> None:
        """Note that the pass in progress could not read everything of these streams."""
        self._entry["unread"] = sorted({*self.unread, *streams})

    def fits(self, method: str, streams: Collection[str]) -> bool:
        """Return whether the pass in progress reads by this method, and these streams."""
        return self._entry.get("method") == method and self.knows(streams)

    def knows(self, streams: Collection[str]) -> bool:
        """Return whether what is known is of these streams."""
        return self._entry.get("streams") == sorted(streams)

    def start(self, start: str, streams: Collection[str]) -> None:
        """Know nothing yet: a first read begins."""
        self.known = {kind: NumberSet(FIRST_BUCKETS) for kind in KINDS}
        self._entry = {"last": start, "streams": sorted(streams)}

    def end_first_read(self, bookmark: str) -> None:
        """Note the bookmark of the first read, from which the next one goes, if that is earlier than its start."""
        if self.last is not None:
            self._entry["last"] = min(self.last, bookmark, key=parse_instant)

    def begin(self, start: str, method: str, streams: Collection[str], *, is_kept: bool) -> None:
        """Begin a pass that misses all that the target holds of these streams, if that is known; keep what it reads."""
        self.missing = self._held(streams)
        sizes = {kind: buckets_for(kind, len(numbers)) for kind, numbers in self.missing.items()}
        self.known = {kind: NumberSet(sizes.get(kind, FIRST_BUCKETS)) for kind in KINDS} if is_kept else {}
        self._drop_pass()
        self._entry.update({"began": start, "method": method, "streams": sorted(streams)})

    def _held(self, streams: Collection[str]) -> dict[str, NumberSet]:
        """Return the sets of all that the target holds of these streams; none if that is not known.

        During a pass, these are what it has read or is new, and what it has not read yet.
        """
        if not self.knows(streams) or not self.known:
            return {}
        if self.began is None:
            return self.known
        return {kind: self.known[kind].united(self.missing[kind]) for kind in KINDS} if self.missing else {}

    def _drop_pass(self) -> None:
        for name in ("began", "method", "place", "tasks", "total", "unread", "deleted"):
            self._entry.pop(name, None)  # type: ignore[misc]  # all are keys of the entry

    def add(self, kind: str, numbers: Sequence[int]) -> None:
        """Know what was written for the first time."""
        if self.known:
            self.known[kind].update(numbers)

    def read(self, kind: str, numbers: Sequence[int]) -> None:
        """Note what the pass has read."""
        self.add(kind, numbers)
        if self.missing:
            self.missing[kind].update(numbers, -1)

    def move(self, place: Iterable[int], tasks: int) -> None:
        """Note how far the pass has come, with so many more tasks."""
        self._entry["place"] = [END_OF_PARENT_TEXT if part == END_OF_PARENT else f"{part}" for part in place]
        self._entry["tasks"] = self.tasks_read + tasks

    def finish(self) -> None:
        """End the pass."""
        if self.began is not None:
            self._entry["last"] = self.began
        self._drop_pass()
        self.missing = {}

    def settle(self, kind: str, number: int, times: int) -> None:
        """Note that a missing object was looked for, which is missing so many times."""
        self.missing[kind].update([number], -times)

    def clamp_to_now(self, start: str, now: datetime) -> None:
        """Take the start of this run for later instants than now: passes would wait for those of a clock ahead.

        Earlier ones stay, although a clock that is behind starts the run before them: a pass knows what it has read of
        what was created before it began.
        """
        for name in ("reached", "last", "began"):
            if parse_instant(f"{self._entry.get(name, start)}") > now:
                self._entry[name] = start

    def reach(self, start: str, excess: int = 0) -> None:
        """Note the start of a run that has reconciled, and its requests beyond its share."""
        self._entry["reached"] = start
        self._entry["excess"] = excess

    def store(self) -> None:
        """Keep everything; call it after what was added and read is written (law 3)."""
        for name in ("known", "missing"):
            self._entry.pop(name, None)  # type: ignore[misc]  # both are keys of the entry
        if self.known:
            self._entry["known"] = {kind: numbers.to_text() for kind, numbers in self.known.items()}
        if self.missing:
            self._entry["missing"] = {kind: numbers.to_text() for kind, numbers in self.missing.items()}
        self._partition["reconciliation"] = {**self._entry}


def buckets_for(kind: str, numbers: int) -> int:
    """Return the buckets for as many numbers: a power of two."""
    wanted = 1 << max(0, numbers // KINDS[kind] - 1).bit_length()
    return min(max(wanted, MIN_BUCKETS), MAX_BUCKETS)


def _loaded(texts: Mapping[str, str] | None) -> dict[str, NumberSet]:
    return {kind: NumberSet.from_text(texts[kind]) for kind in KINDS} if texts and texts.keys() >= KINDS.keys() else {}
