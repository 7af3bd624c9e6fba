"""What a person sees while a run lasts, and what is left of it on the terminal: the log and nothing else."""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Iterator

import pytest
from clock import Clock
from rich.console import Console
from screen import Screen

from tap_asana.api.metrics import RequestMetrics
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.monitor import progress as counting
from tap_asana.monitor.display import Display, View, create_display
from tap_asana.monitor.progress import Progress
from tap_asana.monitor.terminal import Handler

STREAMS = ("users", "teams", "sections", "tasks", "stories", "attachments", "time_tracking_entries")


def logs(screen: Screen) -> Handler:
    """Return what logs to a screen."""
    return logging.StreamHandler(screen)


class Watched:
    """A run that has come some way, on a screen."""

    def __init__(self, screen: Screen | None = None) -> None:
        """Read tasks under projects, with some of everything counted."""
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
def watched() -> Iterator[Watched]:
    """Watch a run that has read something, half a minute ago."""
    run = Watched()
    run.read()
    run.clock.now += 30
    yield run
    run.display.close()


def test_a_person_sees_counts_rate_share_and_what_is_left(watched: Watched) -> None:
    """Records and requests by stream, requests of the last minute, the share done, and when the rest will be."""
    watched.metrics.record_retry("tasks")
    watched.metrics.record_skip(Request("stories", "/tasks/1/stories", workspace="1"), Unavailable(403, "No."))
    watched.progress.update("tasks of workspace 1 of 2", {"project": (6, 40), "user": (0, 80)})
    watched.clock.now += 30
    watched.progress.update("tasks of workspace 1 of 2", {"project": (10, 40), "user": (0, 80)})
    watched.display.draw()
    assert watched.screen.lines == [
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
    watched.clock.now += 3700
    watched.display.draw()
    assert "(0 in the last minute)" in watched.screen.lines[-1]
    assert watched.screen.lines[-1].startswith("1:02:40, ")


def test_the_streams_that_are_read_have_lines_of_their_own(watched: Watched) -> None:
    """Whatever came last stands there, in the order of reading; all others are one line."""
    watched.display.draw()
    watched.clock.now += 1
    watched.progress.records["users"] += 5
    watched.display.draw()
    names = [line.split("  ")[0] for line in watched.screen.lines[2:8]]
    assert names == ["2 others", "users", "tasks", "stories", "attachments", "time_tracking_entries"]


def test_lines_of_the_log_stand_above(watched: Watched) -> None:
    """Each line that is logged stays whole above the display, which is there once."""
    for number in range(60):
        watched.log(f"line {number}")
        watched.display.draw()
        watched.clock.now += 1
    watched.log("the last line")
    lines = watched.screen.lines
    assert lines[:61] == [*(f"line {number}" for number in range(60)), "the last line"]
    assert sum("records   requests" in line for line in lines) == 1


def test_lines_of_other_processes_stay(watched: Watched) -> None:
    """What a target writes to the same terminal between two drawings is neither drawn over nor erased."""
    for number in range(60):
        watched.screen.write(f"the target's line {number}\n")
        watched.clock.now += 1
        watched.display.draw()
        watched.log(f"the tap's line {number}")
    watched.display.close()
    told = [f"the {whose}'s line {number}" for number in range(60) for whose in ("target", "tap")]
    assert watched.screen.lines == told


def test_several_lines_at_once_stay_too(watched: Watched) -> None:
    """Of a traceback that a target writes between two drawings every word is there, also after the end."""
    watched.display.draw()
    words = [f"the target failed in line {number} of its code" for number in range(20)]
    watched.screen.write("\n".join([*words, ""]))
    watched.display.close()
    assert all(line.startswith(word) for line, word in zip(watched.screen.lines, words, strict=True))


def test_nothing_is_left_when_logging_ends(watched: Watched) -> None:
    """When the display is closed, as logging.shutdown does, only the log stands there, and nothing is drawn again."""
    watched.log("the run failed")
    watched.display.draw()
    assert len(watched.screen.lines) > 5
    watched.display.close()
    watched.clock.now += 1
    watched.display.draw()
    watched.log("and said so")
    assert watched.screen.lines == ["the run failed", "and said so"]
    assert (watched.screen.shown.cursor.x, watched.screen.shown.cursor.y) == (0, 2)


def test_the_summary_is_the_last_line(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The display ends with the summary, below which nothing stands (law 7)."""
    monkeypatch.setattr(counting.logger, "handlers", [watched.display])
    caplog.set_level(logging.INFO, counting.logger.name)
    watched.display.draw()
    watched.progress.summary([])
    watched.clock.now += 1
    watched.display.draw()
    (line, *_) = watched.screen.lines
    assert line.startswith("done in 30 s: users 1000 records")
    assert "".join(watched.screen.lines).endswith("time_tracking_entries 1000 records, 10 requests, 0 retries")


def test_nothing_but_the_cursor_is_moved(watched: Watched) -> None:
    """The cursor is never hidden and no mode changed, so that a run that is killed leaves nothing to put right."""
    watched.display.draw()
    watched.log("a line")
    assert set(re.findall(r"\x1b[^A-Za-z]*[A-Za-z]", watched.screen.getvalue())) == {"\x1b[J", "\x1b[10A"}
    assert not watched.screen.shown.cursor.hidden


@pytest.mark.parametrize(("columns", "height"), [(30, 24), (79, 6), (10, 3), (100, 2), (100, 1), (1, 1)])
def test_a_small_terminal_is_not_overrun(columns: int, height: int) -> None:
    """However small the terminal is, a line of the log is never drawn over."""
    run = Watched(Screen(columns, height))
    run.read()
    for number in range(5):
        run.log(str(number))
        run.clock.now += 1
        run.display.draw()
    run.display.close()
    assert run.screen.lines == ["0", "1", "2", "3", "4"]


def test_a_run_in_the_background_draws_nothing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that a shell has put behind leaves the terminal to what is before it; its log goes on."""
    owner = [os.getpgrp() + 1]
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: owner[0])
    watched.display.draw()
    watched.log("a line")
    assert watched.screen.lines == ["a line"]
    owner[0] -= 1
    watched.display.draw()
    assert "records   requests" in watched.screen.lines[2]


def test_a_terminal_that_was_closed_ends_nothing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that takes nothing any more is no reason for a run to fail."""

    def gone(*_: str) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(watched.screen, "write", gone)
    watched.display.draw()
    monkeypatch.setattr(watched.display, "_size", gone)
    watched.display.draw()
    watched.display.close()


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("TTY_INTERACTIVE", "0")])
def test_a_terminal_without_a_cursor_shows_none(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the terminal cannot be drawn on, there is no display."""
    monkeypatch.setenv("TERM", "xterm")
    assert create_display(logs(Screen()), Progress(RequestMetrics()))
    monkeypatch.setenv(name, value)
    assert create_display(logs(Screen()), Progress(RequestMetrics())) is None


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR the display is there, in the terminal's own colour."""
    for name, value in {"TERM": "xterm-256color", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    run = Watched()
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
