"""A terminal that tests look at: what stands on it after all that was written."""

from __future__ import annotations

import io

import pyte
from typing_extensions import override


class Screen(io.StringIO):
    """A terminal as a file: what is written to it is drawn."""

    def __init__(self, columns: int = 100, height: int = 40) -> None:
        """Begin empty, with the cursor in the first line."""
        super().__init__()
        self.size = (columns, height)
        self.shown = pyte.HistoryScreen(columns, height, history=1000)
        self._stream = pyte.Stream(self.shown)

    @override
    def write(self, text: str, /) -> int:
        """Draw a text, with the line ends that a terminal makes of those of a program."""
        self._stream.feed(text.replace("\r\n", "\n").replace("\n", "\r\n"))
        return super().write(text)

    @override
    def isatty(self) -> bool:
        """Say that this is a terminal."""
        return True

    @override
    def fileno(self) -> int:
        """Return a number that no system knows as a terminal's."""
        return -1

    @property
    def lines(self) -> list[str]:
        """Return all lines down to the last that holds anything, those that were scrolled away first."""
        gone = ["".join(row[column].data for column in sorted(row)) for row in self.shown.history.top]
        return "\n".join([*map(str.rstrip, gone), *map(str.rstrip, self.shown.display)]).rstrip("\n").split("\n")
