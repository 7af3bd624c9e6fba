"""Decoding of JSON from Asana, with repairs for data broken in Asana itself (law 11).

A second request would return the same broken data. So half of a surrogate pair and invalid UTF-8 become U+FFFD, U+0000
is removed, and numbers outside the range of a double (`1e400`, `NaN`, `Infinity`) become null. JSON malformed in any
other way was damaged in transit, and is requested again.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import isfinite
from sys import float_info
from typing import Annotated, Any, NamedTuple, TypeAlias

import msgspec

Record: TypeAlias = dict[str, Any]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

MAX_GID_DIGITS = 18
"""Digits of a gid that counts as a number; Asana's gids have 16."""

MAX_INT_DIGITS = 4300
"""Digits of a whole number that Python parses; a double holds at most 309."""

ZonedDatetime: Any = Annotated[datetime, msgspec.Meta(tz=True)]
"""The type that msgspec converts a date-time with a time zone to."""

_decode = msgspec.json.Decoder().decode
_find_escaped_nul = re.compile(rb"\\u0000").search
_find_broken = re.compile("[\x00\ud800-\udfff]").search
_join_pairs = partial(re.compile("[\ud800-\udbff][\udc00-\udfff]").sub, lambda match: _join_pair(match[0]))
_replace_halves = partial(re.compile("[\ud800-\udfff]").sub, REPLACEMENT)
_is_plain_name = re.compile("[a-z][a-z0-9_]{0,39}").fullmatch


class DecodedJson(NamedTuple):
    """A JSON value that any strict reader accepts; `nulled_fields` are the paths of numbers replaced by null."""

    value: Any
    nulled_fields: frozenset[str] = frozenset()


def decode_json(body: bytes, *, verified: bool = False) -> DecodedJson:
    """Decode JSON and repair broken values; raises ValueError if it is malformed.

    Valid JSON costs one decoding and one search. `verified` means that a checksum covers the body, so that a control
    character in a text is part of the text and not damage in transit.
    """
    try:
        value = _decode(body)
        if _find_escaped_nul(body) is None:
            return DecodedJson(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _decode_and_repair(body, strict=not verified)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _decode_and_repair(body: bytes, *, strict: bool) -> DecodedJson:
    text = body.decode("utf-8", _ERROR_HANDLER).removeprefix("\ufeff")
    value = json.loads(text, strict=strict, parse_int=_parse_int)
    nulled_fields: set[str] = set()
    return DecodedJson(_repair(value, "", nulled_fields), frozenset(nulled_fields))


def _parse_int(digits: str) -> float:
    """Return a whole number, or infinity if it is longer than Python parses."""
    return int(digits) if len(digits) <= MAX_INT_DIGITS else float("inf")


def _repair(value: Any, path: str, nulled_fields: set[str]) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a value with all its contents repaired; add the path of each number replaced by null."""
    if isinstance(value, str):
        return repair_text(value)
    if isinstance(value, dict):
        return {
            repair_text(name): _repair(child, f"{path}.{_loggable(name)}" if path else _loggable(name), nulled_fields)
            for name, child in value.items()
        }
    if isinstance(value, list):
        return [_repair(child, path, nulled_fields) for child in value]
    if isinstance(value, int | float) and not is_finite_number(value):
        nulled_fields.add(path)
        return None
    return value


def repair_text(text: str) -> str:
    """Return a text without U+0000, with U+FFFD in place of each half of a surrogate pair."""
    return _replace_halves(_join_pairs(text)).replace("\x00", "") if _find_broken(text) else text


def is_finite_number(value: float) -> bool:
    """Return whether a double can represent a number."""
    return abs(value) <= float_info.max if isinstance(value, int) else isfinite(value)


def is_timestamp(value: object) -> bool:
    """Return whether a value is a date-time with a time zone, as text."""
    try:
        msgspec.convert(value, ZonedDatetime)
    except msgspec.ValidationError:
        return False
    return isinstance(value, str)


def _loggable(name: str) -> str:
    """Return the name of a field as a log may show it: people choose the keys of open objects."""
    return name if _is_plain_name(name) else "…"


def _join_pair(pair: str) -> str:
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _replace_invalid_utf8(error: UnicodeError) -> tuple[str, int]:
    """Return the replacement for invalid UTF-8: the half of a pair that three bytes encode, else U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    three_bytes = error.object[error.start : error.start + 3]
    try:
        return three_bytes.decode("utf-8", "surrogatepass"), error.start + len(three_bytes)
    except UnicodeDecodeError:
        return REPLACEMENT, error.end


_ERROR_HANDLER = "tap_asana.api.decoding"
codecs.register_error(_ERROR_HANDLER, _replace_invalid_utf8)


def rows_with_gid(rows: Sequence[Any], *, numeric: bool = False) -> tuple[list[Record], int]:
    """Return the objects with a gid, with each gid as text, and the number of all other rows.

    Other rows (null, or without a gid) fit into no table. `numeric` accepts only numbers of up to MAX_GID_DIGITS digits
    as gids: tasks and parents are read, and kept in state, in the order of their gids.
    """
    is_gid = _is_number if numeric else _is_gid
    if all(row.__class__ is dict and row.get("gid").__class__ is str and is_gid(row["gid"]) for row in rows):
        return list(rows), 0
    valid = [record for row in rows if (record := _with_text_gid(row, is_gid)) is not None]
    return valid, len(rows) - len(valid)


def _with_text_gid(row: Any, is_gid: Callable[[str], bool]) -> Record | None:  # noqa: ANN401 - JSON of any shape
    if not isinstance(row, dict):
        return None
    gid = row.get("gid")
    if isinstance(gid, int) and not isinstance(gid, bool):
        row, gid = {**row, "gid": str(gid)}, str(gid)
    return row if isinstance(gid, str) and is_gid(gid) else None


def _is_number(gid: str) -> bool:
    return gid.isascii() and gid.isdecimal() and len(gid) <= MAX_GID_DIGITS


def _is_gid(gid: str) -> bool:
    return gid != "" and gid.isascii() and gid.isprintable()


def nested_object(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object with a gid inside a record; an empty mapping if the field has another value."""
    objects, _ = rows_with_gid([record.get(name)])
    return objects[0] if objects else {}


def text_field(record: Mapping[str, Any], name: str) -> str | None:
    """Return a text inside a record; None if the field has another value."""
    value = record.get(name)
    return value if isinstance(value, str) else None
