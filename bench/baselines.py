"""Measure baselines for the tap's speed: `python -m bench.baselines floor|SDK|pages FOLDER`.

Reads the local export in FOLDER, writes its records to standard output, and the CPU seconds to standard error.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import ClassVar

import msgspec
from singer_sdk import Stream, Tap
from singer_sdk.helpers.types import Context
from typing_extensions import override

from bench.local import Record
from bench.replay import EXPORT_FILE
from tap_asana.api.decoding import decode_json, rows_with_gid
from tap_asana.records.conform import batch_conformer
from tap_asana.records.fields import Schema
from tap_asana.streams.conversation import Stories
from tap_asana.streams.work import Tasks
from tap_asana.sync.writer import MessageWriter

PAGE_SIZE = 100


def floor(folder: Path) -> float:
    """Parse each line with msgspec and write it again."""
    lines = gzip.decompress((folder / EXPORT_FILE).read_bytes()).splitlines()
    decode, encode, write = msgspec.json.Decoder(Record).decode, msgspec.json.Encoder().encode, sys.stdout.buffer.write
    start = time.process_time()
    for line in lines:
        write(encode(decode(line)) + b"\n")
    return time.process_time() - start


def pages(folder: Path) -> float:
    """Write the tasks as the tap does if they come in pages of 100 instead of an export."""
    lines = gzip.decompress((folder / EXPORT_FILE).read_bytes()).splitlines()
    bodies = [b'{"data":[%b]}' % b",".join(lines[at : at + PAGE_SIZE]) for at in range(0, len(lines), PAGE_SIZE)]
    conform, writer = batch_conformer(Tasks.schema), MessageWriter()
    start = time.process_time()
    for body in bodies:
        records, _ = rows_with_gid(decode_json(body).value["data"], numeric=True)
        writer.write_records(Tasks.name, conform(records), None)
    return time.process_time() - start


class PlainStream(Stream):
    """A stream with the SDK's defaults that reads the export file."""

    folder: Path
    child_field: ClassVar[str] = ""
    """The field of a task that holds the records; the tasks themselves if empty."""

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the records of the file."""
        with gzip.open(self.folder / EXPORT_FILE) as lines:
            for line in lines:
                task: Record = msgspec.json.decode(line)
                yield from task.pop(self.child_field) if self.child_field else [task]


class PlainTasks(PlainStream):
    """Tasks."""

    name = "tasks"
    schema: ClassVar[Schema] = Tasks.schema


class PlainStories(PlainStream):
    """Stories."""

    name = "stories"
    child_field = "stories"
    schema: ClassVar[Schema] = Stories.schema


class PlainTap(Tap):
    """A tap with the SDK's defaults."""

    name = "tap-plain"
    config_jsonschema: ClassVar[Schema] = {"properties": {}}

    @override
    def discover_streams(self) -> list[Stream]:
        return [PlainTasks(self), PlainStories(self)]


def sdk(folder: Path) -> float:
    """Write all records with the SDK's defaults."""
    PlainStream.folder = folder
    tap = PlainTap()
    start = time.process_time()
    tap.sync_all()
    return time.process_time() - start


BASELINES: Mapping[str, Callable[[Path], float]] = {"floor": floor, "SDK": sdk, "pages": pages}


def main() -> None:
    """Measure one baseline."""
    _, name, folder = sys.argv
    seconds = BASELINES[name](Path(folder))
    sys.stdout.flush()
    print(seconds, file=sys.stderr)


if __name__ == "__main__":
    main()
