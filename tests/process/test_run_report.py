"""What machines read of a run: the report in a file, the log as JSON lines, and the SDK's metrics."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from forked_tap import TOKEN, ForkedTap
from harness import discovered, selecting

ROOT = Path(__file__).parents[2]
READ = ("projects", "portfolios", "tasks", "stories")


def report(tap: ForkedTap) -> dict[str, Any]:
    """Return the report in the folder of the command."""
    content: dict[str, Any] = json.loads((tap.folder / "report.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def run(forked: ForkedTap) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Run the command with a report and with the example's logging; return its messages and the lines of its log."""
    forked.write("some.json", selecting(discovered(), READ))
    config = {"access_token": TOKEN, "report_file": "report.json"}
    variables = {"SINGER_SDK_LOG_CONFIG": str(ROOT / "examples" / "logging" / "json.yaml")}
    ended = forked.read(config, "--catalog", "some.json", **variables)
    assert ended.returncode == 0, ended.stderr
    log = [json.loads(line) for line in ended.stderr.splitlines()]
    return [json.loads(line) for line in ended.stdout.splitlines()], log


def test_a_report_has_the_counts_of_each_stream(
    run: tuple[list[dict[str, Any]], list[dict[str, Any]]], forked: ForkedTap
) -> None:
    """Records, requests, seconds and bookmarks are those of the run; the totals are their sums."""
    messages, _ = run
    content = report(forked)
    assert (content["result"], content["exit_code"], content["reason"]) == ("complete", 0, None)
    streams = {row["stream"]: row for row in content["streams"]}
    for name in READ:
        written = sum(message.get("stream") == name and message["type"] == "RECORD" for message in messages)
        assert streams[name]["records"] == written
    assert content["records"] == sum(message["type"] == "RECORD" for message in messages)
    assert content["requests"] == sum(row["requests"] for row in content["streams"])
    assert 0 < streams["stories"]["seconds"] <= content["seconds"]
    state = [message["value"] for message in messages if message["type"] == "STATE"][-1]
    after = {
        partition["context"]["workspace_gid"]: partition["replication_key_value"]
        for partition in state["bookmarks"]["tasks"]["partitions"]
    }
    assert streams["tasks"]["bookmarks"] == [
        {"workspace_gid": gid, "before": None, "after": value} for gid, value in after.items()
    ]


def test_the_log_is_one_json_object_a_line(run: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    """Each line has a level and a message or a metric; the last one has the totals."""
    _, log = run
    assert {line["level"] for line in log} <= {"info", "warning"}
    assert {line["app_name"] for line in log} == {"tap-asana"}
    assert log[-1]["message"].startswith("done in ")


def test_the_sdk_s_metrics_are_logged(run: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    """Each stream has its records, requests, their mean duration, and the time in which it was read."""
    messages, log = run
    points = [line["metric_info"] for line in log if line.get("metric_info")]
    values = {(point["tags"]["stream"], point["metric"]): point["value"] for point in points}
    for name in READ:
        written = sum(message.get("stream") == name and message["type"] == "RECORD" for message in messages)
        assert values[name, "record_count"] == written
    assert values["stories", "http_request_count"] > values["projects", "http_request_count"] > 0
    # Stories are read together with their tasks; their time is not that of an empty read behind them.
    assert values["stories", "sync_duration"] > values["stories", "http_request_duration"] > 0


def test_a_failed_run_reports_its_reason(forked: ForkedTap) -> None:
    """The reason is the error of the log, also that of settings which are not valid."""
    for config in (
        {"access_token": "0/nobody", "report_file": "report.json"},
        {"access_token": TOKEN, "page_size": 0, "report_file": "report.json"},
    ):
        line = forked.error(config)
        assert (report(forked)["result"], report(forked)["exit_code"], report(forked)["reason"]) == ("failed", 1, line)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nowhere/report.json", "cannot be written (No such file or directory)"),
        (".", "is not a file"),
        ("fifo", "is not a file"),
        ("a\0b", "cannot be written (embedded null byte)"),
    ],
)
def test_a_report_that_cannot_be_written_ends_the_run(forked: ForkedTap, path: str, problem: str) -> None:
    """The run ends before its first request, with one line; a device or a pipe is never replaced by a file."""
    fifo = forked.folder / "fifo"
    if not fifo.exists():
        os.mkfifo(fifo)
    line = forked.error({"access_token": TOKEN, "report_file": path})
    assert line == f"report_file: {path} {problem}.".replace("\0", "\\x00")
    assert fifo.is_fifo()


def test_a_report_goes_where_a_link_points_to(forked: ForkedTap) -> None:
    """The link stays a link."""
    link = forked.folder / "link.json"
    link.symlink_to("report.json")
    forked.error({"access_token": "0/nobody", "report_file": "link.json"})
    assert link.is_symlink()
    assert report(forked)["result"] == "failed"
