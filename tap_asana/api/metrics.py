"""Requests, retries and skipped lists of a run, counted by stream."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from tap_asana.api import protocol
from tap_asana.api.decoding import Record, rows_with_gid
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request

MAX_NAMED_PARENTS = 10
"""Skipped parents that the summary names for each status; all others are only counted."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class StreamMetrics:
    """The counts of one stream; `requests` includes retries.

    `request_seconds` is the time that all requests together took. `first_at` and `last_at` are the times of the first
    and the last activity: streams that are read together are active at the same time.
    `skipped_by_status` counts skipped parents, `skipped_parents` names some. `nulled_fields` counts unreadable values
    by field, `unusable_rows` rows that fit into no table, `open_lists` lists that may be longer than what was returned.
    `recovered_lists` counts the lists that earlier runs skipped and this run read; `owed_lists` names those that later
    runs will request again.
    """

    requests: int = 0
    retries: int = 0
    skipped_by_status: Counter[int] = field(default_factory=Counter)
    skipped_parents: dict[int, list[str]] = field(default_factory=dict)
    nulled_fields: Counter[str] = field(default_factory=Counter)
    unusable_rows: int = 0
    open_lists: int = 0
    recovered_lists: int = 0
    owed_lists: list[str] = field(default_factory=list)
    request_seconds: float = 0.0
    first_at: float | None = None
    last_at: float = 0.0

    @property
    def seconds(self) -> float:
        """Return the seconds from the first activity to the last."""
        return 0.0 if self.first_at is None else self.last_at - self.first_at

    def note_activity(self, now: float) -> None:
        """Note that the stream is being read at a moment."""
        self.first_at = now if self.first_at is None else self.first_at
        self.last_at = now

    @property
    def is_incomplete(self) -> bool:
        """Return whether existing data was skipped. A feature outside the plan (402) has no data."""
        return bool(self.skipped_but_in_plan)

    @property
    def skipped_but_in_plan(self) -> dict[int, int]:
        """Return how many parents were skipped with each status other than 402."""
        counts = self.skipped_by_status.items()
        return {status: count for status, count in counts if status != HTTPStatus.PAYMENT_REQUIRED}


