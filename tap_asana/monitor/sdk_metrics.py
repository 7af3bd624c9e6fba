"""The SDK's metrics of a stream, which Meltano and other programs read from the log."""

from __future__ import annotations

import os
from typing import Any

from singer_sdk.metrics import Metric, Point, Status, Tag, get_metrics_logger, log

from tap_asana.api.metrics import RequestMetrics
from tap_asana.monitor.progress import Progress


def log_metrics(path: str, stream: str, progress: Progress, metrics: RequestMetrics, *, failed: bool = False) -> None:
    """Log the counts of a stream, the mean duration of its requests, and the time in which it was read.

    That time is from its first request to its last record. The SDK's own timer would give all the time of streams that
    are read together to the first of them.
    """
    counts = metrics[stream]
    tags: dict[str, Any] = {Tag.STREAM: stream, Tag.PID: os.getpid()}
    request_tags = {**tags, Tag.ENDPOINT: path}
    status = Status.FAILED if failed else Status.SUCCEEDED
    for point in (
        Point("counter", Metric.RECORD_COUNT, progress.records[stream], tags),
        Point("counter", Metric.HTTP_REQUEST_COUNT, counts.requests, request_tags),
        Point("timer", Metric.HTTP_REQUEST_DURATION, counts.request_seconds / max(1, counts.requests), request_tags),
        Point("timer", Metric.SYNC_DURATION, counts.seconds, {**tags, Tag.STATUS: status}),
    ):
        log(get_metrics_logger(), point)
