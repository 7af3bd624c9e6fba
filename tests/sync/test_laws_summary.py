"""Law 7: the log during a run and at its end."""

from __future__ import annotations

import re
import threading
from logging import LogRecord

import pytest
from direct_session import Waiting
from harness import PERSON, STREAMS, TINY, asana, offline_run, run_limits, summary, sync, written
from interruptions import Moments
from refused_lists import failing

from fake_asana.server.faults import Faults
from tap_asana import tap
from tap_asana.limits import Limits
from tap_asana.monitor import progress

PATIENCE = 20.0
"""Real seconds after which a request that waits for a log line gives up; reached only if there is none."""


def test_the_summary_counts_records_requests_and_retries(caplog: pytest.LogCaptureFixture) -> None:
    """The last line gives the number of records, requests and retries of each stream (law 7)."""
    caplog.set_level("INFO")
    api = asana(TINY, faults=Faults(plan=failing(1, "500")))
    output = sync(api)
    lines = summary(caplog.records)
    assert list(lines)[: len(STREAMS)] == list(STREAMS)
    for stream, number in output.counts().items():
        assert lines[stream].startswith(f"{number} records, ")
    requests = sum(int(match) for part in lines.values() for match in re.findall(r"(\d+) requests", part))
    retries = sum(int(match) for part in lines.values() for match in re.findall(r"(\d+) retries", part))
    assert requests == len(api.log)
    assert retries == sum(1 for handled in api.log if handled.status == 500)
    assert requests == 2 * retries


def test_a_waiting_run_logs_its_progress(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is logged during a run, even while it waits for a response (law 7)."""
    caplog.set_level("INFO")
    seen_progress = threading.Event()

    class Listener:
        """A log filter that notices progress lines."""

        def filter(self, record: LogRecord) -> bool:
            """Note a progress line."""
            if re.search(r"\d+ records, \d+ requests, \d+ a minute", record.getMessage()):
                seen_progress.set()
            return True

    listener = Listener()
    progress.logger.addFilter(listener)
    waiting = Waiting(Moments({60: lambda: seen_progress.wait(PATIENCE)}))
    monkeypatch.setattr("tap_asana.run.Run", lambda settings, **_: offline_run(asana(TINY), settings, waiting))
    with run_limits(log_interval_seconds=0.001):
        output = written(tap.TapAsana(config=dict(PERSON)))
    progress.logger.removeFilter(listener)
    assert output.error is None
    assert seen_progress.is_set()


def test_progress_is_logged_every_30_seconds() -> None:
    """Progress lines are at most 30 seconds apart (law 7)."""
    assert Limits.log_interval_seconds <= 30
