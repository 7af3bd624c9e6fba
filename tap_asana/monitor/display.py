"""The live display of a run: a few lines below the log, redrawn four times a second.

Other processes, such as the target, write to the same terminal. The cursor therefore rests above the display, at the
start of an empty line, for their output; only the text below the cursor is ever erased. No other state of the
terminal is changed, so a killed run leaves nothing to restore.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TypeAlias

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from typing_extensions import override

from tap_asana.monitor.progress import Progress, ProgressSnapshot
from tap_asana.monitor.terminal import Handler

REDRAW_SECONDS = 0.25

MAX_STREAM_ROWS = 5
"""Streams with a row of their own: those whose counts changed last. All others share one row."""

RATE_WINDOW_SECONDS = 60.0
"""Period over which requests are counted; Asana's rate limit counts by the minute too."""

BAR_COLUMNS = 24

ERASE_BELOW = "\x1b[J"
"""Erases the rest of the cursor's line and all lines below it."""

Size: TypeAlias = tuple[int, int]
Counts: TypeAlias = tuple[int, int]


class Display(logging.Handler):
    """Shows the progress of a run below the log, standing in for the terminal's log handler, which it writes through.

    It ends with the run's progress or when logging is shut down.
    """

    def __init__(self, log_handler: Handler, progress: Progress, view: View, size: Callable[[], Size]) -> None:
        """Show nothing yet; `size` returns the columns and lines of the terminal."""
        super().__init__()
        self._log_handler = log_handler
        self._progress = progress
        self._view = view
        self._size = size
        self._closed = False
        self._frame = ""
        self._visible = False
        self._thread = threading.Thread(target=self._redraw, name="display", daemon=True)

    def start(self) -> None:
        """Replace the log handler and start drawing."""
        root = logging.getLogger()
        root.removeHandler(self._log_handler)
        root.addHandler(self)
        self._thread.start()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Write the log line at the cursor, and the display below it."""
        self._erase()
        self._log_handler.handle(record)
        self._show()

    @override
    def flush(self) -> None:
        """Flush the log handler."""
        self._log_handler.flush()

    @override
    def close(self) -> None:
        """Erase the display, so that only the log remains on the terminal."""
        self.acquire()
        try:
            self._closed = True
            self._erase()
        finally:
            self.release()
        super().close()

    def draw(self) -> None:
        """Draw the current state of the run, if it has changed."""
        try:
            size = self._size()
        except OSError:  # the terminal was closed
            return
        frame = frame_of(self._view.lines(self._progress.snapshot(), size))
        self.acquire()
        try:
            if frame != self._frame or not self._visible:
                self._frame = frame
                self._erase()
                self._show()
        finally:
            self.release()

    def _redraw(self) -> None:
        while not self._closed and not self._progress.end_of_run.wait(REDRAW_SECONDS):
            self.draw()

    def _show(self) -> None:
        if not self._closed and not self._progress.end_of_run.is_set() and self._is_in_foreground():
            self._write(self._frame)
            self._visible = bool(self._frame)

    def _erase(self) -> None:
        if self._visible:
            self._visible = False
            self._write(ERASE_BELOW)

    def _is_in_foreground(self) -> bool:
        """Return whether this process group owns the terminal, as opposed to a job in the background of a shell."""
        with suppress(AttributeError, OSError):  # Windows has no process groups, and not every terminal has a shell
            return os.tcgetpgrp(self._log_handler.stream.fileno()) == os.getpgrp()
        return True

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the terminal was closed
            self._log_handler.stream.write(text)
            self._log_handler.stream.flush()


def frame_of(lines: list[str]) -> str:
    """Return the text that writes lines below the cursor and moves the cursor back."""
    return "".join(f"\n{line}" for line in lines) + f"\x1b[{len(lines)}A\r" if lines else ""


class View:
    """Renders snapshots of a run as lines of text."""

    def __init__(self, console: Console) -> None:
        """Render for a console, which knows the colours and characters that the terminal supports."""
        self._console = console
        self._requests: deque[tuple[float, int]] = deque([(0.0, 0)])
        self._counts: dict[str, Counts] = {}
        self._last_change: dict[str, float] = {}

    def lines(self, snapshot: ProgressSnapshot, size: Size) -> list[str]:
        """Return the lines, each narrower than the terminal, and only as many from the bottom as fit."""
        columns, height = size
        self._console.width = max(columns - 1, 1)
        with self._console.capture() as captured:
            self._console.print(self._render(snapshot))
        lines = captured.get().splitlines()
        return lines[max(len(lines) - height + 2, 0) :]

    def _render(self, snapshot: ProgressSnapshot) -> RenderableType:
        self._update(snapshot)
        return Group(self._table(), *_phase_lines(snapshot), Text(", ".join(self._totals(snapshot)), style="dim"))

    def _update(self, snapshot: ProgressSnapshot) -> None:
        """Store the counts of each stream and the time of their last change."""
        for name in dict.fromkeys(chain(snapshot.metrics, snapshot.records)):
            requests = snapshot.metrics[name].requests if name in snapshot.metrics else 0
            counts = snapshot.records.get(name, 0), requests
            if self._counts.get(name) != counts:
                self._counts[name], self._last_change[name] = counts, snapshot.seconds

    def _table(self) -> Table:
        """Return a row for each stream that changed last, and one for all others together."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        table.add_column("stream", no_wrap=True, overflow="crop")
        table.add_column("records", justify="right")
        table.add_column("requests", justify="right")
        latest = sorted(self._counts, key=lambda name: self._last_change[name])[-MAX_STREAM_ROWS:]
        other_counts = [counts for name, counts in self._counts.items() if name not in latest]
        if other_counts:
            table.add_row(
                f"{len(other_counts)} others", *(f"{sum(column):,}" for column in zip(*other_counts, strict=True))
            )
        for name, counts in self._counts.items():
            if name in latest:
                table.add_row(name, *(f"{count:,}" for count in counts))
        return table

    def _totals(self, snapshot: ProgressSnapshot) -> Iterator[str]:
        metrics = snapshot.metrics.values()
        requests = sum(stream_metrics.requests for stream_metrics in metrics)
        yield _elapsed(snapshot.seconds)
        yield f"{sum(snapshot.records.values()):,} records"
        yield f"{requests:,} requests ({self._in_last_minute(snapshot.seconds, requests):,} in the last minute)"
        for noun, count in (
            ("retries", sum(stream_metrics.retries for stream_metrics in metrics)),
            ("parents skipped", sum(sum(stream_metrics.skipped_by_status.values()) for stream_metrics in metrics)),
        ):
            if count:
                yield f"{count:,} {noun}"

    def _in_last_minute(self, seconds: float, requests: int) -> int:
        """Return the number of requests sent in the last minute."""
        self._requests.append((seconds, requests))
        while self._requests[0][0] < seconds - RATE_WINDOW_SECONDS:
            self._requests.popleft()
        return requests - self._requests[0][1]


