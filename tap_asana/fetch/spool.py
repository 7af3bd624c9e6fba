"""Pages that wait on disk, so that memory does not hold what a slow target has not taken yet."""

from __future__ import annotations

import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import IO

import msgspec

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page
from tap_asana.errors import AsanaError

SEGMENT_BYTES = 64 * 1024 * 1024
"""Bytes after which a new file begins; a file goes when all of its pages were taken."""

_decode = msgspec.json.Decoder(list[Record]).decode


@dataclass(slots=True, eq=False)
class _Segment:
    """One file without a name, and how many of its pages wait."""

    file: IO[bytes]
    waiting: int = 0

    def __del__(self) -> None:
        """Close the file when nobody can ask for its pages any more: a run may end before they are taken."""
        with suppress(OSError):  # of a full disk, which was told
            self.file.close()


@dataclass(frozen=True, slots=True)
class Spooled:
    """A page without its records, and where they are."""

    page: Page
    segment: _Segment
    start: int
    size: int


class Spool:
    """Puts pages away and brings each back once; any thread may do either."""

    def __init__(self, segment: int = SEGMENT_BYTES) -> None:
        """Open no file yet; `segment` is the size of a file in bytes."""
        self._size = segment
        self._lock = threading.Lock()
        self._segment: _Segment | None = None

    def put(self, page: Page) -> Spooled:
        """Put a page away; raises AsanaError where the disk is full."""
        records = msgspec.json.encode(page.records)
        try:
            return self._put(page, records)
        except OSError as error:
            raise AsanaError(f"What a slow target leaves cannot wait on the disk: {error.strerror}") from error

    def _put(self, page: Page, records: bytes) -> Spooled:
        with self._lock:
            segment = self._segment
            if segment is None:
                # The file has no name, so that nothing of it is left when the process is killed.
                file = tempfile.TemporaryFile(prefix="tap-asana-")  # noqa: SIM115 - closed with its last page
                segment = self._segment = _Segment(file)
            start = segment.file.seek(0, 2)
            segment.file.write(records)
            segment.file.flush()
            segment.waiting += 1
            if start + len(records) >= self._size:
                self._segment = None
        return Spooled(replace(page, records=[]), segment, start, len(records))

    def take(self, spooled: Spooled) -> Page:
        """Bring a page back."""
        segment = spooled.segment
        with self._lock:
            segment.file.seek(spooled.start)
            records = segment.file.read(spooled.size)
            segment.waiting -= 1
            if not segment.waiting:
                segment.file.close()
                self._segment = None if segment is self._segment else self._segment
        return replace(spooled.page, records=_decode(records))
