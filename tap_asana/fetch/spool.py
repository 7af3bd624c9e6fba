"""Pages on disk: they wait there for a slow target, so that memory stays flat."""

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
"""Size after which a new file is started; a file is deleted when all its pages are taken."""

_decode_records = msgspec.json.Decoder(list[Record]).decode


@dataclass(slots=True, eq=False)
class _Segment:
    """A file without a name, and the number of pages that wait in it."""

    file: IO[bytes]
    page_count: int = 0

    def __del__(self) -> None:
        """Close the file when no page can be taken any more: a run may end with pages in it."""
        with suppress(OSError):  # of a full disk, which was reported
            self.file.close()


@dataclass(frozen=True, slots=True)
class Spooled:
    """A page without its records, and their place on disk."""

    page: Page
    segment: _Segment
    start: int
    size: int


class Spool:
    """Keeps pages on disk until each is taken once; any thread may do either."""

    def __init__(self, segment: int = SEGMENT_BYTES) -> None:
        """Open no file yet; `segment` is the size of a file in bytes."""
        self._size = segment
        self._lock = threading.Lock()
        self._segment: _Segment | None = None

    def put(self, page: Page) -> Spooled:
        """Write a page to disk; raises AsanaError if the disk is full."""
        records = msgspec.json.encode(page.records)
        try:
            return self._put(page, records)
        except OSError as error:
            raise AsanaError(f"Cannot buffer pages on disk: {error.strerror}") from error

    def _put(self, page: Page, records: bytes) -> Spooled:
        with self._lock:
            segment = self._segment
            if segment is None:
                # A file without a name disappears with the process, even after a kill.
                file = tempfile.TemporaryFile(prefix="tap-asana-")  # noqa: SIM115 - closed with its last page
                segment = self._segment = _Segment(file)
            start = segment.file.seek(0, 2)
            segment.file.write(records)
            segment.file.flush()
            segment.page_count += 1
            if start + len(records) >= self._size:
                self._segment = None
        return Spooled(replace(page, records=[]), segment, start, len(records))

    def take(self, spooled: Spooled) -> Page:
        """Read a page from disk."""
        segment = spooled.segment
        with self._lock:
            segment.file.seek(spooled.start)
            records = segment.file.read(spooled.size)
            segment.page_count -= 1
            if not segment.page_count:
                segment.file.close()
                self._segment = None if segment is self._segment else self._segment
        return replace(spooled.page, records=_decode_records(records))
