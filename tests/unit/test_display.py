"""The live display: counts during a run, and only the log left on the terminal afterwards."""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Iterator

import pytest
from clock import Clock
from rich.console import Console
from terminal_emulator import Screen

from tap_asana.api.metrics import RequestMetrics
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.monitor import progress as counting
from tap_asana.monitor.display import Display, View, create_display
from tap_asana.monitor.progress import Progress
from tap_asana.monitor.terminal import Handler

STREAMS = ("users", "teams", "sections", "tasks", "stories", "attachments", "time_tracking_entries")


def logs(screen: Screen) -> Handler:
    """Return a handler that logs to a screen."""
    return logging.StreamHandler(screen)


class DisplayedRun:
    """A run in progress, displayed on a screen."""

    def __init__(self, screen: Screen | None = None) -> None:
        """Start at zero, on a screen."""
        self.screen, self.clock, self.metrics = screen or Screen(), Clock(), RequestMetrics()
        self.progress = Progress(self.metrics, clock=self.clock)
        self.behind = logs(self.screen)
        console = Console(file=io.StringIO(), color_system=None, force_terminal=True)
        self.display = Display(self.behind, self.progress, View(console), lambda: self.screen.size)

    def read(self, requests: int = 10) -> None:
        """Count a thousand records and some requests of each stream, and begin the tasks."""
        for name in STREAMS:
            self.progress.records[name] += 1000
            for _ in range(requests):
                self.metrics.record_request(name)
        self.progress.update("tasks of workspace 1 of 2", {"project": (2, 40), "user": (0, 80)})

    def log(self, message: str) -> None:
        """Log a line."""
        self.display.handle(logging.makeLogRecord({"msg": message, "levelno": logging.INFO}))


@pytest.fixture
def running() -> Iterator[DisplayedRun]:
    """Return a displayed run half a minute after its first records."""
    run = DisplayedRun()
    run.read()
    run.clock.now += 30
    yield run
    run.display.close()


def test_the_display_shows_counts_rate_share_and_remaining_time(running: DisplayedRun) -> None:
    """Records and requests by stream, requests of the last minute, completed share and remaining time are shown."""
    running.metrics.record_retry("tasks")
    running.metrics.record_skip(Request("stories", "/tasks/1/stories", workspace="1"), Unavailable(403, "No."))
    running.progress.update("tasks of workspace 1 of 2", {"project": (6, 40), "user": (0, 80)})
    running.clock.now += 30
    running.progress.update("tasks of workspace 1 of 2", {"project": (10, 40), "user": (0, 80)})
    running.display.draw()
    assert running.screen.lines == [
        "",
        "stream                  records   requests",
        "2 others                  2,000         20",
        "sections                  1,000         10",
        "tasks                     1,000         10",
        "stories                   1,000         10",
        "attachments               1,000         10",
        "time_tracking_entries     1,000         10",
        "reading tasks of workspace 1 of 2",
        "━━━━━━                   10 of 40 projects (25%), ~4 min left",
        "1:00, 7,000 records, 70 requests (70 in the last minute), 1 retries, 1 parents skipped",
    ]
    running.clock.now += 3700
    running.display.draw()
    assert "(0 in the last minute)" in running.screen.lines[-1]
    assert running.screen.lines[-1].startswith("1:02:40, ")


def test_active_streams_have_their_own_lines(running: DisplayedRun) -> None:
    """The most recently active streams are listed in reading order; all others share one line."""
    running.display.draw()
    running.clock.now += 1
    running.progress.records["users"] += 5
    running.display.draw()
    names = [line.split("  ")[0] for line in running.screen.lines[2:8]]
    assert names == ["2 others", "users", "tasks", "stories", "attachments", "time_tracking_entries"]


def test_log_lines_appear_above_the_display(running: DisplayedRun) -> None:
    """Each log line stays complete above the display, which is drawn once."""
    for number in range(60):
        running.log(f"line {number}")
        running.display.draw()
        running.clock.now += 1
    running.log("the last line")
    lines = running.screen.lines
    assert lines[:61] == [*(f"line {number}" for number in range(60)), "the last line"]
    assert sum("records   requests" in line for line in lines) == 1


