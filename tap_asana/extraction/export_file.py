"""The file of an export: gzip with a task a line, fetched to disk and read from there."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from gzip import BadGzipFile, GzipFile
from itertools import islice
from typing import IO

import msgspec

from tap_asana.client import AsanaClient
from tap_asana.errors import AsanaError, UnreadableFile
from tap_asana.protocol import Record

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes that one task may take, its stories and attachments included."""

_decode = msgspec.json.Decoder(Record).decode


class ExportFile:
    """One download of an export's file."""

    def __init__(self, client: AsanaClient, url: str) -> None:
        """Fetch nothing yet; the address is good for some minutes."""
        self._client = client
        self._url = url

    def batches(self, size: int, skip: int) -> Iterator[list[Record]]:
        """Yield the tasks behind the first `skip` lines, some at a time; raises UnreadableFile."""
        with tempfile.TemporaryFile(prefix="tap-asana-") as file:
            self._client.download(self._url, file)
            file.seek(0)
            tasks = islice(_tasks(file), skip, None)
            while batch := list(islice(tasks, size)):
                yield batch


def _tasks(file: IO[bytes]) -> Iterator[Record]:
    try:
        with GzipFile(fileobj=file) as lines:
            while line := lines.readline(LONGEST_LINE):
                if len(line) == LONGEST_LINE:
                    raise AsanaError(f"A task in the export takes more than {LONGEST_LINE} bytes")
                yield _decode(line)
    except (EOFError, BadGzipFile, zlib.error, msgspec.DecodeError) as error:
        raise UnreadableFile(f"the file of the export is damaged ({type(error).__name__})") from error
