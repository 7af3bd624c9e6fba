"""A terminal emulator: the visible lines after all output."""

from __future__ import annotations

import io

import pyte
from typing_extensions import override


class Screen(io.StringIO):
    """A terminal as a file: written text is drawn."""

    def __init__(self, columns: int = 100, height: int = 40) -> None:
        """Start empty, with the cursor in the first line."""
        super().__init__()
        self.size = (columns, height)
        self.emulator = pyte.HistoryScreen(columns, height, history=1000)
        self._stream = pyte.Stream(self.emulator)

    @override
    def write(self, text: str, /) -> int:
        """Draw a text, with line ends converted as by a terminal."""
        self._stream.feed(text.replace("\r\n", "\n").replace("\n", "\r\n"))
        return super().write(text)

    @override
    def isatty(self) -> bool:
        """Report that this is a terminal."""
        return True

    @override
    def fileno(self) -> int:
        """Return a number outside the range of terminals."""
        return -1

    @property
    def lines(self) -> list[str]:
        """Return all lines up to the last non-empty one, starting with those scrolled away."""
        gone = ["".join(row[column].data for column in sorted(row)) for row in self.emulator.history.top]
        return "\n".join([*map(str.rstrip, gone), *map(str.rstrip, self.emulator.display)]).rstrip("\n").split("\n")
