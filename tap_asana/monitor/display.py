"""What a person sees while a run lasts: a few lines below the log, drawn anew a few times a second.

Other processes write to the same terminal, the target above all. So the cursor rests above these lines, at the
beginning of an empty one: what others write stands there, and only what is below the cursor is ever erased. Nothing
else of the terminal is changed; a run that is killed leaves nothing to put right.
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

from tap_asana.monitor.progress import Progress, Snapshot
from tap_asana.monitor.terminal import Handler

REDRAW_SECONDS = 0.25
"""Seconds between two drawings."""

MAX_ROWS = 5
"""Streams that have a line of their own: those whose counts changed last. All others share one."""

MINUTE = 60.0
"""Seconds in which requests are counted, as Asana does; so it can be held against the allowance."""

BAR = 24
"""Columns of the bar."""

WIPE = "\x1b[J"
"""Erases what is below the cursor, and behind it in its line."""

Size: TypeAlias = tuple[int, int]
Counts: TypeAlias = tuple[int, int]


class Display(logging.Handler):
    """Shows how a run stands, in the place of the handler that logs to the terminal; that one writes above it.

    It ends with the run's progress or when logging is shut down, whichever comes first.
    """

    def __init__(self, behind: Handler, progress: Progress, view: View, size: Callable[[], Size]) -> None:
        """Show nothing yet; `size` gives columns and lines of the terminal."""
        super().__init__()
        self._behind = behind
        self._progress = progress
        self._view = view
        self._size = size
        self._over = False
        self._frame = ""
        self._shown = False
        self._drawing = threading.Thread(target=self._draw_on, name="display", daemon=True)

    def start(self) -> None:
        """Take the handler's place, and draw from now on."""
        root = logging.getLogger()
        root.removeHandler(self._behind)
        root.addHandler(self)
        self._drawing.start()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Have the line written where the cursor is, and the display below it."""
        self._wipe()
        self._behind.handle(record)
        self._show()

    @override
    def flush(self) -> None:
        """Flush what was logged."""
        self._behind.flush()

    @override
    def close(self) -> None:
        """Leave the terminal as if nothing but the log had been there."""
        self.acquire()
        try:
            self._over = True
            self._wipe()
        finally:
            self.release()
        super().close()

    def draw(self) -> None:
        """Show how the run stands now."""
        try:
            size = self._size()
        except OSError:  # the terminal was closed
            return
        frame = placed(self._view.lines(self._progress.snapshot(), size))
        self.acquire()
        try:
            if frame != self._frame or not self._shown:
                self._frame = frame
                self._wipe()
                self._show()
        finally:
            self.release()

    def _draw_on(self) -> None:
        while not self._over and not self._progress.ended.wait(REDRAW_SECONDS):
            self.draw()

    def _show(self) -> None:
        if not self._over and not self._progress.ended.is_set() and self._is_in_front():
            self._write(self._frame)
            self._shown = bool(self._frame)

    def _wipe(self) -> None:
        if self._shown:
            self._shown = False
            self._write(WIPE)

    def _is_in_front(self) -> bool:
        """Tell whether the terminal is this run's, and not that of a shell that it runs behind."""
        with suppress(AttributeError, OSError):  # Windows has no such groups, and not every terminal has a shell
            return os.tcgetpgrp(self._behind.stream.fileno()) == os.getpgrp()
        return True

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the terminal was closed, so that nobody watches any more
            self._behind.stream.write(text)
            self._behind.stream.flush()


def placed(lines: list[str]) -> str:
    """Return what writes the lines below the cursor, and puts it back."""
    return "".join(f"\n{line}" for line in lines) + f"\x1b[{len(lines)}A\r" if lines else ""


