"""Records made to conform to their schema: declared and selected fields only, each of its declared type.

A conformer is compiled once per stream. msgspec checks a batch of records in one call; only if that fails are its
records converted value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

import msgspec
from typing_extensions import Required, TypedDict

from tap_asana.api.decoding import Record, ZonedDatetime, is_finite_number, is_timestamp
from tap_asana.config import parse_date_time
from tap_asana.records.fields import Breadcrumb, Mask, types_of, value_type
from tap_asana.records.images import image_url_stripper
from tap_asana.state.instants import format_instant

Conformer: TypeAlias = Callable[[Any], Any]
BatchConformer: TypeAlias = Callable[[Iterable[Any]], list[Record]]
ReportLoss: TypeAlias = Callable[[str], object]
"""Takes the dotted name of a field whose value was dropped, or "" for a dropped record."""

SAFE_INTEGER = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""Integers in the range of a double; longer ones are checked one by one."""

SCALARS: Mapping[str, Any] = {"string": str, "number": SAFE_INTEGER | float, "boolean": bool, "object": dict[str, Any]}

KEY: Any = Annotated[str, msgspec.Meta(min_length=1)]
"""A part of a key; some loaders refuse empty ones, and then every later run."""

FORMATS: Mapping[str, Any] = {"date-time": ZonedDatetime, "date": date}
"""The type that msgspec must be able to parse a string of each format as."""

MAX_OBJECT_TYPES = 2000
"""The number of types to keep: a catalog with all fields needs some hundred."""

DATE_LENGTH = len("2026-01-31")

_convert = msgspec.convert
_typed_dict: Any = TypedDict
_list_type: Any = list
_encode = msgspec.json.Encoder().encode
_parse_number: Callable[[Any], float] = msgspec.json.Decoder(int | float).decode


