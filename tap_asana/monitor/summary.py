"""The words of the summary: a line for each stream, and the last line of a run with the totals (law 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tap_asana.api.metrics import MAX_NAMED_PARENTS, StreamMetrics
from tap_asana.api.protocol import status_label

MAX_STATUSES = 2
"""Statuses of skipped parents that the last line counts apart; all others are one number."""


def stream_summary(records: int, metrics: StreamMetrics) -> str:
    """Return the counts of one stream, with the skipped parents and the lists still owed by name."""
    return ", ".join(_stream_parts(records, metrics))


def _stream_parts(records: int, metrics: StreamMetrics) -> Iterator[str]:
    yield f"{records} records, {metrics.requests} requests, {metrics.retries} retries, {metrics.seconds:.0f} s"
    for status, count in sorted(metrics.skipped_by_status.items()):
        names = metrics.skipped_parents[status]
        parents = ", ".join([*names, *(["…"] if count > len(names) else [])])
        yield f"{count} parents skipped with {status_label(status)} ({parents})"
    if metrics.nulled_fields:
        fields = ", ".join(sorted(metrics.nulled_fields))
        yield f"{metrics.nulled_fields.total()} unreadable values set to null ({fields})"
    if metrics.unusable_rows:
        yield f"{metrics.unusable_rows} rows skipped"
    if metrics.open_lists:
        yield f"{metrics.open_lists} lists without a known end"
    if metrics.recovered_lists:
        yield f"{metrics.recovered_lists} owed lists read"
    if metrics.owed_lists:
        more = ", …" if len(metrics.owed_lists) > MAX_NAMED_PARENTS else ""
        yield f"{len(metrics.owed_lists)} lists still owed ({', '.join(metrics.owed_lists[:MAX_NAMED_PARENTS])}{more})"


def total_summary(streams: int, records: int, by_stream: Sequence[StreamMetrics]) -> str:
    """Return the totals of a run, short enough to be read at a glance."""
    return ", ".join(_total_parts(streams, records, by_stream))


def _total_parts(streams: int, records: int, by_stream: Sequence[StreamMetrics]) -> Iterator[str]:
    yield f"{records} records of {streams} streams"
    yield f"{sum(metrics.requests for metrics in by_stream)} requests"
    yield f"{sum(metrics.retries for metrics in by_stream)} retries"
    skipped: Counter[int] = Counter()
    for metrics in by_stream:
        skipped.update(metrics.skipped_by_status)
    if skipped:
        counts = [f"{count} with {status_label(status)}" for status, count in skipped.most_common(MAX_STATUSES)]
        others = skipped.total() - sum(count for _, count in skipped.most_common(MAX_STATUSES))
        yield f"{skipped.total()} parents skipped ({', '.join([*counts, *([f'{others} others'] if others else [])])})"
    for number, noun in (
        (sum(metrics.nulled_fields.total() for metrics in by_stream), "values nulled"),
        (sum(metrics.unusable_rows for metrics in by_stream), "rows skipped"),
        (sum(metrics.recovered_lists for metrics in by_stream), "owed lists read"),
        (sum(len(metrics.owed_lists) for metrics in by_stream), "lists owed"),
    ):
        if number:
            yield f"{number} {noun}"
