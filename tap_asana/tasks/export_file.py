"""The file of an export: gzip with one task per line, or with an array of tasks, downloaded to disk and read there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, TypeAlias

from tap_asana.api.client import AsanaClient
from tap_asana.api.decoding import Record, decode_json, rows_with_gid
from tap_asana.errors import AsanaError, CorruptExportError
from tap_asana.limits import Limits
from tap_asana.tasks.events import TASKS, exported_field
from tap_asana.tasks.json_objects import iter_objects
from tap_asana.tasks.unpacking import READ_BYTES, PackedFile, corrupt_export

DecodeLines: TypeAlias = Callable[[Sequence[bytes]], Sequence[Any]]
"""Returns the task of each line, None for a line that it leaves to others."""

IGNORED_BYTES = b"\xef\xbb\xbf \t\r\n"
"""Bytes without meaning between tasks: a byte order mark and white space."""

MAX_EMPTY_LINE_BYTES = 16
"""Longest line to examine for content other than IGNORED_BYTES."""


class ExportFile:
    """One download of an export's file.

    `content` identifies the content once it is downloaded: a number of at most 18 digits, 0 for no content.
    """

    def __init__(self, client: AsanaClient, url: str, limits: Limits, decode: DecodeLines | None = None) -> None:
        """Download nothing yet; the URL is valid for some minutes. `decode` decodes lines in place of `decode_json`."""
        self._client = client
        self._url = url
        self._limits = limits
        self._decode = decode
        self.content = 0

    def batches(self) -> Iterator[Sequence[Any]]:
        """Yield the tasks, about `export_batch_bytes` at a time; none of a corrupt file.

        A value broken in spite of the right checksum was broken in Asana: it is corrected and counted. Raises
        CorruptExportError if the file is corrupt, or contains something but no task; CorruptDownloadError if the
        download fails; AsanaError if the file is too large for this machine.
        """
        limits = self._limits
        with tempfile.TemporaryFile(prefix="tap-asana-") as file:
            free = shutil.disk_usage(tempfile.gettempdir()).free
            packed = PackedFile(file, limits.max_export_expansion, limits.min_checked_export_bytes)
            self._client.download(self._url, packed, int(free * limits.max_disk_share))
            self.content = packed.content()
            has_content = has_tasks = False
            for texts in _groups(_texts(packed, limits.max_export_line_bytes), limits.export_batch_bytes):
                has_content = True
                if batch := self._batch(texts):
                    has_tasks = True
                    yield batch
            if has_content and not has_tasks:
                raise CorruptExportError("the export file has content, but contains no task")

    def _batch(self, texts: Sequence[bytes]) -> Sequence[Any]:
        """Return the tasks of some lines, as objects where they can be decoded at once, and as dictionaries else."""
        tasks = self._decode(texts) if self._decode else [None] * len(texts)
        if all(task is not None for task in tasks):
            return tasks
        batch: list[Any] = []
        for text, task in zip(texts, tasks, strict=True):
            batch.extend(self._tasks(text) if task is None else [task])
        return batch

    def _tasks(self, text: bytes) -> list[Record]:
        """Return the task of a line, or all tasks if the line contains several."""
        try:
            return self._task(text)
        except ValueError as error:
            try:
                objects = iter_objects([text], self._limits.max_export_line_bytes)
                return [task for json_object in objects for task in self._task(json_object)]
            except ValueError:
                raise corrupt_export(error) from error

    def _task(self, text: bytes) -> list[Record]:
        decoded = decode_json(text, verified=True)
        tasks, unusable = rows_with_gid([decoded.value], numeric=True)
        self._client.metrics.record_unusable_rows(TASKS, unusable)
        for name in decoded.nulled_fields:
            self._client.metrics.record_nulled_value(*exported_field(name))
        return tasks


def _texts(packed: PackedFile, max_bytes: int) -> Iterator[bytes]:
    """Yield the text of each task: the lines with content, or the elements of an array."""
    with packed.unpacked() as lines:
        if not lines.peek(1).lstrip(IGNORED_BYTES).startswith(b"["):
            yield from _lines(lines, max_bytes)
            return
        try:
            yield from iter_objects(iter(lambda: lines.read1(READ_BYTES), b""), max_bytes)
        except ValueError as error:
            raise corrupt_export(error) from error


def _groups(texts: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """Yield texts in groups of at least `size` bytes; the last one may have fewer."""
    group: list[bytes] = []
    room = size
    for text in texts:
        group.append(text)
        room -= len(text)
        if room <= 0:
            yield group
            group, room = [], size
    if group:
        yield group


def _lines(lines: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    while line := lines.readline(max_bytes):
        if len(line) == max_bytes:
            raise AsanaError(f"A task in the export takes more than {max_bytes} bytes; nothing more is read")
        if not line.isspace() and (len(line) > MAX_EMPTY_LINE_BYTES or line.strip(IGNORED_BYTES)):
            yield line
