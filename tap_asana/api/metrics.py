"""What a run has cost and what it had to leave out, counted by purpose."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from tap_asana.api import protocol
from tap_asana.api.decoding import Record, rows_with_gid
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request

MAX_NAMED_PARENTS = 10
"""Skipped parents that the summary names for each status; the rest is only counted."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class StreamMetrics:
    """The counts of one purpose: requests (retries included), retries, skipped parents by status.

    `nulled` counts the values that nobody can read, by their field, and `passed_over` the rows that no table can hold.
    `paid` is how many lists were read that earlier runs could not read; `owed` names those that later runs will ask.
    """

    requests: int = 0
    retries: int = 0
    skipped_by_status: Counter[int] = field(default_factory=Counter)
    skipped_parents: dict[int, list[str]] = field(default_factory=dict)
    nulled_fields: Counter[str] = field(default_factory=Counter)
    unusable_rows: int = 0
    recovered_lists: int = 0
    owed_lists: list[str] = field(default_factory=list)

    @property
    def is_incomplete(self) -> bool:
        """Tell whether something was refused that there is: a plan that lacks a thing has none of it (402)."""
        return bool(self.skipped_by_status.keys() - {HTTPStatus.PAYMENT_REQUIRED})


class RequestMetrics:
    """Counts that all threads add to, and the streams that a workspace's plan lacks.

    `rows_lost` tells whether any list may have held a row that did not come, and what hangs from it.
    """

    def __init__(self) -> None:
        """Start at nothing."""
        self._lock = threading.Lock()
        self.rows_lost = False
        self._by_stream: dict[str, StreamMetrics] = {}
        self._warnings: set[tuple[str, str, int]] = set()
        self._doubted: set[tuple[str, str]] = set()
        self._not_in_plan: dict[tuple[str, str, str, str], Unavailable] = {}

    def __getitem__(self, purpose: str) -> StreamMetrics:
        """Return the counts of a purpose, which are zero as long as nothing was counted."""
        with self._lock:
            return self._by_stream.setdefault(purpose, StreamMetrics())

    def record_request(self, purpose: str) -> None:
        """Count one request that leaves."""
        tally = self[purpose]
        with self._lock:
            tally.requests += 1

    def record_retry(self, purpose: str) -> None:
        """Count one request that has to leave again."""
        tally = self[purpose]
        with self._lock:
            tally.retries += 1

    def usable_records(self, ask: Request, page: protocol.Records) -> list[Record]:
        """Return the records of an answer that can be told apart, and count what was broken at its source."""
        records, nameless = (
            (page.records, 0) if ask.lacks_gids else rows_with_gid(page.records, numbered=ask.numeric_gids)
        )
        self.record_unusable_rows(ask.stream, page.odd_rows + nameless)
        for name in page.nulled_fields:
            self.record_nulled_value(ask.stream, name)
        return records

    def record_nulled_value(self, purpose: str, name: str) -> None:
        """Count a value that was broken in Asana and is null now, by its field; warn once per stream (law 11)."""
        tally = self[purpose]
        with self._lock:
            first = not tally.nulled_fields
            tally.nulled_fields[name] += 1
        if first:
            logger.warning("%s: %s has a value that cannot be read; it is null now, as may be others", purpose, name)

    def record_unusable_rows(self, purpose: str, rows: int) -> None:
        """Count rows that are null or have no gid; warn once per stream (law 11)."""
        if not rows:
            return
        tally = self[purpose]
        with self._lock:
            first = not tally.unusable_rows
            self.rows_lost = True
            tally.unusable_rows += rows
        if first:
            logger.warning("%s: a row that is null or has no sound gid is passed over, as may be others", purpose)

    def record_skip(self, ask: Request, refused: Unavailable, *, warn: bool = True) -> None:
        """Count one parent that could not be read; warn once per stream and workspace (law 6)."""
        if not self._count(ask, refused) or not warn:
            return
        if refused.status == HTTPStatus.PAYMENT_REQUIRED:
            logger.warning("%s: the plan of workspace %s does not have them (402)", ask.stream, ask.workspace)
        else:
            logger.warning("%s: %s is left out (%s), as may be others", ask.stream, ask.description, refused.label)

    def record_uncertain_end(self, ask: Request, rows: int) -> None:
        """Warn of a full page that does not say whether more follows, once per stream and workspace."""
        with self._lock:
            first = (ask.stream, ask.workspace) not in self._doubted
            self.rows_lost = True
            self._doubted.add((ask.stream, ask.workspace))
        if first:
            logger.warning(
                "%s: %s is full with %d rows and does not say whether more follow; some may be missing, as of others",
                ask.stream,
                ask.description,
                rows,
            )

    def record_missing_parent(self, purpose: str, refusal: Page) -> None:
        """Count what a stream lacks because the list that it hangs from was refused; warn as `skip` does."""
        if refusal.unavailable is None or refusal.request.stream == purpose:
            return
        ask, label = replace(refusal.request, stream=purpose), refusal.unavailable.label
        if self._count(ask, refusal.unavailable):
            logger.warning(
                "%s: what hangs from %s of workspace %s is left out (%s)", purpose, ask.path, ask.workspace, label
            )

    def _count(self, ask: Request, refused: Unavailable) -> bool:
        """Count and name a parent; returns whether it is the first of this stream, workspace and status."""
        tally = self[ask.stream]
        kind = (ask.stream, ask.workspace, refused.status)
        with self._lock:
            first = kind not in self._warnings
            self._warnings.add(kind)
            if refused.status == HTTPStatus.PAYMENT_REQUIRED:
                self._not_in_plan[_list(ask)] = refused
            tally.skipped_by_status[refused.status] += 1
            named = tally.skipped_parents.setdefault(refused.status, [])
            if len(named) < MAX_NAMED_PARENTS:
                named.append(ask.description)
        return first

    def record_recovered_lists(self, purpose: str, lists: int) -> None:
        """Count lists that were read at last."""
        tally = self[purpose]
        with self._lock:
            tally.recovered_lists += lists

    def record_owed_lists(self, purpose: str, lists: Iterable[str]) -> None:
        """Name lists that are still to be read when a run ends."""
        tally = self[purpose]
        with self._lock:
            tally.owed_lists.extend(lists)

    def not_in_plan(self, ask: Request) -> Unavailable | None:
        """Return the 402 that this stream got before for this list of the workspace's or of another parent."""
        return self._not_in_plan.get(_list(ask))

    def by_stream(self) -> dict[str, StreamMetrics]:
        """Return the counts of all that was counted for, in the order it was first counted."""
        with self._lock:
            return dict(self._by_stream)

    def requests(self) -> int:
        """Return the number of all requests so far."""
        with self._lock:
            return sum(tally.requests for tally in self._by_stream.values())


def _list(ask: Request) -> tuple[str, str, str, str]:
    """Return what a 402 is about: a workspace's list however it is asked, or that of one parent in it.

    A team can be premium inside of a workspace that is not: what one parent lacks, another one may have.
    """
    parent = ask.description if ask.parent_keys.keys() - {"workspace_gid"} else ""
    return ask.stream, ask.workspace, ask.label, parent
