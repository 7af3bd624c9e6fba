"""What operators read: progress while a run lasts, and its summary as the last line (law 7)."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable

from tap_asana.tally import Tallies, Tally

PERIOD = 30.0
"""Seconds between two lines of progress at the most."""

logger = logging.getLogger(__name__)


class Progress:
    """Counts records and parents, and logs them with the client's tallies."""

    def __init__(self, tallies: Tallies, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start counting; `clock` gives monotonic seconds."""
        self.records: Counter[str] = Counter()
        self._tallies = tallies
        self._clock = clock
        self._begun = clock()
        self._reading = ""
        self._parents = (0, 0)
        self._last = (self._begun, 0)
        self._ended = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="progress", daemon=True)

    def reading(self, what: str, done: int, total: int) -> None:
        """Say what is being read, and how many of its parents are done."""
        self._reading, self._parents = what, (done, total)

    def start(self) -> None:
        """Log a line of progress every 30 seconds until the summary, whatever the run waits for."""
        self._beating.start()

    def _beat(self) -> None:
        while not self._ended.wait(PERIOD):
            logger.info("%s", self.line())

    def line(self) -> str:
        """Return the line of progress: records, requests, requests per minute since the last one, share done."""
        now, requests = self._clock(), self._tallies.requests()
        (then, before), self._last = self._last, (now, requests)
        rate = (requests - before) * 60 / max(now - then, 1e-3)
        done, total = self._parents
        share = f", {done} of {total} parents ({done / total:.0%}) done" if total else ""
        return (
            f"reading {self._reading}: {self.records.total()} records, {requests} requests, {rate:.0f} a minute{share}"
        )

    def summary(self, streams: list[str]) -> None:
        """Log the last line of the run, with what each stream brought, cost and had to leave out."""
        self._ended.set()
        if self._beating.is_alive():
            self._beating.join()
        extra = [purpose for purpose in self._tallies.purposes() if purpose not in streams]
        parts = [_part(name, self.records[name], self._tallies[name]) for name in [*streams, *extra]]
        logger.info("done in %.0f s: %s", self._clock() - self._begun, "; ".join(parts))


def _part(name: str, records: int, tally: Tally) -> str:
    """Return one stream's part of the summary."""
    part = f"{name} {records} records, {tally.requests} requests, {tally.retries} retries"
    for status, count in sorted(tally.skipped.items()):
        named = ", ".join(tally.named[status])
        more = ", …" if count > len(tally.named[status]) else ""
        part += f", {count} parents skipped with {status} ({named}{more})"
    return part
