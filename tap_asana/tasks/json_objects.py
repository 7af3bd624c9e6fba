"""Splits a JSON text into its objects if they are not one per line: the elements of an array, or a row of objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tap_asana.errors import AsanaError

_token = re.compile(rb'"(?:[^"\\]+|\\.)*("?)|[{}\[\]]', re.DOTALL).search
_separators = re.compile(rb"(?:[\s,]|\xef\xbb\xbf|null)*").fullmatch

NULL = b"null"
"""An element of an array without a value."""


def iter_objects(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield each object at the top level of a text, or of the array there, and each null.

    Raises ValueError if there is anything else, or if the text is truncated; AsanaError if an object takes more than
    `max_bytes`.
    """
    splitter = _Splitter()
    for chunk in chunks:
        yield from splitter.add(chunk)
        if len(splitter.remainder) > max_bytes:
            raise AsanaError(f"A task in the export takes more than {max_bytes} bytes; nothing more is read")
    yield from splitter.end()


class _Splitter:
    """Keeps the text after the last complete object.

    `rest` is examined up to `_at`. An incomplete object starts at `_start`; separators start at `_gap`.
    """

    def __init__(self) -> None:
        self.remainder = b""
        self._at = self._depth = 0
        self._start: int | None = None
        self._gap = 0
        self._in_array = False

    def add(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the objects that a chunk completes."""
        self.remainder += chunk
        while token := _token(self.remainder, self._at):
            text = token[0]
            if text.startswith(b'"'):
                if not token[1]:
                    self._at = token.start()
                    break
                if self._start is None:
                    raise ValueError("a text instead of an object")
                self._at = token.end()
            else:
                self._at = token.end()
                yield from self._bracket(text, token.start())
        else:
            self._at = len(self.remainder)
        start = self._gap if self._start is None else self._start
        self.remainder, self._at, self._gap = self.remainder[start:], self._at - start, self._gap - start
        self._start = None if self._start is None else 0

    def _bracket(self, text: bytes, start: int) -> Iterator[bytes]:
        if self._start is None:
            yield from self._nulls(start)
            self._gap = self._at
            if text == b"{":
                self._start, self._depth = start, 1
            elif (text == b"[") is self._in_array or text == b"}":
                raise ValueError("a bracket instead of an object")
            else:
                self._in_array = not self._in_array
            return
        self._depth += 1 if text in b"{[" else -1
        if not self._depth:
            yield self.remainder[self._start : self._at]
            self._start, self._gap = None, self._at

    def _nulls(self, end: int) -> Iterator[bytes]:
        separators = self.remainder[self._gap : end]
        if not _separators(separators):
            raise ValueError("a value that is not an object")
        for _ in range(separators.count(NULL)):
            yield NULL

    def end(self) -> Iterator[bytes]:
        """Yield the nulls at the end of the text."""
        if self._start is not None or self._in_array:
            raise ValueError("the text is cut")
        yield from self._nulls(len(self.remainder))