def batch_conformer(
    schema: Mapping[str, Any], mask: Mask | None = None, report: ReportLoss = lambda _: None
) -> BatchConformer:
    """Return a function that makes records conform to a schema.

    `mask` is the selection of the catalog; inside arrays everything is selected. Fields that the tap adds, and fields
    that the list does not document, are present in every record. Fields with `x-unless` are null unless the other field
    allows them, and images in HTML lose their URLs.

    A value of another type is converted if nothing gets lost (a number to a string, a numeric string to a number).
    Otherwise it becomes null, and the name of the field is reported. A record in which a part of the key is missing
    or empty is dropped and reported with an empty name.
    """
    record_type, date_types = _build_type(schema, mask, ()), _build_date_type(schema, mask, ())
    list_type, list_of_dates = _list_type[record_type], _list_type[date_types]
    defaults = {name: None for name, field, _ in _selected_fields(schema, mask, ()) if _is_always_present(field)}
    coerce = _Coercion(mask, report).of(schema, (), "")

    def conform(records: Iterable[Any]) -> list[Record]:
        rows = [{**defaults, **record} for record in records] if defaults else list(records)
        try:
            return _check(rows)
        except msgspec.ValidationError:
            if len(rows) == 1:
                record = coerce(rows[0])
                return [] if record is None else [record]
            return [record for row in rows for record in conform([row])]

    def _check(rows: list[Any]) -> list[Record]:
        records: list[Record] = _convert(rows, list_type)
        if date_types is not None:
            _convert(records, list_of_dates)
        return records

    conditions = [
        (name, *field["x-unless"]) for name, field, _ in _selected_fields(schema, mask, ()) if "x-unless" in field
    ]
    strip = image_url_stripper(schema)
    if not conditions:
        return (lambda records: conform(map(strip, records))) if strip else conform

    def withhold_and_strip(record: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        visible_record = _withhold(record, conditions)
        return strip(visible_record) if strip else visible_record

    return lambda records: conform(map(withhold_and_strip, records))


def conformer(schema: Mapping[str, Any], mask: Mask | None = None, report: ReportLoss = lambda _: None) -> Conformer:
    """Return a function that makes one record conform to a schema; it returns None for a dropped record."""
    conform = batch_conformer(schema, mask, report)
    return lambda record: next(iter(conform([record])), None)


def _is_always_present(field: Mapping[str, Any]) -> bool:
    return "x-local" in field or "x-unlisted" in field


def _withhold(record: Any, conditions: Iterable[tuple[str, str, str]]) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a record without the values that `x-unless` forbids, or does not clearly allow."""
    if record.__class__ is not dict:
        return record
    withheld = {
        name: None
        for name, other, value in conditions
        if name in record and not (isinstance(record.get(other), str) and record[other] != value)
    }
    return {**record, **withheld} if withheld else record


def _selected_fields(
    schema: Mapping[str, Any], mask: Mask | None, breadcrumb: Breadcrumb
) -> Iterator[tuple[str, Mapping[str, Any], Breadcrumb]]:
    """Yield the name, the schema and the breadcrumb of each selected field of an object."""
    for name, field in schema.get("properties", {}).items():
        field_breadcrumb = (*breadcrumb, "properties", name)
        if mask is None or mask[field_breadcrumb]:
            yield name, field, field_breadcrumb


@lru_cache(maxsize=MAX_OBJECT_TYPES)
def _object_type(fields: tuple[tuple[str, Any], ...]) -> Any:  # noqa: ANN401 - a type
    """Return the type of objects with these fields, built once, because most streams refer to the same objects."""
    return _typed_dict("Object", dict(fields), total=False)


def _build_type(schema: Mapping[str, Any], mask: Mask | None, breadcrumb: Breadcrumb) -> Any:  # noqa: ANN401 - a type
    """Return the Python type of the values of a schema; msgspec drops undeclared keys of a TypedDict."""
    nullable, kind = "null" in types_of(schema), value_type(schema)
    python_type: Any = SCALARS.get(kind)
    if kind == "array":
        python_type = _list_type[_build_type(schema["items"], None, ())]
    elif kind == "object" and schema.get("properties"):
        required = schema.get("required", ())
        fields = {
            name: Required[KEY]
            if name in required
            else Required[_build_type(field, mask, field_breadcrumb)]
            if _is_always_present(field)
            else _build_type(field, mask, field_breadcrumb)
            for name, field, field_breadcrumb in _selected_fields(schema, mask, breadcrumb)
        }
        python_type = _object_type(tuple(fields.items()))
    return python_type | None if nullable else python_type


def _build_date_type(schema: Mapping[str, Any], mask: Mask | None, breadcrumb: Breadcrumb) -> Any:  # noqa: ANN401 - a type
    """Return a Python type with only the dates and date-times of a schema; None if it has none."""
    python_type: Any = FORMATS.get(schema.get("format", ""))
    if "items" in schema:
        item = _build_date_type(schema["items"], None, ())
        python_type = item and _list_type[item]
    elif schema.get("properties"):
        fields = {
            name: _build_date_type(field, mask, field_breadcrumb)
            for name, field, field_breadcrumb in _selected_fields(schema, mask, breadcrumb)
        }
        fields = {name: field for name, field in fields.items() if field is not None}
        python_type = _object_type(tuple(fields.items())) if fields else None
    return python_type | None if python_type is not None and "null" in types_of(schema) else python_type


@dataclass(frozen=True, slots=True)
class _Coercion:
    """Compiles the functions that convert records value by value."""

    mask: Mask | None
    report: ReportLoss

    def of(self, schema: Mapping[str, Any], breadcrumb: Breadcrumb, name: str) -> Conformer:
        """Return the function for values of a schema; `name` is the dotted name of the field."""
        kind = value_type(schema)
        if kind == "object" and schema.get("properties"):
            return self._object(schema, breadcrumb, name)
        if kind == "array":
            return self._array(_Coercion(None, self.report).of(schema["items"], (), name), name)
        if schema.get("format") in FORMATS:
            return self._reporting(_to_date if schema["format"] == "date" else _to_date_time, name)
        return self._reporting(
            {"string": _to_string, "number": _to_number, "boolean": _to_boolean, "object": _to_dict}[kind], name
        )

    def _reporting(self, convert: Conformer, name: str) -> Conformer:
        """Return `convert` with a report of dropped values; an empty string in place of another type is not a loss."""

        def convert_and_report(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
            result = convert(value)
            if result is None and value is not None and value != "":
                self.report(name)
            return result

        return convert_and_report

    def _object(self, schema: Mapping[str, Any], breadcrumb: Breadcrumb, prefix: str) -> Conformer:
        selected = list(_selected_fields(schema, self.mask, breadcrumb))
        required = [name for name, _, _ in selected if name in schema.get("required", ())]
        fields = [
            (name, self.of(field, field_breadcrumb, f"{prefix}.{name}".lstrip(".")))
            for name, field, field_breadcrumb in selected
        ]
        defaults = {name: None for name, field, _ in selected if _is_always_present(field)}

        def convert(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON of any shape
            if value.__class__ is not dict:
                return None
            result = {**defaults, **{name: inner(value[name]) for name, inner in fields if name in value}}
            if not all(result.get(name) for name in required):
                self.report(prefix)
                return None
            return result

        return convert if required else self._reporting(convert, prefix)

    def _array(self, convert_item: Conformer, name: str) -> Conformer:
        def convert(value: Any) -> list[Any] | None:  # noqa: ANN401 - JSON of any shape
            if value.__class__ is not list:
                return None
            return [item for item in map(convert_item, value) if item is not None]

        return self._reporting(convert, name)


def _to_dict(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON of any shape
    return value if value.__class__ is dict else None


def _to_string(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    if value is None or value.__class__ is str:
        return value
    return _encode(value).decode()


def _to_date_time(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    """Return a date-time as it is, or in Asana's format if its zone or its time is missing; None for other values."""
    if value.__class__ is not str:
        return None
    return str(value) if is_timestamp(value) else _in_asana_format(value)


def _in_asana_format(value: str) -> str | None:
    try:
        return format_instant(parse_date_time(value))
    except (ValueError, OverflowError):
        return None


def _to_date(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    """Return a date as it is, or the date of a date-time; None for other values."""
    if value.__class__ is not str:
        return None
    try:
        _convert(value[:DATE_LENGTH], FORMATS["date"])
    except msgspec.ValidationError:
        return None
    return value[:DATE_LENGTH] if len(value) == DATE_LENGTH or _to_date_time(value) else None


def _to_number(value: Any) -> float | None:  # noqa: ANN401 - JSON of any shape
    if value is None:
        return None
    try:
        number: float = value if value.__class__ is int or value.__class__ is float else _parse_number(value)
    except (TypeError, msgspec.DecodeError):
        return None
    return number if is_finite_number(number) else None


def _to_boolean(value: Any) -> bool | None:  # noqa: ANN401 - JSON of any shape
    return value if value.__class__ is bool else None
