"""Count records and parents, log a progress line every 30 seconds, and log the summary at the end (law 7)."""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from tap_asana.api.metrics import RequestMetrics, StreamMetrics
from tap_asana.limits import Limits
from tap_asana.monitor.summary import stream_summary, total_summary
from tap_asana.parents.kinds import ProgressByKind

NO_PARENTS: ProgressByKind = {}

MIN_SHARE_FOR_ESTIMATE = 0.2
"""Share of the parents that must be done before the remaining time is estimated."""

MIN_SECONDS_FOR_ESTIMATE = 60.0
"""Seconds that must pass before the remaining time is estimated, because the rate limit is used up minute by minute."""

MAX_ESTIMATE_RATIO = 1.5
"""Largest ratio between the estimates by the whole phase and by its second half; beyond it, none is shown."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Phase:
    """Reading all parents of one kind. `history` holds pairs of a time in seconds and the number of parents done then.

    A resumed run finishes many parents at once, so those in the first pair do not count for the estimate.
    """

    description: str
    kind: str
    total: int
    history: list[tuple[float, int]]

    @property
    def done(self) -> int:
        """Return the number of parents done."""
        return self.history[-1][1]

    def update(self, now: float, number_done: int) -> None:
        """Record the number of parents done, at most once a second."""
        if number_done != self.done:
            if len(self.history) > 1 and now < self.history[-2][0] + 1:
                self.history.pop()
            self.history.append((now, number_done))

    def seconds_left(self, now: float) -> float | None:
        """Estimate the seconds until the phase ends; None if there is too little data, or the speed has changed."""
        (start, done_at_start), remaining = self.history[0], self.total - self.done
        finished, elapsed = self.done - done_at_start, now - start
        if elapsed < MIN_SECONDS_FOR_ESTIMATE or finished < MIN_SHARE_FOR_ESTIMATE * self.total or not finished:
            return None
        middle = start + elapsed / 2
        half_start, done_at_half = self.history[bisect_right(self.history, (middle, self.total)) - 1]
        lately = self.done - done_at_half
        estimates = elapsed / finished * remaining, (now - half_start) / lately * remaining if lately else inf
        return max(estimates) if max(estimates) <= MAX_ESTIMATE_RATIO * min(estimates) else None


@dataclass(frozen=True, slots=True)
class ProgressSnapshot:
    """The state of a run after `seconds`: records and request metrics by stream, and the current phase."""

    seconds: float
    records: Mapping[str, int]
    metrics: Mapping[str, StreamMetrics]
    phase: Phase
    seconds_left: float | None


class Progress:
    """Counts the records and parents of a run, and logs them together with the request metrics."""

    def __init__(
        self,
        metrics: RequestMetrics,
        *,
        clock: Callable[[], float] = time.monotonic,
        log_interval: float = Limits.log_interval_seconds,
    ) -> None:
        """Start counting; `clock` returns monotonic seconds."""
        self.records: Counter[str] = Counter()
        self.end_of_run = threading.Event()
        self._metrics = metrics
        self._clock = clock
        self._log_interval = log_interval
        self._start = clock()
        self._parents = (0, 0)
        self._phase = Phase("", "", 0, [(self._start, 0)])
        self._previous_line = (self._start, 0)
        self._thread = threading.Thread(target=self._log_periodically, name="progress", daemon=True)

    def update(self, description: str, by_kind: ProgressByKind = NO_PARENTS) -> None:
        """Set the current phase, and the parents done and in all by kind; the kinds are read one after the other."""
        self._parents = sum(done for done, _ in by_kind.values()), sum(total for _, total in by_kind.values())
        phases = ((kind, counts) for kind, counts in by_kind.items() if counts[0] < counts[1])
        kind, (done, total) = next(phases, ("", self._parents))
        now, phase = self._clock(), self._phase
        if (description, kind, total) == (phase.description, phase.kind, phase.total):
            phase.update(now, done)
        else:
            self._phase = Phase(description, kind, total, [(now, done)])

    def snapshot(self) -> ProgressSnapshot:
        """Return the state of the run; safe to call from any thread."""
        now, phase = self._clock(), self._phase
        return ProgressSnapshot(
            now - self._start, dict(self.records), self._metrics.by_stream(), phase, phase.seconds_left(now)
        )

    def start(self) -> None:
        """Log a progress line every 30 seconds until the summary, from a thread of its own."""
        self._thread.start()

    def _log_periodically(self) -> None:
        while not self.end_of_run.wait(self._log_interval):
            logger.info("%s", self.line())

    def line(self) -> str:
        """Return a progress line: records, requests, requests per minute since the previous line, parents done."""
        now, requests = self._clock(), self._metrics.requests()
        (previous_time, previous_requests), self._previous_line = self._previous_line, (now, requests)
        rate = (requests - previous_requests) * 60 / max(now - previous_time, 1e-3)
        done, total = self._parents
        parents = f", {done} of {total} parents ({done / total:.0%}) done" if total else ""
        return (
            f"reading {self._phase.description}: {self.records.total()} records, {requests} requests, "
            f"{rate:.0f} a minute{parents}"
        )

    def add_records(self, stream: str, number: int) -> None:
        """Count records that were written."""
        self.records[stream] += number
        self._metrics.record_activity(stream)

    def summary(self, streams: list[str]) -> None:
        """Log a line for each workspace whose plan lacks streams, a line for each stream, and last the totals."""
        self.end_of_run.set()
        if self._thread.is_alive():
            self._thread.join()
        for workspace, names in self._metrics.streams_outside_plan().items():
            logger.warning("workspace %s: not available in its plan (402): %s", workspace, ", ".join(names))
        by_stream = self._metrics.by_stream()
        for name in dict.fromkeys([*streams, *by_stream]):
            logger.info("%s: %s", name, stream_summary(self.records[name], self._metrics[name]))
        logger.info(
            "done in %.0f s: %s",
            self._clock() - self._start,
            total_summary(len(streams), self.records.total(), list(by_stream.values())),
        )
