"""Data that is broken at its source: what Asana would send, again and again, of texts that nobody can read."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.kinds import Record

KEPT = frozenset({"gid", "resource_type", "resource_subtype", "type", "action", "event_type", "sync"})
"""Fields that stay as they are: gids, and the words that say what a thing is."""

DATE = re.compile(r"\d{4}-\d\d-\d\d(T[0-9:.]+Z)?")

HALVES = (rb"\ud800", rb"\udfff", b"\xed\xa0\x80", b"\xff\xfe")
"""Half of a surrogate pair, escaped and in bytes, and bytes that are no UTF-8 at all."""

NUL = (rb"\u0000",)
ENDLESS = (b"1e400", b"-1e400", b"NaN", b"Infinity", b"-Infinity", b"9" * 400)
"""Numbers that no double holds, and tokens that are no JSON."""

NO_DATES = (b'""', b'"soon"', b'"0000-00-00"', b'"2026-02-30T25:00:00.000Z"', b"17")
OTHERS = (
    *(b"null", b"true", b"5", b"1" + b"0" * 30, b'""', b'"x"', b"[]", b"[null]", b'["x"]', b"[{}]", b"{}"),
    *(b'{"gid":null}', b'{"gid":[]}', b'{"gid":"x"}', b'{"gid":"1","name":{}}', b'{"resource_type":[]}'),
)
"""Values of every type, of which nearly every one is of another type than belongs there."""

NO_ROWS = (b"null", b'{"name":"nobody"}', b'{"gid":null}', b'{"gid":""}', b"[]")


@dataclass(frozen=True)
class Breakage:
    """What is broken, in one of `every` values; the same value is always broken in the same way.

    `texts` are put into texts, `numbers`, `numerals` and `dates` take the place of numbers, texts and dates, and `rows`
    stand before those of every list, as does null in every list inside of a record. `others` take the place of any
    value, be it an object or a list. Fields in `spared` are left alone, as is the gid of a record.
    """

    texts: tuple[bytes, ...] = ()
    numerals: tuple[bytes, ...] = ()
    numbers: tuple[bytes, ...] = ()
    dates: tuple[bytes, ...] = ()
    rows: tuple[bytes, ...] = ()
    others: tuple[bytes, ...] = ()
    every: int = 2
    spared: frozenset[str] = frozenset()

    def listed(self, records: Iterable[Record]) -> list[object]:
        """The rows of a list."""
        return [*map(msgspec.Raw, self.rows), *(self.spoilt(record) for record in records)]

    def spoilt(self, record: Record) -> Record:
        """A record with what is broken in it."""
        seed = record.get("gid")
        return {
            name: value if name == "gid" else self.value(value, f"{seed}.{name}", name)
            for name, value in record.items()
        }

    def value(self, value: object, seed: str, name: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """A value, broken or not."""
        if name in self.spared:
            return value
        if self.others and (dice := zlib.crc32(f"{seed}:other".encode())) % self.every == 0:
            return msgspec.Raw(self.others[dice // self.every % len(self.others)])
        if name in KEPT:
            return value
        if isinstance(value, dict):
            return {key: self.value(inner, f"{seed}.{key}", key) for key, inner in value.items()}
        if isinstance(value, list):
            nulls = [None] if self.rows and isinstance(next(iter(value), None), dict) else []
            return [*nulls, *(self.value(inner, f"{seed}.{at}", name) for at, inner in enumerate(value))]
        dice = zlib.crc32(f"{seed}.{value}".encode())
        tokens = self.tokens(value) if dice % self.every == 0 else ()
        return msgspec.Raw(tokens[dice // self.every % len(tokens)]) if tokens else value

    def tokens(self, value: object) -> tuple[bytes, ...]:
        """What may stand in a value's place."""
        if isinstance(value, str):
            if DATE.fullmatch(value):
                return self.dates
            text = msgspec.json.encode(value)
            return (*(text[:-1] + piece + b'"' for piece in self.texts), *self.numerals)
        return () if isinstance(value, bool) or not isinstance(value, int | float) else self.numbers
