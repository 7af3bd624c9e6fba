"""Records in the shape of their schema: declared and selected fields only, each of its declared type.

Made once per stream, so that no schema is walked per record. Records that have their shape already, as nearly all do,
are told by msgspec in one go; only the others are walked through value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timezone
from typing import Annotated, Any, TypeAlias

import msgspec
from typing_extensions import Required, TypedDict

from tap_asana.api.decoding import Record, ZonedDatetime, is_finite_number, is_timestamp
from tap_asana.config import parse_date_time
from tap_asana.records.images import image_url_stripper

Conformer: TypeAlias = Callable[[Any], Any]
BatchConformer: TypeAlias = Callable[[Iterable[Any]], list[Record]]
Breadcrumb: TypeAlias = tuple[str, ...]
ReportLoss: TypeAlias = Callable[[str], object]
"""Takes the dotted name of a field whose value was lost, or "" for a record that no table can hold."""

SAFE_INTEGER = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""Whole numbers that are certain to fit into a double's range; longer ones are looked at one by one."""

SCALARS: Mapping[str, Any] = {"string": str, "number": SAFE_INTEGER | float, "boolean": bool, "object": dict[str, Any]}

FORMATS: Mapping[str, Any] = {"date-time": ZonedDatetime, "date": date}
"""What a text of each format has to be readable as."""

DATE_LENGTH = len("2026-01-31")

_convert = msgspec.convert
_typed: Any = TypedDict
_listed: Any = list
_encode = msgspec.json.Encoder().encode
_numeral: Callable[[Any], float] = msgspec.json.Decoder(int | float).decode