def _phase_lines(snapshot: ProgressSnapshot) -> Iterator[RenderableType]:
    """Yield the current phase, and if its size is known, the share done and the time left."""
    phase = snapshot.phase
    if phase.description:
        yield Text(f"reading {phase.description}")
    if phase.kind:
        line = Table.grid(padding=(0, 1, 0, 0))
        done = f"{phase.done:,} of {phase.total:,} {phase.kind.replace('_', ' ')}s"
        time_left = f", {_time_left(snapshot.seconds_left)}" if snapshot.seconds_left is not None else ""
        bar = ProgressBar(total=phase.total, completed=phase.done, width=BAR_COLUMNS, complete_style="cyan")
        line.add_row(bar, f"{done} ({phase.done / phase.total:.0%}){time_left}")
        yield line


def _time_left(seconds: float) -> str:
    minutes = max(1, -int(-seconds // 60))
    return f"~{minutes} min left" if minutes < 60 else f"~{seconds / 3600:.1f} h left"  # noqa: PLR2004 - one hour


def _elapsed(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def create_display(log_handler: Handler, progress: Progress) -> Display | None:
    """Return a display on the handler's terminal, or None if that terminal cannot move its cursor."""
    console = Console(file=log_handler.stream)
    if console.legacy_windows or console.is_dumb_terminal or not console.is_interactive:
        return None
    return Display(log_handler, progress, View(console), lambda: os.get_terminal_size(log_handler.stream.fileno()))
