"""The file of an export: gzip with a task a line, or an array of tasks, fetched to disk and read from there."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections.abc import Iterator
from gzip import BadGzipFile, GzipFile
from io import BufferedReader, RawIOBase
from typing import IO, cast

from tap_asana.api.client import AsanaClient
from tap_asana.api.decoding import Record, decode_json, rows_with_gid
from tap_asana.errors import AsanaError, CorruptExportError
from tap_asana.limits import Limits
from tap_asana.tasks.events import TASKS, place_of
from tap_asana.tasks.json_objects import objects

READ_BYTES = 256 * 1024
"""Bytes that are unpacked at once."""

LEAST = 18
"""Bytes that the gzip of nothing takes; a file of fewer is damaged."""

BLANK = b"\xef\xbb\xbf \t\r\n"
"""Bytes that say nothing: a byte order mark and white space."""

LENGTHS = 10**8
"""Lengths of contents that their marks tell apart: with a checksum they are numbers of 18 digits, as state keeps."""

SHORT = 16
"""Bytes that a line without anything in it may have, beside white space."""


class ExportFile:
    """One download of an export's file.

    `mark` tells its content from others, once it was fetched: a number of at most 18 digits, and 0 for no content.
    """

    def __init__(self, client: AsanaClient, url: str, limits: Limits) -> None:
        """Fetch nothing yet; the address is good for some minutes."""
        self._client = client
        self._url = url
        self._limits = limits
        self.mark = 0

    def batches(self) -> Iterator[list[Record]]:
        """Yield the tasks, about `export_batch_bytes` at a time; none of a damaged file.

        What is broken in them was broken in Asana, because the file's checksum is right: it is mended and counted.
        Raises DamagedFile where the file is damaged, or holds something but no task; UnreadableFile where it does not
        come; and AsanaError where it is larger than this machine can hold.
        """
        limits, size = self._limits, self._limits.export_batch_bytes
        with tempfile.TemporaryFile(prefix="tap-asana-") as file:
            free = shutil.disk_usage(tempfile.gettempdir()).free
            self._client.download(self._url, file, int(free * limits.max_disk_share))
            self.mark = _checked(file, max(limits.min_checked_export_bytes, limits.max_export_expansion * file.tell()))
            batch: list[Record] = []
            room, number, texts = size, 0, 0
            for text in _texts(file, limits.max_export_line_bytes):
                batch.extend(self._tasks(text))
                room, texts = room - len(text), texts + 1
                if room <= 0:
                    number += len(batch)
                    yield batch
                    batch, room = [], size
            if texts and not number and not batch:
                raise CorruptExportError("the file of the export holds something, but not a single task")
            if batch:
                yield batch

    def _tasks(self, text: bytes) -> list[Record]:
        """Return the task of a line; of one that holds several, each of them."""
        try:
            return self._task(text)
        except ValueError as error:
            try:
                several = objects([text], self._limits.max_export_line_bytes)
                return [task for each in several for task in self._task(each)]
            except ValueError:
                raise _damaged(error) from error

    def _task(self, text: bytes) -> list[Record]:
        found = decode_json(text, verified=True)
        tasks, odd = rows_with_gid([found.value], numeric=True)
        self._client.metrics.record_unusable_rows(TASKS, odd)
        for name in found.nulled_fields:
            self._client.metrics.record_nulled_value(*place_of(name))
        return tasks


def _checked(file: IO[bytes], most: int) -> int:
    """Unpack a file that unfolds to so many bytes at the most, to its checksum, and let it be; return its mark."""
    if file.tell() < LEAST:
        raise CorruptExportError(
            f"the file of the export is damaged: it has {file.tell()} bytes, and no gzip is so short"
        )
    unfolded = checksum = 0
    try:
        with _opened(file) as unpacked:
            while piece := unpacked.read(READ_BYTES):
                unfolded += len(piece)
                checksum = zlib.crc32(piece, checksum)
                if unfolded > most:
                    raise AsanaError(f"The export unfolds to more than {most} bytes, which no export of tasks does")
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise _damaged(error) from error
    return checksum * LENGTHS + unfolded % LENGTHS


def _texts(file: IO[bytes], longest: int) -> Iterator[bytes]:
    """Yield the text of each task: the lines that say something, or the elements of an array."""
    with BufferedReader(cast("RawIOBase", _opened(file)), READ_BYTES) as lines:
        if not lines.peek(1).lstrip(BLANK).startswith(b"["):
            yield from _lines(lines, longest)
            return
        try:
            yield from objects(iter(lambda: lines.read1(READ_BYTES), b""), longest)
        except ValueError as error:
            raise _damaged(error) from error


def _lines(lines: IO[bytes], longest: int) -> Iterator[bytes]:
    while line := lines.readline(longest):
        if len(line) == longest:
            raise AsanaError(f"A task in the export takes more than {longest} bytes; nothing more is read")
        if not line.isspace() and (len(line) > SHORT or line.strip(BLANK)):
            yield line


def _opened(file: IO[bytes]) -> GzipFile:
    file.seek(0)
    return GzipFile(fileobj=file)


def _damaged(error: Exception) -> CorruptExportError:
    return CorruptExportError(f"the file of the export is damaged ({type(error).__name__})")