class RequestMetrics:
    """The metrics of all streams, and the lists that a workspace's plan does not include. Shared by all threads.

    `rows_lost` is true once any list may have held more rows than were received; their children are missing too.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with zero everywhere; `clock` returns monotonic seconds."""
        self._lock = threading.Lock()
        self._clock = clock
        self.rows_lost = False
        self._by_stream: dict[str, StreamMetrics] = {}
        self._logged_skips: set[tuple[str, str, int]] = set()
        self._logged_open_pages: set[tuple[str, str]] = set()
        self._not_in_plan: dict[tuple[str, str, str, str], Unavailable] = {}

    def __getitem__(self, stream: str) -> StreamMetrics:
        """Return the metrics of a stream, all zero at first."""
        found = self._by_stream.get(stream)
        if found is None:
            with self._lock:
                found = self._by_stream.setdefault(stream, StreamMetrics())
        return found

    def record_request(self, stream: str) -> None:
        """Count a request."""
        metrics, now = self[stream], self._clock()
        with self._lock:
            metrics.note_activity(now)
            metrics.requests += 1

    def record_answer(self, stream: str, seconds: float) -> None:
        """Add the time that a request took, until its answer or its failure."""
        metrics, now = self[stream], self._clock()
        with self._lock:
            metrics.note_activity(now)
            metrics.request_seconds += seconds

    def record_activity(self, stream: str) -> None:
        """Record that a stream is being read at this moment."""
        metrics, now = self[stream], self._clock()
        with self._lock:
            metrics.note_activity(now)

    def record_retry(self, stream: str) -> None:
        """Count a request that must be sent again."""
        metrics = self[stream]
        with self._lock:
            metrics.retries += 1

    def usable_records(self, request: Request, response: protocol.Records) -> list[Record]:
        """Return the identifiable records of a response, and count its broken rows and values."""
        records, without_gid = response.records, 0
        if not request.lacks_gids:
            records, without_gid = rows_with_gid(records, numeric=request.numeric_gids)
        self.record_unusable_rows(request.stream, response.odd_rows + without_gid)
        for name in response.nulled_fields:
            self.record_nulled_value(request.stream, name)
        return records

    def record_nulled_value(self, stream: str, name: str) -> None:
        """Count an unreadable value, replaced by null; warn once per stream (law 11)."""
        metrics = self[stream]
        with self._lock:
            is_first = not metrics.nulled_fields
            metrics.nulled_fields[name] += 1
        if is_first:
            logger.warning(
                "%s: unreadable value in %s replaced by null; the summary counts all such values", stream, name
            )

    def record_unusable_rows(self, stream: str, rows: int) -> None:
        """Count rows that fit into no table; warn once per stream (law 11)."""
        if not rows:
            return
        metrics = self[stream]
        with self._lock:
            is_first = not metrics.unusable_rows
            self.rows_lost = True
            metrics.unusable_rows += rows
        if is_first:
            logger.warning("%s: skipped a row, null or without a valid gid; the summary counts all such rows", stream)

    def record_lost_rows(self) -> None:
        """Record that rows cannot be found, so that no version may delete them (law 8)."""
        with self._lock:
            self.rows_lost = True

    def record_skip(self, request: Request, refusal: Unavailable, *, warn: bool = True) -> None:
        """Count a skipped parent; warn once per stream, workspace and status, of a 402 at the end only (law 6).

        A killed run has no end, and nobody asks again for what the plan lacks. So the first 402 has a line at once.
        """
        self._count(request, refusal)
        if not self._claim_line(request, refusal) or not warn:
            return
        if refusal.status == HTTPStatus.PAYMENT_REQUIRED:
            logger.info("%s: %s is not in the plan (402)", request.stream, request.description)
            return
        logger.warning(
            "%s: skipped %s (%s); the summary counts all skips", request.stream, request.description, refusal.label
        )

    def record_earlier_skips(self, stream: str, counts: Mapping[str, int]) -> None:
        """Count the parents that an interrupted run has skipped, by status, in a stream that this run does not read."""
        metrics = self[stream]
        with self._lock:
            for status, count in counts.items():
                metrics.skipped_by_status[int(status)] += count
                metrics.skipped_parents.setdefault(int(status), [])

    def record_uncertain_end(self, request: Request, rows: int) -> None:
        """Count a page that does not say whether another follows; warn once per stream and workspace."""
        metrics, key = self[request.stream], (request.stream, request.workspace)
        with self._lock:
            metrics.open_lists += 1
            is_first = key not in self._logged_open_pages
            self.rows_lost = True
            self._logged_open_pages.add(key)
        if is_first:
            logger.warning(
                "%s: %s returned a page of %d rows and does not say whether more follow; rows may be missing; "
                "the summary counts all such lists",
                request.stream,
                request.description,
                rows,
            )

    def record_missing_parent(self, stream: str, page: Page) -> None:
        """Count the loss of a stream whose list of parents is unavailable; warn as `record_skip` does.

        A 402 has a line in the stream of the parents, and leaves the first one of this stream to its own lists.
        """
        refusal = page.unavailable
        if refusal is None or page.request.stream == stream:
            return
        request = replace(page.request, stream=stream)
        self._count(request, refusal)
        if refusal.status != HTTPStatus.PAYMENT_REQUIRED and self._claim_line(request, refusal):
            logger.warning(
                "%s: skipped everything below %s in workspace %s (%s)",
                stream,
                request.path,
                request.workspace,
                refusal.label,
            )

    def _claim_line(self, request: Request, refusal: Unavailable) -> bool:
        """Return True to the first caller for a stream, workspace and status: one line of the log is enough."""
        key = (request.stream, request.workspace, refusal.status)
        with self._lock:
            is_first = key not in self._logged_skips
            self._logged_skips.add(key)
        return is_first

    def _count(self, request: Request, refusal: Unavailable) -> None:
        """Count and name a skipped parent."""
        metrics = self[request.stream]
        with self._lock:
            if refusal.status == HTTPStatus.PAYMENT_REQUIRED:
                self._not_in_plan[_plan_key(request)] = refusal
            metrics.skipped_by_status[refusal.status] += 1
            names = metrics.skipped_parents.setdefault(refusal.status, [])
            if len(names) < MAX_NAMED_PARENTS:
                names.append(request.description)

    def record_recovered_lists(self, stream: str, lists: int) -> None:
        """Count lists that earlier runs skipped and this run read."""
        metrics = self[stream]
        with self._lock:
            metrics.recovered_lists += lists

    def record_owed_lists(self, stream: str, lists: Iterable[str]) -> None:
        """Set the names of the lists that a stream still owes: later runs request them again."""
        metrics = self[stream]
        with self._lock:
            metrics.owed_lists.extend(lists)

    def not_in_plan(self, request: Request) -> Unavailable | None:
        """Return the earlier 402 that also answers this request, None if there was none."""
        return self._not_in_plan.get(_plan_key(request))

    def streams_outside_plan(self) -> dict[str, list[str]]:
        """Return the streams that a 402 ended, by workspace."""
        with self._lock:
            keys = sorted({(workspace, stream) for stream, workspace, *_ in self._not_in_plan})
        return {gid: [stream for workspace, stream in keys if workspace == gid] for gid, _ in keys}

    def by_stream(self) -> dict[str, StreamMetrics]:
        """Return the metrics of all streams, in the order in which they were first used."""
        with self._lock:
            return dict(self._by_stream)

    def requests(self) -> int:
        """Return the number of all requests so far."""
        with self._lock:
            return sum(metrics.requests for metrics in self._by_stream.values())


def _plan_key(request: Request) -> tuple[str, str, str, str]:
    """Return a key of all requests that a 402 applies to: a list of a workspace with any parameters, or of one parent.

    A team can be premium in a basic workspace, so a 402 for one parent says nothing about another.
    """
    parent = request.description if request.parent_keys.keys() - {"workspace_gid"} else ""
    return request.stream, request.workspace, request.label, parent
