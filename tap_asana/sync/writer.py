"""Singer messages on standard output, and how many bytes they were."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from singer_sdk.contrib.msgspec import encoder, serialize_jsonl
from singer_sdk.helpers._util import utc_now
from singer_sdk.singerlib import Message, StateMessage
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from typing_extensions import override

from tap_asana.errors import TargetClosedError

BLOCK_BYTES = 64 * 1024
"""Bytes of records that leave together."""


class MessageWriter(GenericSingerWriter[bytearray, Message]):
    """Writes messages a line each, and knows when the next STATE is worth its size.

    Lines leave in blocks; a STATE takes everything before it along.
    """

    def __init__(self) -> None:
        """Start with nothing written."""
        self._written = 0
        self._states = 0
        self._state = 0
        self._writing = False
        self._ending: BaseException | None = None

    @override
    def serialize_message(self, message: Message) -> bytearray:
        if isinstance(message, StateMessage):
            return serialize_jsonl({"type": "STATE", "value": message.value})  # to_dict would copy all of it
        return serialize_jsonl(message.to_dict())

    @override
    def write_message(self, message: Message) -> None:
        with self._whole():
            line = self.format_message(message)
            self._put(line)
            if isinstance(message, StateMessage):
                sys.stdout.flush()
                self._state = len(line)
                self._states += self._state

    def write_records(self, stream: str, records: Iterable[Mapping[str, Any]], version: int | None) -> int:
        """Write records of one stream that were extracted at once, and return how many they were.

        They are on their way when this returns: whatever is written next comes behind them.
        """
        head = b'{"type":"RECORD","stream":%b,"record":' % encoder.encode(stream)
        tail = b',"time_extracted":%b}\n' % encoder.encode(utc_now())
        if version is not None:
            tail = b',"version":%d%b' % (version, tail)
        encode, block, count = encoder.encode_into, bytearray(), 0
        with self._whole():
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
    def _whole(self) -> Iterator[None]:
        """Hold back what ends the run until what is being written is whole."""
        self._writing = True
        try:
            yield
        except BrokenPipeError as error:
            raise TargetClosedError from error
        finally:
            self._writing = False
        if self._ending is not None:
            ending, self._ending = self._ending, None
            raise ending

    def _put(self, lines: bytearray) -> None:
        sys.stdout.buffer.write(lines)
        self._written += len(lines)

    def stop(self, ending: BaseException) -> None:
        """Raise now, or behind the line that is being written: no line is left half written."""
        if not self._writing:
            raise ending
        self._ending = ending

    def state_is_due(self, output_per_state_byte: int) -> bool:
        """Tell whether so much was written that all STATEs, with another one, stay under one percent of it."""
        return self._written >= output_per_state_byte * (self._states + self._state)
