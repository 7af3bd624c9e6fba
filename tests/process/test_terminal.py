"""The real command at a terminal: its display comes, goes in every way that a run ends, and is nowhere else."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ
from typing import IO, TextIO

import pytest
import requests
from clock import PATIENCE
from singer_sdk.logging import ConsoleFormatter, StructuredFormatter
from terminal_emulator import Screen

from scripts.pipeline import control, served
from tap_asana.monitor.terminal import interactive_handler

SIZE = (150, 400)
"""Columns and lines of the terminal: all of a run stands on it."""

WORLD = ("--workspaces", "1", "--tasks", "200", "--projects", "10", "--latency", "15")
SLOW = {"TAP_ASANA_MAX_CONCURRENCY": "4"}
SHOWN = "in the last minute"


@dataclass
class Terminal:
    """A terminal with a process at it."""

    process: subprocess.Popen[bytes]
    screen: Screen
    shown: threading.Event = field(default_factory=threading.Event)

    def follow(self, end: int) -> None:
        """Draw the output until the terminal is closed, and note whether the display was visible."""
        decoder = getincrementaldecoder("utf-8")()
        while True:
            try:
                written = os.read(end, 65536)
            except OSError:  # Linux: the other end was closed
                return
            if not written:
                return
            self.screen.write(decoder.decode(written))
            if SHOWN in self.screen.getvalue():
                self.shown.set()


@contextmanager
def terminal(command: list[str | Path], stdout: int | IO[bytes], **variables: str) -> Iterator[Terminal]:
    """Run the command with its log on a terminal; at the end all that it wrote there was read."""
    left_out = ("TAP_ASANA_", "CI", "NO_COLOR", "TERM", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    ours, theirs = os.openpty()
    ioctl(theirs, TIOCSWINSZ, pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    environment = {**kept, "NO_PROXY": "127.0.0.1", "TERM": "xterm-256color", **variables}
    with subprocess.Popen(command, env=environment, stdout=stdout, stderr=theirs) as process:
        os.close(theirs)
        display = Terminal(process, Screen(*SIZE))
        follower = threading.Thread(target=display.follow, args=(ours,), daemon=True)
        follower.start()
        try:
            yield display
        finally:
            process.kill()
            follower.join(PATIENCE)
            os.close(ours)


def tap(address: str) -> dict[str, str]:
    """Return the variables that the tap is run with."""
    return {"TAP_ASANA_ACCESS_TOKEN": "0/fake", "TAP_ASANA_API_URL": address, **SLOW}


COMMAND: list[str | Path] = [sys.executable, "-m", "tap_asana", "--config", "ENV"]


def messages(screen: Screen) -> list[str]:
    """Return the messages of the lines on the screen; each must be a line of the log."""
    lines = "".join(line.ljust(SIZE[0]) for line in screen.lines)
    parts = re.split(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \| ", lines)
    assert not parts[0].strip()
    return [part.split("|", 2)[2].strip() for part in parts[1:]]


def test_a_run_at_a_terminal(tmp_path: Path) -> None:
    """The display comes and goes; the summary is the last line, and no word of people was shown (laws 7, 9)."""
    output = tmp_path / "out.jsonl"
    with (
        served(*WORLD) as address,
        output.open("wb") as stdout,
        terminal(COMMAND, stdout, **tap(address)) as display,
    ):
        assert display.process.wait() == 0
        truth = {
            kind: requests.get(control(address, f"truth/{kind}"), timeout=60).json() for kind in ("tasks", "users")
        }
    assert display.shown.is_set()
    assert "reading tasks" in display.screen.getvalue()
    assert re.search(r"\d+ of \d+ projects \(\d+%\)", display.screen.getvalue())
    log_lines = messages(display.screen)
    assert [line for line in log_lines if line.startswith("done in")] == log_lines[-1:]
    assert SHOWN not in "".join(display.screen.lines)
    assert {json.loads(line)["type"] for line in output.read_text(encoding="utf-8").splitlines()} == {
        "SCHEMA",
        "RECORD",
        "STATE",
    }
    words = {row[name] for rows in truth.values() for row in rows for name in ("name", "email") if row.get(name)}
    assert not [word for word in words if len(word) > 5 and word in display.screen.getvalue()]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_terminated_run_leaves_the_terminal_clean(number: int, code: int) -> None:
    """Ctrl-C and SIGTERM leave only the log, with the line about the signal at the end."""
    assert ended(lambda display: display.process.send_signal(number), code) == (
        "Run terminated by a signal. The next run resumes from the last STATE."
    )


def test_a_run_whose_target_went_away_leaves_the_terminal_as_it_was() -> None:
    """A target that dies ends the display too."""

    def close(display: Terminal) -> None:
        assert display.process.stdout
        display.process.stdout.close()

    assert (
        ended(close, 1, drain=False) == "The target closed the pipe; records after the last STATE will be sent again."
    )


def test_a_failed_run_leaves_the_terminal_clean() -> None:
    """A refusal by Asana ends the display, and is the last line."""
    with (
        served("--tasks", "1", "--projects", "1", "--latency", "1000") as address,
        terminal(COMMAND, subprocess.DEVNULL, **{**tap(address), "TAP_ASANA_ACCESS_TOKEN": "0/nobody"}) as display,
    ):
        assert display.process.wait() == 1
    assert display.shown.is_set()
    assert SHOWN not in "".join(display.screen.lines)
    assert messages(display.screen)[-1].startswith("Asana rejected the access token (401)")


def ended(action: Callable[[Terminal], None], code: int, *, drain: bool = True) -> str:
    """Apply an action to a run as soon as its display is visible; return the last line of its log."""
    with served(*WORLD) as address, terminal(COMMAND, subprocess.PIPE, **tap(address)) as display:
        output = display.process.stdout
        assert output
        if drain:
            threading.Thread(target=output.read, daemon=True).start()
        assert display.shown.wait(PATIENCE)
        action(display)
        assert display.process.wait(PATIENCE) == code
    assert SHOWN not in "".join(display.screen.lines)
    assert not display.screen.emulator.cursor.hidden
    return messages(display.screen)[-1]


def test_a_run_without_a_terminal_has_no_display() -> None:
    """With stderr in a pipe there are only log lines, and the display is not imported."""
    command = [sys.executable, "-X", "importtime", *COMMAND[1:]]
    with served("--tasks", "20", "--projects", "2", "--latency", "5") as address:
        ended = subprocess.run(
            command, env={**os.environ, **tap(address)}, capture_output=True, text=True, check=True, timeout=60
        )
    imported = {line.split("|")[-1].strip() for line in ended.stderr.splitlines() if line.startswith("import time:")}
    assert "tap_asana.monitor.progress" in imported
    assert not {name for name in imported if name.split(".")[0] == "rich"}
    assert "\x1b" not in ended.stderr
    assert "done in" in ended.stderr.splitlines()[-1]


def test_a_terminal_without_a_cursor_gets_lines_only() -> None:
    """TERM=dumb turns the display off."""
    with (
        served("--tasks", "20", "--projects", "2", "--latency", "15") as address,
        terminal(COMMAND, subprocess.DEVNULL, **tap(address), TERM="dumb") as display,
    ):
        assert display.process.wait() == 0
    assert "\x1b" not in display.screen.getvalue()
    assert messages(display.screen)[-1].startswith("done in")


def handler(stream: TextIO, formatter: logging.Formatter) -> logging.Handler:
    """Return a handler as the SDK sets it up."""
    made: logging.StreamHandler[TextIO] = logging.StreamHandler(stream)
    made.setFormatter(formatter)
    return made


def test_an_interactive_terminal_is_detected() -> None:
    """The display needs a log on a terminal and records that go elsewhere."""
    errors, output = Screen(), io.StringIO()
    shown = handler(errors, ConsoleFormatter())
    handlers = [logging.NullHandler(), handler(output, ConsoleFormatter()), shown]
    assert interactive_handler({"TERM": "xterm", "CI": ""}, output, errors, handlers) is shown
    assert interactive_handler({}, output, errors, handlers) is shown


@pytest.mark.parametrize(
    "environment", [{"TERM": "dumb"}, {"TERM": "unknown"}, {"CI": "true"}, {"SINGER_SDK_LOG_CONFIG": "logging.yaml"}]
)
def test_an_environment_without_a_person(environment: Mapping[str, str]) -> None:
    """Terminals that cannot be drawn on, builds, and logs of an own making have no display."""
    errors = Screen()
    assert interactive_handler(environment, io.StringIO(), errors, [handler(errors, ConsoleFormatter())]) is None


def test_other_outputs_have_no_display() -> None:
    """The display is off if records go to the terminal, the logs are structured, or the logs go elsewhere."""
    errors, other = Screen(), io.StringIO()
    plain = ConsoleFormatter()
    assert interactive_handler({}, Screen(), errors, [handler(errors, plain)]) is None
    assert interactive_handler({}, other, errors, [handler(errors, StructuredFormatter())]) is None
    assert interactive_handler({}, other, errors, [handler(other, plain)]) is None
    assert interactive_handler({}, other, other, [handler(other, plain)]) is None
