"""Singer messages on standard output, and how many bytes they were."""

from __future__ import annotations

import sys

from singer_sdk.contrib.msgspec import serialize_jsonl
from singer_sdk.singerlib import Message, StateMessage
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from typing_extensions import override

from tap_asana.errors import TargetGone

STATE_SHARE = 120
"""Bytes of records for each byte of STATE that is written between them; the last STATE of a run has none behind it."""


class MessageWriter(GenericSingerWriter[bytearray, Message]):
    """Writes messages a line each, and knows when the next STATE is worth its size.

    Lines leave in blocks; a STATE takes everything before it along.
    """

    def __init__(self) -> None:
        """Start with nothing written."""
        self._written = 0
        self._next_state = 0
        self._writing = False
        self._ending: BaseException | None = None

    @override
    def serialize_message(self, message: Message) -> bytearray:
        return serialize_jsonl(message.to_dict())

    @override
    def write_message(self, message: Message) -> None:
        self._writing = True
        try:
            self._write(message)
        except BrokenPipeError as error:
            raise TargetGone from error
        finally:
            self._writing = False
        if self._ending is not None:
            ending, self._ending = self._ending, None
            raise ending

    def _write(self, message: Message) -> None:
        line = self.format_message(message)
        sys.stdout.buffer.write(line)
        self._written += len(line)
        if isinstance(message, StateMessage):
            sys.stdout.flush()
            self._next_state = self._written + STATE_SHARE * len(line)

    def end(self, ending: BaseException) -> None:
        """Raise now, or behind the line that is being written: no line is left half written."""
        if not self._writing:
            raise ending
        self._ending = ending

    @property
    def state_is_due(self) -> bool:
        """Tell whether so much was written that another STATE stays under one percent of it."""
        return self._written >= self._next_state
