"""Writes Singer messages to standard output, and counts their bytes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from singer_sdk.contrib.msgspec import encoder, serialize_jsonl
from singer_sdk.helpers._util import utc_now
from singer_sdk.singerlib import Message, SchemaMessage, StateMessage
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from typing_extensions import override

from tap_asana.errors import TargetClosedError

BLOCK_BYTES = 64 * 1024
"""Size of a block of records; blocks are written as a whole."""


class MessageWriter(GenericSingerWriter[bytearray, Message]):
    """Writes each message as a line, and decides when the next STATE is due.

    Records are buffered in blocks; a STATE flushes everything before it.
    """

    def __init__(self) -> None:
        """Start with nothing written."""
        self._written_bytes = 0
        self._state_bytes = 0
        self._last_state_bytes = 0
        self._is_writing = False
        self._stop_error: BaseException | None = None

    @override
    def serialize_message(self, message: Message) -> bytearray:
        if isinstance(message, StateMessage):
            return serialize_jsonl({"type": "STATE", "value": message.value})  # to_dict would copy the whole state
        if isinstance(message, SchemaMessage):
            fields = {"type": "SCHEMA", "stream": message.stream, "schema": message.schema}
            keys = {"key_properties": message.key_properties, "bookmark_properties": message.bookmark_properties}
            given = {name: value for name, value in keys.items() if value is not None}
            return serialize_jsonl(fields | given)  # to_dict would copy the whole schema
        return serialize_jsonl(message.to_dict())

    @override
    def write_message(self, message: Message) -> None:
        with self._complete_lines():
            line = self.format_message(message)
            self._put(line)
            if isinstance(message, StateMessage):
                sys.stdout.flush()
                self._last_state_bytes = len(line)
                self._state_bytes += self._last_state_bytes

    def write_state(self, message: StateMessage, output_per_state_byte: int) -> None:
        """Write a STATE; one that is not due, but forced, takes nothing from the share of the others."""
        is_due, charged_bytes = self.state_is_due(output_per_state_byte), self._state_bytes
        self.write_message(message)
        if not is_due:
            self._state_bytes = charged_bytes

    def write_records(self, stream: str, records: Iterable[object], version: int | None) -> int:
        """Write records of one stream with the same `time_extracted`; return their number.

        They are in the output buffer on return, before any message written later.
        """
        head = b'{"type":"RECORD","stream":%b,"record":' % encoder.encode(stream)
        tail = b',"time_extracted":%b}\n' % encoder.encode(utc_now())
        if version is not None:
            tail = b',"version":%d%b' % (version, tail)
        encode, block, count = encoder.encode_into, bytearray(), 0
        with self._complete_lines():
            for record in records:
                block += head
                encode(record, block, -1)
                block += tail
                count += 1
                if len(block) >= BLOCK_BYTES:
                    self._put(block)
                    block = bytearray()
            self._put(block)
        return count

    @contextmanager
    def _complete_lines(self) -> Iterator[None]:
        """Delay the exception of `stop` until the current lines are complete."""
        self._is_writing = True
        try:
            yield
        except BrokenPipeError as error:
            raise TargetClosedError from error
        finally:
            self._is_writing = False
        if self._stop_error is not None:
            stop_error, self._stop_error = self._stop_error, None
            raise stop_error

    def _put(self, lines: bytearray) -> None:
        """Write all bytes: with PYTHONUNBUFFERED, a write into a full pipe ends early when the process is stopped."""
        position = 0
        while position < len(lines):
            with memoryview(lines) as block, block[position:] as rest:  # released, or the SDK cannot reuse its buffer
                position += sys.stdout.buffer.write(rest)
        self._written_bytes += len(lines)

    def stop(self, error: BaseException) -> None:
        """Raise an exception now, or as soon as the current lines are complete."""
        if not self._is_writing:
            raise error
        self._stop_error = error

    def state_is_due(self, output_per_state_byte: int) -> bool:
        """Return True if STATE messages that were not forced, with one more, stay below their share of the output."""
        return self._written_bytes >= output_per_state_byte * (self._state_bytes + self._last_state_bytes)
