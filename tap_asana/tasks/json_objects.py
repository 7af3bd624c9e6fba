"""The objects of a JSON text that are not a line each: those of one array, or several without anything between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tap_asana.errors import AsanaError

_token = re.compile(rb'"(?:[^"\\]+|\\.)*("?)|[{}\[\]]', re.DOTALL).search
_between = re.compile(rb"(?:[\s,]|\xef\xbb\xbf|null)*").fullmatch

NULL = b"null"
"""An element of an array that holds nothing."""


def objects(pieces: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """Yield each object at the top of the text that these pieces are, or of the array there, and each null.

    Raises ValueError where there is anything else, or where the text is cut; AsanaError where an object takes more than
    `longest` bytes.
    """
    split = _Splitter()
    for piece in pieces:
        yield from split.add(piece)
        if len(split.held) > longest:
            raise AsanaError(f"A task in the export takes more than {longest} bytes; nothing more is read")
    yield from split.end()


class _Splitter:
    """Keeps what is not an object yet: from `begin` on, if one has begun, looked at up to `at`."""

    def __init__(self) -> None:
        self.held = b""
        self._at = self._depth = 0
        self._begin: int | None = None
        self._gap = 0
        self._in_array = False

    def add(self, piece: bytes) -> Iterator[bytes]:
        """Yield the objects that a piece ends."""
        self.held += piece
        while token := _token(self.held, self._at):
            text = token[0]
            if text.startswith(b'"'):
                if not token[1]:
                    self._at = token.start()
                    break
                if self._begin is None:
                    raise ValueError("a text where an object belongs")
                self._at = token.end()
            else:
                self._at = token.end()
                yield from self._bracket(text, token.start())
        else:
            self._at = len(self.held)
        kept = self._gap if self._begin is None else self._begin
        self.held, self._at, self._gap = self.held[kept:], self._at - kept, self._gap - kept
        self._begin = None if self._begin is None else 0

    def _bracket(self, text: bytes, start: int) -> Iterator[bytes]:
        if self._begin is None:
            yield from self._nulls(start)
            self._gap = self._at
            if text == b"{":
                self._begin, self._depth = start, 1
            elif (text == b"[") is self._in_array or text == b"}":
                raise ValueError("a bracket where an object belongs")
            else:
                self._in_array = not self._in_array
            return
        self._depth += 1 if text in b"{[" else -1
        if not self._depth:
            yield self.held[self._begin : self._at]
            self._begin, self._gap = None, self._at

    def _nulls(self, end: int) -> Iterator[bytes]:
        between = self.held[self._gap : end]
        if not _between(between):
            raise ValueError("something else where an object belongs")
        for _ in range(between.count(NULL)):
            yield NULL

    def end(self) -> Iterator[bytes]:
        """Yield the nulls that stand last."""
        if self._begin is not None or self._in_array:
            raise ValueError("the text is cut")
        yield from self._nulls(len(self.held))
