"""A test of the connection (`tap-asana --test`): one record of each stream, by few requests."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from itertools import islice
from typing import Protocol, TypeVar, cast

from singer_sdk import Stream
from typing_extensions import override

from tap_asana.run import Run

logger = logging.getLogger(__name__)

T = TypeVar("T")


class RunningTap(Protocol):
    """A tap as streams see it."""

    @property
    def run(self) -> Run:
        """Return what all streams of this run share."""


class SdkStream(Stream):
    """A stream that can be tested: a test reads nothing to its end, so it vouches for nothing."""

    @property
    def run(self) -> Run:
        """Return what all streams of this run share."""
        return cast("RunningTap", self._tap).run

    @property
    def is_dry_run(self) -> bool:
        """Tell whether the SDK wants a few records only."""
        return self.ABORT_AT_RECORD_COUNT is not None

    def limit_for_dry_run(self, things: Iterable[T]) -> Iterable[T]:
        """Return the first of some things for a test, and all of them otherwise."""
        return islice(things, self.run.limits.max_dry_run_parents) if self.is_dry_run else things

    @override
    def _write_state_message(self) -> None:
        """Write nothing: the SDK calls this where a test has had enough records."""

    def log_dry_run_summary(self) -> None:
        """Say behind the last stream what a test has brought."""
        names = list(self._tap.streams)
        if self.is_dry_run and self.name == names[-1]:
            without = [name for name in names if not self.run.progress.records[name]]
            came = (len(names) - len(without), len(names), ", ".join(without) or "none")
            logger.info("tested: %d of %d streams brought a record; nothing came of %s", *came)
