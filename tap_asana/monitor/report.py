"""The report of a run: one JSON object in a file, for schedulers and alerts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tap_asana import __version__
from tap_asana.errors import AsanaError

if TYPE_CHECKING:
    from tap_asana.api.metrics import StreamMetrics
    from tap_asana.monitor.progress import ProgressSnapshot

REASONS_FOR_SKIPS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "Asana rejects the request, or truncates the list",
    HTTPStatus.UNAUTHORIZED: "the app lacks the scope, or the workspace has disabled the app",
    HTTPStatus.PAYMENT_REQUIRED: "not in the plan",
    HTTPStatus.FORBIDDEN: "the token has no access",
    HTTPStatus.NOT_FOUND: "deleted",
    HTTPStatus.GONE: "deleted",
}

RUNNING: Final = "running"
COMPLETE: Final = "complete"
FAILED: Final = "failed"
TERMINATED: Final = "terminated"
"""The results of a run; a report that stays at running is that of a process that was killed."""

BookmarkValues = Mapping[str, Mapping[str, str]]
"""The bookmarks of a state, by stream and workspace."""


class RunReport:
    """The report of one run, in a file that is replaced as a whole."""

    def __init__(self, path: Path) -> None:
        """Write a report of a run that has started; raises AsanaError if the file cannot be written."""
        self._path = path
        self._start = datetime.now(timezone.utc)
        self._write({"result": RUNNING})

    def finish(self, result: str, code: int, reason: str | None, counts: Mapping[str, Any]) -> None:
        """Write the report of a run that has ended; raises AsanaError if the file cannot be written any more."""
        end = datetime.now(timezone.utc)
        seconds = round((end - self._start).total_seconds(), 3)
        ending = {"result": result, "exit_code": code, "reason": reason}
        self._write({**ending, "ended_at": end.isoformat(timespec="seconds"), "seconds": seconds, **counts})

    def _write(self, content: Mapping[str, Any]) -> None:
        head = {"tap": "tap-asana", "version": __version__, "started_at": self._start.isoformat(timespec="seconds")}
        try:
            file = Path(os.path.realpath(self._path))
            if file.exists() and not file.is_file():
                raise AsanaError(f"report_file: {self._path} is not a file.")
            new = file.with_name(f".{file.name}.new")
            new.write_text(json.dumps({**head, **content}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            new.replace(file)
        except (OSError, ValueError) as error:  # ValueError: a null character in the path
            reason = getattr(error, "strerror", error)
            raise AsanaError(f"report_file: {self._path} cannot be written ({reason}).") from None


def bookmark_values(state: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the bookmarks in a state, by stream and workspace."""
    return {
        name: {
            partition["context"]["workspace_gid"]: partition["replication_key_value"]
            for partition in stream_state.get("partitions", ())
            if partition.get("context") and partition.get("replication_key_value")
        }
        for name, stream_state in state.get("bookmarks", {}).items()
    }


def report_counts(
    streams: list[str], snapshot: ProgressSnapshot, before: BookmarkValues, after: BookmarkValues
) -> dict[str, Any]:
    """Return the totals of a run, and the counts and bookmarks of each stream."""
    from tap_asana.api.metrics import StreamMetrics  # noqa: PLC0415 - discovery does not import what reads

    metrics = snapshot.metrics
    names = dict.fromkeys([*streams, *metrics])
    rows = [
        {
            "stream": name,
            **_stream_counts(snapshot.records.get(name, 0), metrics.get(name, StreamMetrics())),
            "bookmarks": list(_bookmarks(before.get(name, {}), after.get(name, {}))),
        }
        for name in names
    ]
    return {
        "records": sum(snapshot.records.values()),
        "requests": sum(counts.requests for counts in metrics.values()),
        "retries": sum(counts.retries for counts in metrics.values()),
        "skipped": sum(counts.skipped_by_status.total() for counts in metrics.values()),
        "owed": sum(len(counts.owed_lists) for counts in metrics.values()),
        "streams": rows,
    }


def _stream_counts(records: int, metrics: StreamMetrics) -> dict[str, Any]:
    from tap_asana.api.protocol import status_label  # noqa: PLC0415 - discovery does not import what reads

    return {
        "records": records,
        "requests": metrics.requests,
        "retries": metrics.retries,
        "seconds": round(metrics.seconds, 3),
        "skipped": [
            {
                "status": status_label(status),
                "reason": REASONS_FOR_SKIPS.get(status, "Asana failed"),
                "count": count,
                "parents": list(metrics.skipped_parents[status]),
            }
            for status, count in sorted(metrics.skipped_by_status.items())
        ],
        "owed": len(metrics.owed_lists),
        "recovered": metrics.recovered_lists,
        "nulled_values": dict(sorted(metrics.nulled_fields.items())),
        "unusable_rows": metrics.unusable_rows,
    }


def _bookmarks(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[dict[str, str | None]]:
    for gid in dict.fromkeys([*before, *after]):
        yield {"workspace_gid": gid, "before": before.get(gid), "after": after.get(gid)}
