"""What operators read: progress while a run lasts, and its summary as the last line (law 7)."""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from tap_asana.api.metrics import MAX_NAMED_PARENTS, RequestMetrics, StreamMetrics
from tap_asana.api.protocol import status_label
from tap_asana.parents.kinds import ProgressByKind

LOG_INTERVAL_SECONDS = 30.0
"""Seconds between two lines of progress at the most."""

NOBODY: ProgressByKind = {}

ENOUGH = 0.2
"""Share of the parents that has to be done before the rest is estimated."""

SETTLED = 60.0
"""Seconds that have to be seen before the rest is estimated: the allowance is spent in waves of a minute."""

AGREED = 1.5
"""How many times the one estimate may be the other, where the pace of all the time and of its latter half differ."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Phase:
    """What is read under all parents of one kind; `marks` are how many were done at which second.

    A read that is taken up has done many of them in no time: those that the first mark holds say nothing of the rest.
    """

    what: str
    kind: str
    total: int
    marks: list[tuple[float, int]]

    @property
    def done(self) -> int:
        """Return how many of the parents are done."""
        return self.marks[-1][1]

    def note(self, now: float, done: int) -> None:
        """Keep how many are done, with a mark for each second at the most."""
        if done != self.done:
            if len(self.marks) > 1 and now < self.marks[-2][0] + 1:
                self.marks.pop()
            self.marks.append((now, done))

    def left(self, now: float) -> float | None:
        """Return in how many seconds the rest is read, at the pace so far; None as long as that is a guess."""
        (begun, first), rest = self.marks[0], self.total - self.done
        gained, passed = self.done - first, now - begun
        if passed < SETTLED or gained < ENOUGH * self.total or not gained:
            return None
        middle = begun + passed / 2
        moment, before = self.marks[bisect_right(self.marks, (middle, self.total)) - 1]
        lately = self.done - before
        estimates = passed / gained * rest, (now - moment) / lately * rest if lately else inf
        return max(estimates) if max(estimates) <= AGREED * min(estimates) else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a run stands after so many seconds: records by stream, requests and more by purpose, what is being read."""

    seconds: float
    records: Mapping[str, int]
    metrics: Mapping[str, StreamMetrics]
    stretch: Phase
    left: float | None


class Progress:
    """Counts records and parents, and logs them with the client's tallies."""

    def __init__(self, metrics: RequestMetrics, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start counting; `clock` gives monotonic seconds."""
        self.records: Counter[str] = Counter()
        self._tallies = metrics
        self._clock = clock
        self._begun = clock()
        self._parents = (0, 0)
        self._stretch = Phase("", "", 0, [(self._begun, 0)])
        self._last = (self._begun, 0)
        self.ended = threading.Event()
        self._beating = threading.Thread(target=self._log_periodically, name="progress", daemon=True)

    def reading(self, what: str, share: ProgressByKind = NOBODY) -> None:
        """Say what is being read, and how many of its parents are done; of several kinds, one after the other."""
        self._parents = sum(done for done, _ in share.values()), sum(total for _, total in share.values())
        kind, (done, total) = next(
            ((kind, part) for kind, part in share.items() if part[0] < part[1]), ("", self._parents)
        )
        now, old = self._clock(), self._stretch
        if (what, kind, total) == (old.what, old.kind, old.total):
            old.note(now, done)
        else:
            self._stretch = Phase(what, kind, total, [(now, done)])

    def snapshot(self) -> Snapshot:
        """Return how the run stands; any thread may ask."""
        now, stretch = self._clock(), self._stretch
        return Snapshot(now - self._begun, dict(self.records), self._tallies.by_stream(), stretch, stretch.left(now))

    def start(self) -> None:
        """Log a line of progress every 30 seconds until the summary, whatever the run waits for."""
        self._beating.start()

    def _log_periodically(self) -> None:
        while not self.ended.wait(LOG_INTERVAL_SECONDS):
            logger.info("%s", self.line())

    def line(self) -> str:
        """Return the line of progress: records, requests, requests per minute since the last one, share done."""
        now, requests = self._clock(), self._tallies.requests()
        (then, before), self._last = self._last, (now, requests)
        rate = (requests - before) * 60 / max(now - then, 1e-3)
        done, total = self._parents
        share = f", {done} of {total} parents ({done / total:.0%}) done" if total else ""
        return (
            f"reading {self._stretch.what}: {self.records.total()} records, {requests} requests, "
            f"{rate:.0f} a minute{share}"
        )

    def summary(self, streams: list[str]) -> None:
        """Log the last line of the run, with what each stream brought, cost and had to leave out."""
        self.ended.set()
        if self._beating.is_alive():
            self._beating.join()
        extra = [purpose for purpose in self._tallies.by_stream() if purpose not in streams]
        parts = [_part(name, self.records[name], self._tallies[name]) for name in [*streams, *extra]]
        logger.info("done in %.0f s: %s", self._clock() - self._begun, "; ".join(parts))


def _part(name: str, records: int, tally: StreamMetrics) -> str:
    """Return one stream's part of the summary."""
    part = f"{name} {records} records, {tally.requests} requests, {tally.retries} retries"
    for status, count in sorted(tally.skipped_by_status.items()):
        named = ", ".join(tally.skipped_parents[status])
        more = ", …" if count > len(tally.skipped_parents[status]) else ""
        part += f", {count} parents skipped with {status_label(status)} ({named}{more})"
    if tally.nulled_fields:
        part += f", {tally.nulled_fields.total()} unreadable values are null ({', '.join(sorted(tally.nulled_fields))})"
    if tally.unusable_rows:
        part += f", {tally.unusable_rows} rows passed over"
    if tally.recovered_lists:
        part += f", {tally.recovered_lists} lists read that were owed"
    if tally.owed_lists:
        more = ", …" if len(tally.owed_lists) > MAX_NAMED_PARENTS else ""
        part += f", {len(tally.owed_lists)} lists owed ({', '.join(tally.owed_lists[:MAX_NAMED_PARENTS])}{more})"
    return part
