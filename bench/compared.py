"""What the tap's records are compared with, in a process of its own: `python -m bench.compared floor|SDK FOLDER`.

The records go to standard output; how many seconds of one core they took goes to standard error.
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

from bench.local import FILE, Record
from tap_asana.records.fields import Schema
from tap_asana.streams.conversation import Stories
from tap_asana.streams.work import Tasks


def floor(folder: Path) -> float:
    """Parse each line with msgspec and write it again."""
    lines = gzip.decompress((folder / FILE).read_bytes()).splitlines()
    decode, encode, write = msgspec.json.Decoder(Record).decode, msgspec.json.Encoder().encode, sys.stdout.buffer.write
    begun = time.process_time()
    for line in lines:
        write(encode(decode(line)) + b"\n")
    return time.process_time() - begun


class Plain(Stream):
    """A stream as the SDK has it, over the file of an export."""

    folder: Path
    inside: ClassVar[str] = ""

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the records of the file."""
        with gzip.open(self.folder / FILE) as lines:
            for line in lines:
                task: Record = msgspec.json.decode(line)
                yield from task.pop("stories") if self.inside else [task]


class PlainTasks(Plain):
    """Tasks."""

    name = "tasks"
    schema: ClassVar[Schema] = Tasks.schema


class PlainStories(Plain):
    """Stories."""

    name = "stories"
    inside = "stories"
    schema: ClassVar[Schema] = Stories.schema


class PlainTap(Tap):
    """A tap as the SDK has it."""

    name = "tap-plain"
    config_jsonschema: ClassVar[Schema] = {"properties": {}}

    @override
    def discover_streams(self) -> list[Stream]:
        return [PlainTasks(self), PlainStories(self)]


def sdk(folder: Path) -> float:
    """Let the SDK write all records."""
    Plain.folder = folder
    tap = PlainTap()
    begun = time.process_time()
    tap.sync_all()
    return time.process_time() - begun


WAYS: Mapping[str, Callable[[Path], float]] = {"floor": floor, "SDK": sdk}


def main() -> None:
    """Measure one way."""
    _, way, folder = sys.argv
    seconds = WAYS[way](Path(folder))
    sys.stdout.flush()
    print(seconds, file=sys.stderr)


if __name__ == "__main__":
    main()