def batch_conformer(
    schema: Mapping[str, Any], mask: Mapping[Breadcrumb, bool] | None = None, report: ReportLoss = lambda _: None
) -> BatchConformer:
    """Return a function that gives records the shape of their schema.

    `mask` tells what the catalog selects; inside arrays everything is selected. Keys that the tap adds, and fields that
    no list documents, are always there. What may leave only beside some value of another field is null elsewhere, and
    images in HTML leave without their addresses. A
    value of another type than declared becomes the declared one where that loses nothing (a number as text, text as a
    number), else null, which is reported with the field's name. A record that lacks what its schema requires is left
    out, which is reported without a name.
    """
    declared, dated, own = _declared(schema, mask, ()), _dated(schema, mask, ()), _own(schema, mask)
    mended = _Coercion(mask, report).of(schema, (), "")

    def shaped(records: Iterable[Any]) -> list[Record]:
        rows = [{**own, **record} for record in records] if own else list(records)
        try:
            return _sound(rows)
        except msgspec.ValidationError:
            if len(rows) == 1:
                found = mended(rows[0])
                return [] if found is None else [found]
            return [record for row in rows for record in shaped([row])]

    def _sound(rows: list[Any]) -> list[Record]:
        found: list[Record] = _convert(rows, _listed[declared])
        if dated is not None:
            _convert(found, _listed[dated])
        return found

    withheld = [(name, *field["x-unless"]) for name, field, _ in _wanted(schema, mask, ()) if "x-unless" in field]
    strip = image_url_stripper(schema)
    if not withheld:
        return (lambda records: shaped(map(strip, records))) if strip else shaped

    def permitted(record: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        found = _without(record, withheld)
        return strip(found) if strip else found

    return lambda records: shaped(map(permitted, records))


def conformer(
    schema: Mapping[str, Any], mask: Mapping[Breadcrumb, bool] | None = None, report: ReportLoss = lambda _: None
) -> Conformer:
    """Return a function that gives one record the shape of its schema; None stands for a record that is left out."""
    shaped = batch_conformer(schema, mask, report)
    return lambda record: next(iter(shaped([record])), None)


def _own(schema: Mapping[str, Any], mask: Mapping[Breadcrumb, bool] | None) -> dict[str, None]:
    return {name: None for name, field, _ in _wanted(schema, mask, ()) if _is_always_there(field)}


def _is_always_there(field: Mapping[str, Any]) -> bool:
    return "x-local" in field or "x-unlisted" in field


def _without(record: Any, withheld: Iterable[tuple[str, str, str]]) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a record without the values that may not leave: nothing tells that they may, or it is told that not."""
    if record.__class__ is not dict:
        return record
    hidden = {
        name: None
        for name, beside, value in withheld
        if name in record and not (isinstance(record.get(beside), str) and record[beside] != value)
    }
    return {**record, **hidden} if hidden else record


def _wanted(
    schema: Mapping[str, Any], mask: Mapping[Breadcrumb, bool] | None, crumb: Breadcrumb
) -> Iterator[tuple[str, Mapping[str, Any], Breadcrumb]]:
    """Yield the selected fields of an object, and where each is."""
    for name, field in schema.get("properties", {}).items():
        here = (*crumb, "properties", name)
        if mask is None or mask[here]:
            yield name, field, here


def _declared(schema: Mapping[str, Any], mask: Mapping[Breadcrumb, bool] | None, crumb: Breadcrumb) -> Any:  # noqa: ANN401
    """Return the type that a value of the schema has; msgspec leaves out what an object does not declare."""
    nullable, kind = "null" in _kinds(schema), _kind(schema)
    declared: Any = SCALARS.get(kind)
    if kind == "array":
        declared = _listed[_declared(schema["items"], None, ())]
    elif kind == "object" and schema.get("properties"):
        required = schema.get("required", ())
        fields = {
            name: Required[_declared(field, mask, here)]
            if name in required or _is_always_there(field)
            else _declared(field, mask, here)
            for name, field, here in _wanted(schema, mask, crumb)
        }
        declared = _typed("Object", fields, total=False)
    return declared | None if nullable else declared


def _dated(schema: Mapping[str, Any], mask: Mapping[Breadcrumb, bool] | None, crumb: Breadcrumb) -> Any:  # noqa: ANN401
    """Return a type that says of a value's dates alone what they have to be; None where it has none."""
    dated: Any = FORMATS.get(schema.get("format", ""))
    if "items" in schema:
        item = _dated(schema["items"], None, ())
        dated = item and _listed[item]
    elif schema.get("properties"):
        fields = {name: _dated(field, mask, here) for name, field, here in _wanted(schema, mask, crumb)}
        fields = {name: field for name, field in fields.items() if field is not None}
        dated = _typed("Dates", fields, total=False) if fields else None
    return dated | None if dated is not None and "null" in _kinds(schema) else dated


def _kind(schema: Mapping[str, Any]) -> str:
    return next(name for name in _kinds(schema) if name != "null")


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema["type"]
    return [kinds] if isinstance(kinds, str) else list(kinds)


@dataclass(frozen=True, slots=True)
class _Coercion:
    """Makes the functions for values that are not all of their declared types."""

    mask: Mapping[Breadcrumb, bool] | None
    report: ReportLoss

    def of(self, schema: Mapping[str, Any], crumb: Breadcrumb, name: str) -> Conformer:
        """Return the function for values of a schema; `name` is the dotted name of the field."""
        kind = _kind(schema)
        if kind == "object" and schema.get("properties"):
            return self._object(schema, crumb, name)
        if kind == "array":
            return self._array(_Coercion(None, self.report).of(schema["items"], (), name), name)
        if schema.get("format") in FORMATS:
            return self._told(_day if schema["format"] == "date" else _instant, name)
        return self._told({"string": _string, "number": _number, "boolean": _boolean, "object": _open}[kind], name)

    def _told(self, made: Conformer, name: str) -> Conformer:
        """Return a function that reports what it loses; an empty text where another type belongs is nothing to lose."""

        def shaped(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
            found = made(value)
            if found is None and value is not None and value != "":
                self.report(name)
            return found

        return shaped

    def _object(self, schema: Mapping[str, Any], crumb: Breadcrumb, prefix: str) -> Conformer:
        fields = list(_wanted(schema, self.mask, crumb))
        required = [name for name, _, _ in fields if name in schema.get("required", ())]
        wanted = [(name, self.of(field, here, f"{prefix}.{name}".lstrip("."))) for name, field, here in fields]
        own = {name: None for name, field, _ in fields if _is_always_there(field)}

        def shaped(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON of any shape
            if value.__class__ is not dict:
                return None
            made = {**own, **{name: inner(value[name]) for name, inner in wanted if name in value}}
            if any(made.get(name) is None for name in required):
                self.report(prefix)
                return None
            return made

        return shaped if required else self._told(shaped, prefix)

    def _array(self, item: Conformer, name: str) -> Conformer:
        def shaped(value: Any) -> list[Any] | None:  # noqa: ANN401 - JSON of any shape
            if value.__class__ is not list:
                return None
            return [each for each in map(item, value) if each is not None]

        return self._told(shaped, name)


def _open(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON of any shape
    return value if value.__class__ is dict else None


def _string(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    if value is None or value.__class__ is str:
        return value
    return _encode(value).decode()


def _instant(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    """Return a date-time as it is, or as Asana writes it where it lacks its zone or its time; None for all else."""
    if value.__class__ is not str:
        return None
    return str(value) if is_timestamp(value) else _as_asana_writes(value)


def _as_asana_writes(value: str) -> str | None:
    try:
        moment = parse_date_time(value).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _day(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    """Return a date as it is, or that of a date-time; None for all else."""
    if value.__class__ is not str:
        return None
    try:
        _convert(value[:DATE_LENGTH], FORMATS["date"])
    except msgspec.ValidationError:
        return None
    return value[:DATE_LENGTH] if len(value) == DATE_LENGTH or _instant(value) else None


def _number(value: Any) -> float | None:  # noqa: ANN401 - JSON of any shape
    if value is None:
        return None
    try:
        found: float = value if value.__class__ is int or value.__class__ is float else _numeral(value)
    except (TypeError, msgspec.DecodeError):
        return None
    return found if is_finite_number(found) else None


def _boolean(value: Any) -> bool | None:  # noqa: ANN401 - JSON of any shape
    return value if value.__class__ is bool else None
