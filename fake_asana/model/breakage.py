"""Corruption at the source, repeated in every answer."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.kinds import Record

UNBREAKABLE_FIELDS = frozenset({"gid", "resource_type", "resource_subtype", "type", "action", "event_type", "sync"})
"""Fields never corrupted: gids and types."""

WHOLE_RECORDS = frozenset({"stories", "attachments"})
"""Fields of an exported task with whole records, which are corrupt in the same way as in their own lists."""

DATE = re.compile(r"\d{4}-\d\d-\d\d(T[0-9:.]+Z)?")

INVALID_UNICODE = (rb"\ud800", rb"\udfff", b"\xed\xa0\x80", b"\xff\xfe")
"""Half of a surrogate pair, escaped and in bytes, and bytes outside UTF-8."""

NUL = (rb"\u0000",)
INVALID_NUMBERS = (b"1e400", b"-1e400", b"NaN", b"Infinity", b"-Infinity", b"9" * 400)
"""Numbers too large for a double, and tokens outside JSON."""

INVALID_DATES = (b'""', b'"soon"', b'"0000-00-00"', b'"2026-02-30T25:00:00.000Z"', b"17")
OTHER_TYPES = (
    *(b"null", b"true", b"5", b"1" + b"0" * 30, b'""', b'"x"', b"[]", b"[null]", b'["x"]', b"[{}]", b"{}"),
    *(b'{"gid":null}', b'{"gid":[]}', b'{"gid":"x"}', b'{"gid":"1","name":{}}', b'{"resource_type":[]}'),
)
"""Values of every type, nearly always another type than the documented one."""

INVALID_ROWS = (b"null", b'{"name":"nobody"}', b'{"gid":null}', b'{"gid":""}', b"[]")


@dataclass(frozen=True)
class Breakage:
    """The corruption of one in `every` values; the same value is always corrupted in the same way."""

    texts: tuple[bytes, ...] = ()
    """Bytes appended to texts."""

    numerals: tuple[bytes, ...] = ()
    """Numbers in place of texts."""

    numbers: tuple[bytes, ...] = ()
    """JSON in place of numbers."""

    dates: tuple[bytes, ...] = ()
    """JSON in place of dates."""

    rows: tuple[bytes, ...] = ()
    """Rows before those of every list; null then comes first in every list of objects inside a record."""

    others: tuple[bytes, ...] = ()
    """JSON in place of any value, even an object or a list."""

    every: int = 2
    excluded: frozenset[str] = frozenset()
    """Fields without corruption."""

    def break_list(self, records: Iterable[Record]) -> list[object]:
        """Return the rows of a list, invalid ones first."""
        return [*map(msgspec.Raw, self.rows), *(self.break_record(record) for record in records)]

    def break_record(self, record: Record) -> Record:
        """Return a record with its corrupt values."""
        seed = record.get("gid")
        return {
            name: value if name == "gid" else self.break_value(value, f"{seed}.{name}", name)
            for name, value in record.items()
        }

    def break_value(self, value: object, seed: str, name: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """Return a value, corrupt or not."""
        if name in self.excluded:
            return value
        if self.others and (checksum := zlib.crc32(f"{seed}:other".encode())) % self.every == 0:
            return msgspec.Raw(self.others[checksum // self.every % len(self.others)])
        if name in UNBREAKABLE_FIELDS:
            return value
        if isinstance(value, dict):
            return {key: self.break_value(element, f"{seed}.{key}", key) for key, element in value.items()}
        if isinstance(value, list):
            nulls = [None] if self.rows and isinstance(next(iter(value), None), dict) else []
            is_whole = name in WHOLE_RECORDS
            seeds = [each["gid"] if is_whole else f"{seed}.{place}" for place, each in enumerate(value)]
            return [*nulls, *(self.break_value(each, seeds[place], name) for place, each in enumerate(value))]
        checksum = zlib.crc32(f"{seed}.{value}".encode())
        tokens = self.replacements(value) if checksum % self.every == 0 else ()
        return msgspec.Raw(tokens[checksum // self.every % len(tokens)]) if tokens else value

    def replacements(self, value: object) -> tuple[bytes, ...]:
        """Return the possible JSON replacements of a value."""
        if isinstance(value, str):
            if DATE.fullmatch(value):
                return self.dates
            text = msgspec.json.encode(value)
            return (*(text[:-1] + piece + b'"' for piece in self.texts), *self.numerals)
        return () if isinstance(value, bool) or not isinstance(value, int | float) else self.numbers