class View:
    """How a run looks in lines of a terminal."""

    def __init__(self, console: Console) -> None:
        """Begin to watch; the console says which colours and letters there may be."""
        self._console = console
        self._requests: deque[tuple[float, int]] = deque([(0.0, 0)])
        self._counts: dict[str, Counts] = {}
        self._changed: dict[str, float] = {}

    def lines(self, look: Snapshot, size: Size) -> list[str]:
        """Return the lines, each narrower than the terminal; of a low terminal, those that fit."""
        columns, height = size
        self._console.width = max(columns - 1, 1)
        with self._console.capture() as captured:
            self._console.print(self._whole(look))
        lines = captured.get().splitlines()
        return lines[max(len(lines) - height + 2, 0) :]

    def _whole(self, look: Snapshot) -> RenderableType:
        self._note(look)
        return Group(self._table(), *_stretch(look), Text(", ".join(self._sums(look)), style="dim"))

    def _note(self, look: Snapshot) -> None:
        """Keep the counts, and when each of them changed."""
        for name in dict.fromkeys(chain(look.metrics, look.records)):
            requests = look.metrics[name].requests if name in look.metrics else 0
            counts = look.records.get(name, 0), requests
            if self._counts.get(name) != counts:
                self._counts[name], self._changed[name] = counts, look.seconds

    def _table(self) -> Table:
        """Return records and requests of the streams that are being read, and of all others as one."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        table.add_column("stream", no_wrap=True, overflow="crop")
        table.add_column("records", justify="right")
        table.add_column("requests", justify="right")
        latest = sorted(self._counts, key=lambda name: self._changed[name])[-MAX_ROWS:]
        others = [counts for name, counts in self._counts.items() if name not in latest]
        if others:
            table.add_row(f"{len(others)} others", *(f"{sum(column):,}" for column in zip(*others, strict=True)))
        for name, counts in self._counts.items():
            if name in latest:
                table.add_row(name, *(f"{count:,}" for count in counts))
        return table

    def _sums(self, look: Snapshot) -> Iterator[str]:
        metrics = look.metrics.values()
        requests = sum(tally.requests for tally in metrics)
        yield _time(look.seconds)
        yield f"{sum(look.records.values()):,} records"
        yield f"{requests:,} requests ({self._lately(look.seconds, requests):,} in the last minute)"
        for words, count in (
            ("retries", sum(tally.retries for tally in metrics)),
            ("parents skipped", sum(sum(tally.skipped_by_status.values()) for tally in metrics)),
        ):
            if count:
                yield f"{count:,} {words}"

    def _lately(self, seconds: float, requests: int) -> int:
        """Return how many requests left within the last minute."""
        self._requests.append((seconds, requests))
        while self._requests[0][0] < seconds - MINUTE:
            self._requests.popleft()
        return requests - self._requests[0][1]


def _stretch(look: Snapshot) -> Iterator[RenderableType]:
    """Yield what is being read, and as far as it is known how much of it, and when the rest will be."""
    stretch = look.stretch
    if stretch.what:
        yield Text(f"reading {stretch.what}")
    if stretch.kind:
        line = Table.grid(padding=(0, 1, 0, 0))
        done = f"{stretch.done:,} of {stretch.total:,} {stretch.kind.replace('_', ' ')}s"
        rest = f", {_about(look.left)}" if look.left is not None else ""
        bar = ProgressBar(total=stretch.total, completed=stretch.done, width=BAR, complete_style="cyan")
        line.add_row(bar, f"{done} ({stretch.done / stretch.total:.0%}){rest}")
        yield line


def _about(seconds: float) -> str:
    """Return roughly how long the rest takes: no more exactly than it is known."""
    minutes = -int(-seconds // 60)
    if minutes <= 1:
        return "at this pace a minute more"
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return f"at this pace {minutes} minutes more"
    return f"at this pace {seconds / 3600:.1f} hours more"


def _time(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def create_display(behind: Handler, progress: Progress) -> Display | None:
    """Return a display on the handler's terminal, unless that one moves no cursor."""
    console = Console(file=behind.stream)
    if console.legacy_windows or console.is_dumb_terminal or not console.is_interactive:
        return None
    return Display(behind, progress, View(console), lambda: os.get_terminal_size(behind.stream.fileno()))
