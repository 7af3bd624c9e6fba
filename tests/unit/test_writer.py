"""Singer messages on standard output: their order, lines and termination."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import cast

import pytest
from harness import Message, parse
from singer_sdk.singerlib import RecordMessage, SchemaMessage, StateMessage
from typing_extensions import Buffer, override

from tap_asana.errors import TargetClosedError, TerminationSignal
from tap_asana.limits import Limits
from tap_asana.sync.writer import BLOCK_BYTES, MessageWriter

ROWS = [{"gid": str(number), "name": "ü" * 100} for number in range(2000)]


def lines(write: Callable[[MessageWriter], object]) -> list[Message]:
    """Return the messages that the given function writes."""
    buffer = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(buffer):
        write(MessageWriter())
        buffer.flush()
    return parse(buffer)


def test_a_batch_writes_the_same_records_as_single_messages() -> None:
    """A batch writes a line per record, with the stream, record and version as in the SDK."""
    together = lines(lambda writer: writer.write_records('o"dd', ROWS, 7))
    single = lines(lambda writer: [writer.write_message(RecordMessage('o"dd', row, version=7)) for row in ROWS])
    moments = {message.pop("time_extracted") for message in together}
    assert together == single
    assert len(json.dumps(ROWS)) > 2 * BLOCK_BYTES
    assert len(moments) == 1


def test_a_record_without_a_version_has_no_version_key() -> None:
    """Without an announced version, the message has no version key."""
    (message,) = lines(lambda writer: writer.write_records("tasks", ROWS[:1], None))
    assert message.keys() == {"type", "stream", "record", "time_extracted"}


def test_messages_stay_in_order() -> None:
    """A SCHEMA precedes its records, and a STATE follows the records that it covers."""

    def write(writer: MessageWriter) -> None:
        writer.write_message(SchemaMessage("tasks", {"properties": {}}))
        writer.write_records("tasks", ROWS, None)
        writer.write_message(StateMessage({"at": 1}))
        writer.write_records("tasks", ROWS[:1], None)

    kinds = [message["type"] for message in lines(write)]
    assert kinds == ["SCHEMA", *["RECORD"] * len(ROWS), "STATE", "RECORD"]


def test_states_take_less_than_a_hundredth() -> None:
    """All STATEs but the first stay below a hundredth in total; an unused share can be used later."""

    def write(writer: MessageWriter) -> None:
        for _ in range(300):
            writer.write_records("tasks", ROWS[:5], None)
            if writer.state_is_due(Limits.output_per_state_byte):
                writer.write_message(state)
                written.append(True)
        writer.write_records("tasks", ROWS, None)
        while writer.state_is_due(Limits.output_per_state_byte) and len(in_a_row) < len(ROWS):
            writer.write_message(state)
            in_a_row.append(True)

    state, written, in_a_row = StateMessage({"at": "x" * 500}), list[bool](), list[bool]()
    shares, states, written_so_far = list[float](), 0, 0
    for message in lines(write):
        size = len(json.dumps(message, ensure_ascii=False).encode())
        written_so_far += size
        if message["type"] == "STATE":
            states += size
            shares.append(states / written_so_far)
    assert len(written) > 1
    assert len(in_a_row) > 1
    assert max(shares[1:]) < 0.01
    assert shares[-1] > 0.008


def test_a_forced_state_takes_nothing_from_the_share() -> None:
    """What is forced comes on top: the next STATE is due as early as without it."""

    def rows_before_the_next_state(forced: int) -> int:
        writer, rows = MessageWriter(), 0
        writer.write_message(state)
        for _ in range(forced):
            writer.write_state(state, Limits.output_per_state_byte)
        while not writer.state_is_due(Limits.output_per_state_byte):
            rows += writer.write_records("tasks", ROWS[:1], None)
        return rows

    state, counts = StateMessage({"at": "x" * 500}), list[int]()
    lines(lambda _: counts.extend(rows_before_the_next_state(forced) for forced in (0, 3)))
    assert counts[0] > 100
    assert 0 <= counts[0] - counts[1] < 10


class Pipe(io.BytesIO):
    """The target's end of a pipe."""


def test_a_state_is_flushed_at_once() -> None:
    """A STATE and all messages before it are flushed when it is written."""
    pipe = Pipe()
    with redirect_stdout(io.TextIOWrapper(io.BufferedWriter(pipe), encoding="utf-8")) as stdout:
        writer = MessageWriter()
        writer.write_records("tasks", ROWS[:3], None)
        writer.write_message(StateMessage({"at": 1}))
        types = [json.loads(line)["type"] for line in pipe.getvalue().splitlines()]
        assert stdout.writable()
    assert types == ["RECORD"] * 3 + ["STATE"]


def test_termination_waits_for_the_line() -> None:
    """A signal within a batch ends the run after the current batch, so that every line is complete."""
    buffer = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")

    def interrupted(writer: MessageWriter) -> Iterator[Message]:
        yield ROWS[0]
        writer.stop(TerminationSignal(15))
        yield ROWS[1]

    with redirect_stdout(buffer):
        writer = MessageWriter()
        with pytest.raises(TerminationSignal):
            writer.write_records("tasks", interrupted(writer), None)
        with pytest.raises(TerminationSignal):
            writer.stop(TerminationSignal(15))
        writer.write_message(StateMessage({}))
    assert [message["type"] for message in parse(buffer)] == ["RECORD", "RECORD", "STATE"]


class ClosedPipe(io.RawIOBase):
    """The writing end of a pipe without a reader."""

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, _: object) -> int:
        raise BrokenPipeError


def test_a_closed_target_ends_the_run() -> None:
    """Writing records to a closed pipe raises an error."""
    gone = io.TextIOWrapper(io.BufferedWriter(ClosedPipe(), 1), write_through=True)
    with redirect_stdout(gone), pytest.raises(TargetClosedError):
        MessageWriter().write_records("tasks", ROWS, None)
    gone.detach().detach()


def test_a_message_can_be_written_after_a_failed_write() -> None:
    """The buffer of the SDK, which all writers share, is free after an exception whose traceback still exists."""
    gone = io.TextIOWrapper(cast("io.BufferedWriter", ClosedPipe()), write_through=True)
    with redirect_stdout(gone), pytest.raises(TargetClosedError) as closed:
        MessageWriter().write_message(StateMessage({}))
    (message,) = lines(lambda writer: writer.write_message(StateMessage({"at": 1})))
    assert message["value"] == {"at": 1}
    assert closed.tb is not None


class Narrow(io.RawIOBase):
    """Takes at most a hundred bytes of each write, as a full pipe does when the process is stopped."""

    def __init__(self) -> None:
        """Start with nothing taken."""
        super().__init__()
        self.content = b""

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Buffer, /) -> int:
        part = bytes(data)[:100]
        self.content += part
        return len(part)


def test_a_write_that_ends_early_is_continued() -> None:
    """With PYTHONUNBUFFERED, standard output has no buffer that would do so."""
    raw, records = Narrow(), [{"gid": f"{number}" * 50} for number in range(10)]
    output = io.TextIOWrapper(cast("io.BufferedWriter", raw), encoding="utf-8", write_through=True)
    with redirect_stdout(output):
        MessageWriter().write_records("tasks", records, None)
    assert [json.loads(line)["record"] for line in raw.content.splitlines()] == records
