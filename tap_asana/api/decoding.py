"""JSON as Asana sends it: decoded at once where it is sound, mended where it was broken at its source.

Broken at its source is what no second request can mend (law 11): half of a surrogate pair or invalid UTF-8 in a text
becomes U+FFFD, U+0000 goes, and a number that no double holds (`1e400`, `NaN`, `Infinity`) becomes null. JSON that is
malformed in any other way is not mended: it came damaged, and is asked for again.
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
"""Digits of a gid that is taken for a number; Asana's have 16."""

MAX_INT_DIGITS = 4300
"""Digits of a whole number that Python reads; no double holds one of more than 309."""

ZonedDatetime: Any = Annotated[datetime, msgspec.Meta(tz=True)]
"""What a date-time with its zone can be read as."""

_decode = msgspec.json.Decoder().decode
_nul = re.compile(rb"\\u0000").search
_broken = re.compile("[\x00\ud800-\udfff]").search
_pairs = partial(re.compile("[\ud800-\udbff][\udc00-\udfff]").sub, lambda found: _joined(found[0]))
_halves = partial(re.compile("[\ud800-\udfff]").sub, REPLACEMENT)
_plain_name = re.compile("[a-z][a-z0-9_]{0,39}").fullmatch


class DecodedJson(NamedTuple):
    """A JSON value without anything that a strict reader refuses; `nulled` names the fields whose numbers are lost."""

    value: Any
    nulled: frozenset[str] = frozenset()


def decode_json(body: bytes, *, verified: bool = False) -> DecodedJson:
    """Decode JSON and mend what was broken at its source; raises ValueError where it is malformed.

    A sound body costs its decoding and one search. `verified` says that a checksum covers the body: then a control
    character in a text is no damage of the way, but the text's own.
    """
    try:
        value = _decode(body)
        if _nul(body) is None:
            return DecodedJson(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _mended(body, strict=not verified)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _mended(body: bytes, *, strict: bool) -> DecodedJson:
    text = body.decode("utf-8", _ERRORS).removeprefix("\ufeff")
    value = json.loads(text, strict=strict, parse_int=_whole)
    nulled: set[str] = set()
    return DecodedJson(_sound(value, "", nulled), frozenset(nulled))


def _whole(digits: str) -> float:
    """Return a whole number, or infinity in place of one that is longer than Python reads."""
    return int(digits) if len(digits) <= MAX_INT_DIGITS else float("inf")


def _sound(value: Any, path: str, nulled: set[str]) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a value with all that lies in it mended, and note where a number was lost."""
    if isinstance(value, str):
        return repair_text(value)
    if isinstance(value, dict):
        return {
            repair_text(name): _sound(inner, f"{path}.{_shown(name)}" if path else _shown(name), nulled)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_sound(inner, path, nulled) for inner in value]
    if isinstance(value, int | float) and not is_finite_number(value):
        nulled.add(path)
        return None
    return value


def repair_text(text: str) -> str:
    """Return a text without U+0000, and with U+FFFD in place of each half of a surrogate pair."""
    return _halves(_pairs(text)).replace("\x00", "") if _broken(text) else text


def is_finite_number(value: float) -> bool:
    """Tell whether a double holds a number."""
    return abs(value) <= float_info.max if isinstance(value, int) else isfinite(value)


def is_timestamp(value: object) -> bool:
    """Tell whether a value is a date-time with its zone."""
    try:
        msgspec.convert(value, ZonedDatetime)
    except msgspec.ValidationError:
        return False
    return isinstance(value, str)


def _shown(name: str) -> str:
    """Return the name of a field as a log may show it: keys of open objects can be anybody's words."""
    return name if _plain_name(name) else "…"


def _joined(pair: str) -> str:
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for bytes that are no UTF-8: half of a pair that was written in three bytes, or U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    three = error.object[error.start : error.start + 3]
    try:
        return three.decode("utf-8", "surrogatepass"), error.start + len(three)
    except UnicodeDecodeError:
        return REPLACEMENT, error.end


_ERRORS = "tap_asana.api.decoding"
codecs.register_error(_ERRORS, _replaced)


def rows_with_gid(rows: Sequence[Any], *, numbered: bool = False) -> tuple[list[Record], int]:
    """Return the rows that are objects with a gid, each gid as text, and how many others there were.

    A null row, and one that nobody can tell from others, is nothing that a table could hold. `numbered` takes only
    gids that are numbers of at most MOST_DIGITS: tasks and parents are read, and kept in state, in the order of theirs.
    """
    is_gid = _is_number if numbered else _is_gid
    if all(row.__class__ is dict and row.get("gid").__class__ is str and is_gid(row["gid"]) for row in rows):
        return list(rows), 0
    found = [mended for row in rows if (mended := _with_gid(row, is_gid)) is not None]
    return found, len(rows) - len(found)


def _with_gid(row: Any, is_gid: Callable[[str], bool]) -> Record | None:  # noqa: ANN401 - JSON of any shape
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
    """Return an object with a gid that lies in a record, empty where something else is in its place."""
    found, _ = rows_with_gid([record.get(name)])
    return found[0] if found else {}


def text_field(record: Mapping[str, Any], name: str) -> str | None:
    """Return a text that lies in a record, None where something else is in its place."""
    value = record.get(name)
    return value if isinstance(value, str) else None
