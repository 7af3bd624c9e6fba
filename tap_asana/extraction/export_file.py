"""The file of an export: gzip with a task a line, fetched to disk and read from there."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections.abc import Iterator
from gzip import BadGzipFile, GzipFile
from io import BufferedReader, RawIOBase
from typing import IO, cast

import msgspec

from tap_asana.client import AsanaClient
from tap_asana.errors import AsanaError, UnreadableFile
from tap_asana.protocol import Record

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes that one task may take, its stories and attachments included."""

READ = 256 * 1024
"""Bytes that are unpacked at once."""

EXPANSION, FREELY = 200, 1024 * 1024 * 1024
"""How many times its size a file may unfold to, once that is more than the second: JSON packs to a tenth or so."""

SHARE = 0.9
"""The share of the free disk that a download may take."""

_decode = msgspec.json.Decoder(Record).decode


class ExportFile:
    """One download of an export's file."""

    def __init__(self, client: AsanaClient, url: str) -> None:
        """Fetch nothing yet; the address is good for some minutes."""
        self._client = client
        self._url = url

    def batches(self, size: int) -> Iterator[list[Record]]:
        """Yield the tasks, about `size` bytes at a time; none of a damaged file.

        Raises UnreadableFile where it is damaged, AsanaError where it is larger than this machine can hold.
        """
        with tempfile.TemporaryFile(prefix="tap-asana-") as file:
            self._client.download(self._url, file, int(shutil.disk_usage(tempfile.gettempdir()).free * SHARE))
            _check(file, max(FREELY, EXPANSION * file.tell()))
            batch: list[Record] = []
            room = size
            for line in _lines(file):
                batch.append(_task(line))
                room -= len(line)
                if room <= 0:
                    yield batch
                    batch, room = [], size
            if batch:
                yield batch


def _check(file: IO[bytes], most: int) -> None:
    """Unpack a file that unfolds to so many bytes at the most, to its checksum, and let it be."""
    unfolded = 0
    try:
        with _opened(file) as unpacked:
            while piece := unpacked.read(READ):
                unfolded += len(piece)
                if unfolded > most:
                    raise AsanaError(f"The export unfolds to more than {most} bytes, which no export of tasks does")
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise _damaged(error) from error


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    with BufferedReader(cast("RawIOBase", _opened(file)), READ) as lines:
        while line := lines.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise AsanaError(f"A task in the export takes more than {LONGEST_LINE} bytes; nothing more is read")
            yield line


def _opened(file: IO[bytes]) -> GzipFile:
    file.seek(0)
    return GzipFile(fileobj=file)


def _task(line: bytes) -> Record:
    try:
        return _decode(line)
    except msgspec.DecodeError as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> UnreadableFile:
    return UnreadableFile(f"the file of the export is damaged ({type(error).__name__})")
