"""The end of a run's log: warnings about skipped parents, a line for each stream, and the totals (laws 6 and 7)."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from clock import Clock
from singer_sdk.logging import ConsoleFormatter

from tap_asana.api.metrics import MAX_NAMED_PARENTS, RequestMetrics
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.monitor.progress import Progress


def stories_of(task: int, workspace: str = "1") -> Request:
    """Return the request for a task's stories."""
    return Request("stories", f"/tasks/{task}/stories", workspace=workspace)


def summary(progress: Progress, streams: list[str], caplog: pytest.LogCaptureFixture) -> list[str]:
    """Log the summary and return its lines."""
    caplog.clear()
    with caplog.at_level(logging.INFO):
        progress.summary(streams)
    return [record.getMessage() for record in caplog.records]


def test_the_summary_has_counts_for_each_stream(caplog: pytest.LogCaptureFixture) -> None:
    """Each stream has a line with records, requests, retries and seconds, and so have other requests; totals follow."""
    clock = Clock()
    metrics = RequestMetrics(clock)
    progress = Progress(metrics, clock=clock)
    progress.add_records("tasks", 12)
    for purpose in ("crawl", "tasks", "tasks"):
        metrics.record_request(purpose)
    metrics.record_retry("tasks")
    clock.now += 40
    metrics.record_answer("tasks", 40.0)
    clock.now += 21.4
    assert summary(progress, ["users", "tasks"], caplog) == [
        "users: 0 records, 0 requests, 0 retries, 0 s",
        "tasks: 12 records, 2 requests, 1 retries, 40 s",
        "crawl: 0 records, 1 requests, 0 retries, 0 s",
        "done in 61 s: 12 records of 2 streams, 3 requests, 1 retries",
    ]


def test_the_last_line_is_short(caplog: pytest.LogCaptureFixture) -> None:
    """With the largest numbers the line is under 300 characters in a person's log, and counts everything."""
    metrics = RequestMetrics(Clock())
    clock = Clock()
    progress = Progress(metrics, clock=clock)
    clock.now += 86_400
    progress.add_records("stories", 40_000_000)
    counts = metrics["stories"]
    counts.requests, counts.retries = 50_000_000, 100_000
    counts.skipped_by_status.update(dict.fromkeys((400, 401, 402, 403, 404, 410, 451, 500, 503), 1_000))
    counts.skipped_parents.update({status: ["/tasks/1/stories"] for status in counts.skipped_by_status})
    counts.nulled_fields["due_on"] = counts.unusable_rows = counts.recovered_lists = 10_000
    counts.owed_lists = ["stories 1"] * 10_000
    line = summary(progress, ["stories"], caplog)[-1]
    assert line == (
        "done in 86400 s: 40000000 records of 1 streams, 50000000 requests, 100000 retries, 9000 parents skipped "
        "(1000 with 400, 1000 with 401, 7000 others), 10000 values nulled, 10000 rows skipped, "
        "10000 owed lists read, 10000 lists owed"
    )
    record = logging.makeLogRecord({"msg": line, "name": "tap_asana.monitor.progress", "levelname": "INFO"})
    assert len(ConsoleFormatter().format(record)) < 300


def test_the_summary_names_skipped_parents(caplog: pytest.LogCaptureFixture) -> None:
    """Skipped parents are counted by status; ten of each status are named, and an ellipsis stands for the others."""
    metrics = RequestMetrics()
    for task in range(MAX_NAMED_PARENTS + 5):
        metrics.record_skip(stories_of(task), Unavailable(404, "Not Found"))
    metrics.record_skip(
        Request("stories", "/attachments", {"parent": "99", "opt_fields": "name"}), Unavailable(403, "Forbidden")
    )
    line = summary(Progress(metrics, clock=Clock()), ["stories"], caplog)[0]
    first_ten = ", ".join(f"/tasks/{task}/stories" for task in range(10))
    assert line.endswith(
        "0 retries, 0 s, 1 parents skipped with 403 (/attachments?parent=99), "
        f"15 parents skipped with 404 ({first_ten}, …)"
    )


def test_ten_parents_are_named_without_an_ellipsis(caplog: pytest.LogCaptureFixture) -> None:
    """If all skipped parents are named, the line has no ellipsis."""
    metrics = RequestMetrics()
    for task in range(MAX_NAMED_PARENTS):
        metrics.record_skip(stories_of(task), Unavailable(404, "Not Found"))
    assert summary(Progress(metrics, clock=Clock()), ["stories"], caplog)[0].endswith("/tasks/9/stories)")


def test_skipped_parents_are_warned_about_once(caplog: pytest.LogCaptureFixture) -> None:
    """There is one warning for each stream, workspace and status, and at the end one for the plan of each workspace."""
    metrics = RequestMetrics()
    for task in range(3):
        for status in (402, 403, 404):
            metrics.record_skip(stories_of(task), Unavailable(status, "No."))
    metrics.record_skip(stories_of(7, workspace="2"), Unavailable(402, "No."))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "stories: skipped /tasks/0/stories (403); the summary counts all skips"),
        ("WARNING", "stories: skipped /tasks/0/stories (404); the summary counts all skips"),
    ]
    metrics.record_skip(replace(stories_of(7), stream="goals"), Unavailable(402, "No."))
    assert summary(Progress(metrics, clock=Clock()), [], caplog)[:2] == [
        "workspace 1: not available in its plan (402): goals, stories",
        "workspace 2: not available in its plan (402): stories",
    ]


def test_only_a_402_is_remembered_as_outside_the_plan() -> None:
    """A 402 is remembered for its stream, workspace and kind of list; a 403 and a 404 are not."""
    metrics = RequestMetrics()
    metrics.record_skip(stories_of(1), Unavailable(403, "No."))
    metrics.record_skip(stories_of(2), Unavailable(404, "No."))
    assert metrics.not_in_plan(stories_of(3)) is None
    unavailable = Unavailable(402, "No.")
    metrics.record_skip(stories_of(1), unavailable)
    assert metrics.not_in_plan(stories_of(3)) == unavailable
    assert metrics.not_in_plan(stories_of(3, workspace="2")) is None
    assert metrics.not_in_plan(Request("stories", "/goals/1/stories", workspace="1", label="goals")) is None
    assert metrics.not_in_plan(Request("tasks", "/tasks", workspace="1")) is None
