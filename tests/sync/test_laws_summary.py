"""Law 7 of the design: what the operator is told while a run lasts and at its end."""

from __future__ import annotations

import re
import threading
from logging import LogRecord

import pytest
from faulty import failing
from harness import PERSON, STREAMS, TINY, asana, offline_run, run_limits, summary, sync, written
from interruptions import Moments

from fake_asana.server.faults import Faults
from tap_asana import tap
from tap_asana.limits import Limits
from tap_asana.monitor import progress

PATIENCE = 20.0
"""Real seconds after which a request that waits for a line of the log gives up: never reached unless there is none."""


def test_the_summary_counts_what_happened(caplog: pytest.LogCaptureFixture) -> None:
    """The last line says of each stream how many records, requests and retries it took (law 7)."""
    caplog.set_level("INFO")
    api = asana(TINY, faults=Faults(plan=failing(1, "500")))
    output = sync(api)
    told = summary(caplog.records)
    assert list(told)[: len(STREAMS)] == list(STREAMS)
    for stream, number in output.counts().items():
        assert f"{stream} {number} records" in told[stream]
    asked = sum(int(match) for part in told.values() for match in re.findall(r"(\d+) requests", part))
    again = sum(int(match) for part in told.values() for match in re.findall(r"(\d+) retries", part))
    assert asked == len(api.log)
    assert again == sum(1 for handled in api.log if handled.status == 500)
    assert asked == 2 * again


def test_a_run_that_waits_says_how_far_it_is(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run lasts, lines of progress come, whatever it waits for (law 7)."""
    caplog.set_level("INFO")
    told = threading.Event()

    class Listener:
        """Hears of every line."""

        def filter(self, record: LogRecord) -> bool:
            """Note a line of progress."""
            if re.search(r"\d+ records, \d+ requests, \d+ a minute", record.getMessage()):
                told.set()
            return True

    listener = Listener()
    progress.logger.addFilter(listener)
    waiting = Moments({60: lambda: told.wait(PATIENCE)})
    monkeypatch.setattr(tap, "Run", lambda settings, **_: offline_run(asana(TINY), settings, waiting))
    with run_limits(log_interval_seconds=0.001):
        output = written(tap.TapAsana(config=dict(PERSON)))
    progress.logger.removeFilter(listener)
    assert output.error is None
    assert told.is_set()


def test_progress_is_told_every_half_minute() -> None:
    """Between two lines of progress lie at most 30 seconds (law 7)."""
    assert Limits.log_interval_seconds <= 30
