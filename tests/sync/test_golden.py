"""Golden files of the tap's output: a first run, and the next one after a day of work.

The files hold one Singer message a line, without extraction times. Records are sorted by stream and key, and schemas
are omitted: the catalog's own snapshot holds them.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from harness import CORE, Message, Output, asana, clock, sync
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from typing_extensions import override

from fake_asana.world import Sizes

FEW = Sizes(workspaces=2, users=6, teams=2, projects=4, tags=2, tasks=16, stories=2, busiest=6)
ONE_BY_ONE = {"max_concurrency": 1}


class Lines(SingleFileSnapshotExtension):
    """Snapshots of messages, one per line."""

    _write_mode = WriteMode.TEXT
    file_extension = "jsonl"

    @override
    def serialize(self, data: Any, **_: Any) -> str:
        """Write one message per line."""
        return "".join(msgspec.json.encode(message, order="sorted").decode() + "\n" for message in data)


def golden(output: Output) -> list[Message]:
    """Return the messages of a run in the form of the snapshots."""
    schemas = [{**message, "schema": "as in the catalog"} for message in output.of("SCHEMA")]
    records = sorted(output.of("RECORD"), key=lambda message: (message["stream"], message["record"]["gid"]))
    for message in records:
        del message["time_extracted"]
    return [*schemas, *records, *output.of("STATE")[-1:]]


@pytest.fixture(scope="module")
def runs() -> tuple[Output, Output]:
    """Run, simulate a workday, and run again, with one request at a time."""
    api = asana(FEW)
    first = sync(api, select=CORE, config=ONE_BY_ONE)
    clock(api).advance(3600)
    api.world.mutate()
    clock(api).advance(3600)
    return first, sync(api, select=CORE, config=ONE_BY_ONE, state=first.state)


def test_a_first_run(runs: tuple[Output, Output], snapshot: SnapshotAssertion) -> None:
    """A full run writes the messages of its snapshot."""
    assert golden(runs[0]) == snapshot(extension_class=Lines)


def test_the_next_run(runs: tuple[Output, Output], snapshot: SnapshotAssertion) -> None:
    """An incremental run after a workday writes the messages of its snapshot."""
    assert golden(runs[1]) == snapshot(extension_class=Lines)
