"""The file of an export: gzip with one task per line, or with an array of tasks, downloaded to disk and read there."""

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
from tap_asana.tasks.events import TASKS, exported_field
from tap_asana.tasks.json_objects import iter_objects

READ_BYTES = 256 * 1024
"""Bytes to unpack at once."""

MIN_GZIP_BYTES = 18
"""Size of an empty gzip file; a shorter file is corrupt."""

IGNORED_BYTES = b"\xef\xbb\xbf \t\r\n"
"""Bytes without meaning between tasks: a byte order mark and white space."""

LENGTH_MODULUS = 10**8
"""Part of `content` for the unpacked length: with the checksum it makes a number of 18 digits, as the state keeps."""

MAX_EMPTY_LINE_BYTES = 16
"""Longest line to examine for content other than IGNORED_BYTES."""


class ExportFile:
    """One download of an export's file.

    `content` identifies the content once it is downloaded: a number of at most 18 digits, 0 for no content.
    """

    def __init__(self, client: AsanaClient, url: str, limits: Limits) -> None:
        """Download nothing yet; the URL is valid for some minutes."""
        self._client = client
        self._url = url
        self._limits = limits
        self.content = 0

    def batches(self) -> Iterator[list[Record]]:
        """Yield the tasks, about `export_batch_bytes` at a time; none of a corrupt file.

        A value broken in spite of the right checksum was broken in Asana: it is corrected and counted. Raises
        CorruptExportError if the file is corrupt, or contains something but no task; CorruptDownloadError if the
        download fails; AsanaError if the file is too large for this machine.
        """
        limits, size = self._limits, self._limits.export_batch_bytes
        with tempfile.TemporaryFile(prefix="tap-asana-") as file:
            free = shutil.disk_usage(tempfile.gettempdir()).free
            self._client.download(self._url, file, int(free * limits.max_disk_share))
            max_bytes = max(limits.min_checked_export_bytes, limits.max_export_expansion * file.tell())
            self.content = _check(file, max_bytes)
            batch: list[Record] = []
            room, tasks, texts = size, 0, 0
            for text in _texts(file, limits.max_export_line_bytes):
                batch.extend(self._tasks(text))
                room, texts = room - len(text), texts + 1
                if room <= 0:
                    tasks += len(batch)
                    yield batch
                    batch, room = [], size
            if texts and not tasks and not batch:
                raise CorruptExportError("the export file has content, but contains no task")
            if batch:
                yield batch

    def _tasks(self, text: bytes) -> list[Record]:
        """Return the task of a line, or all tasks if the line contains several."""
        try:
            return self._task(text)
        except ValueError as error:
            try:
                objects = iter_objects([text], self._limits.max_export_line_bytes)
                return [task for json_object in objects for task in self._task(json_object)]
            except ValueError:
                raise _corrupt(error) from error

    def _task(self, text: bytes) -> list[Record]:
        decoded = decode_json(text, verified=True)
        tasks, unusable = rows_with_gid([decoded.value], numeric=True)
        self._client.metrics.record_unusable_rows(TASKS, unusable)
        for name in decoded.nulled_fields:
            self._client.metrics.record_nulled_value(*exported_field(name))
        return tasks


def _check(file: IO[bytes], max_bytes: int) -> int:
    """Unpack a file to the end to verify its checksum; return the number that identifies its content.

    Raises CorruptExportError if it is corrupt, and AsanaError if it has more unpacked bytes than `max_bytes`.
    """
    if file.tell() < MIN_GZIP_BYTES:
        raise CorruptExportError(f"the export file is damaged: it has {file.tell()} bytes, too few for gzip")
    length = checksum = 0
    try:
        with _unpack(file) as unpacked:
            while chunk := unpacked.read(READ_BYTES):
                length += len(chunk)
                checksum = zlib.crc32(chunk, checksum)
                if length > max_bytes:
                    raise AsanaError(
                        f"The export unpacks to more than {max_bytes} bytes, more than any export of tasks"
                    )
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise _corrupt(error) from error
    return checksum * LENGTH_MODULUS + length % LENGTH_MODULUS


def _texts(file: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield the text of each task: the lines with content, or the elements of an array."""
    with BufferedReader(cast("RawIOBase", _unpack(file)), READ_BYTES) as lines:
        if not lines.peek(1).lstrip(IGNORED_BYTES).startswith(b"["):
            yield from _lines(lines, max_bytes)
            return
        try:
            yield from iter_objects(iter(lambda: lines.read1(READ_BYTES), b""), max_bytes)
        except ValueError as error:
            raise _corrupt(error) from error


def _lines(lines: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    while line := lines.readline(max_bytes):
        if len(line) == max_bytes:
            raise AsanaError(f"A task in the export takes more than {max_bytes} bytes; nothing more is read")
        if not line.isspace() and (len(line) > MAX_EMPTY_LINE_BYTES or line.strip(IGNORED_BYTES)):
            yield line


def _unpack(file: IO[bytes]) -> GzipFile:
    file.seek(0)
    return GzipFile(fileobj=file)


def _corrupt(error: Exception) -> CorruptExportError:
    return CorruptExportError(f"the export file is damaged ({type(error).__name__})")