def test_output_of_other_processes_is_kept(running: DisplayedRun) -> None:
    """A target's output to the same terminal between two draws is neither overwritten nor erased."""
    for number in range(60):
        running.screen.write(f"the target's line {number}\n")
        running.clock.now += 1
        running.display.draw()
        running.log(f"the tap's line {number}")
    running.display.close()
    expected = [f"the {whose}'s line {number}" for number in range(60) for whose in ("target", "tap")]
    assert running.screen.lines == expected


def test_multi_line_output_of_other_processes_is_kept(running: DisplayedRun) -> None:
    """All of a target's traceback between two draws is kept, even after the display closes."""
    running.display.draw()
    expected = [f"the target failed in line {number} of its code" for number in range(20)]
    running.screen.write("\n".join([*expected, ""]))
    running.display.close()
    assert all(line.startswith(word) for line, word in zip(running.screen.lines, expected, strict=True))


def test_closing_erases_the_display(running: DisplayedRun) -> None:
    """When the display is closed, as logging.shutdown does, only the log remains, and nothing is drawn again."""
    running.log("the run failed")
    running.display.draw()
    assert len(running.screen.lines) > 5
    running.display.close()
    running.clock.now += 1
    running.display.draw()
    running.log("and said so")
    assert running.screen.lines == ["the run failed", "and said so"]
    assert (running.screen.emulator.cursor.x, running.screen.emulator.cursor.y) == (0, 2)


def test_the_summary_is_the_last_line(
    running: DisplayedRun, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The display ends with the summary, with nothing below it (law 7)."""
    monkeypatch.setattr(counting.logger, "handlers", [running.display])
    caplog.set_level(logging.INFO, counting.logger.name)
    running.display.draw()
    running.progress.summary([])
    running.clock.now += 1
    running.display.draw()
    assert running.screen.lines[-1].startswith("done in 30 s: ")


def test_the_display_changes_no_terminal_mode(running: DisplayedRun) -> None:
    """The cursor is never hidden and no mode is changed, so that a killed run leaves the terminal usable."""
    running.display.draw()
    running.log("a line")
    assert set(re.findall(r"\x1b[^A-Za-z]*[A-Za-z]", running.screen.getvalue())) == {"\x1b[J", "\x1b[10A"}
    assert not running.screen.emulator.cursor.hidden


@pytest.mark.parametrize(("columns", "height"), [(30, 24), (79, 6), (10, 3), (100, 2), (100, 1), (1, 1)])
def test_log_lines_survive_on_small_terminals(columns: int, height: int) -> None:
    """No log line is overwritten, at any size of the terminal."""
    run = DisplayedRun(Screen(columns, height))
    run.read()
    for number in range(5):
        run.log(str(number))
        run.clock.now += 1
        run.display.draw()
    run.display.close()
    assert run.screen.lines == ["0", "1", "2", "3", "4"]


def test_a_run_in_the_background_draws_nothing(running: DisplayedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """A background run does not draw on the terminal of the foreground process; it still logs."""
    owner = [os.getpgrp() + 1]
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: owner[0])
    running.display.draw()
    running.log("a line")
    assert running.screen.lines == ["a line"]
    owner[0] -= 1
    running.display.draw()
    assert "records   requests" in running.screen.lines[2]


def test_a_closed_terminal_does_not_end_the_run(running: DisplayedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of a closed terminal are ignored."""

    def gone(*_: str) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(running.screen, "write", gone)
    running.display.draw()
    monkeypatch.setattr(running.display, "_size", gone)
    running.display.draw()
    running.display.close()


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("TTY_INTERACTIVE", "0")])
def test_a_dumb_terminal_has_no_display(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The display is off on a terminal without cursor movement."""
    monkeypatch.setenv("TERM", "xterm")
    assert create_display(logs(Screen()), Progress(RequestMetrics()))
    monkeypatch.setenv(name, value)
    assert create_display(logs(Screen()), Progress(RequestMetrics())) is None


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR the display is drawn in the terminal's own colour."""
    for name, value in {"TERM": "xterm-256color", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    run = DisplayedRun()
    run.read()
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((100, 40)))
    colours = {}
    for name in ("without", "with"):
        display = create_display(logs(screen := Screen()), run.progress)
        assert display
        display.draw()
        assert "records" in screen.getvalue()
        colours[name] = "\x1b[36m" in screen.getvalue()
        monkeypatch.delenv("NO_COLOR", raising=False)
    assert colours == {"without": False, "with": True}
