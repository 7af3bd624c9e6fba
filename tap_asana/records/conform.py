"""Records made to conform to their schema: declared and selected fields only, each of its declared type.

A conformer is compiled once per stream. msgspec checks a batch of records in one call; only if that fails are its
records converted value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import msgspec

from tap_asana.api.decoding import is_finite_number, is_timestamp
from tap_asana.config import parse_date_time
from tap_asana.records.fields import Breadcrumb, Mask, value_type
from tap_asana.records.images import image_url_stripper
from tap_asana.records.structs import FORMATS, Columns, build_type, is_always_present, selected_fields
from tap_asana.state.instants import format_instant

Conformer: TypeAlias = Callable[[Any], Any]
BatchConformer: TypeAlias = Callable[[Iterable[Any]], list[Any]]
ReportLoss: TypeAlias = Callable[[str], object]
"""Takes the dotted name of a field whose value was dropped, or "" for a dropped record."""

DATE_LENGTH = len("2026-01-31")

_convert = msgspec.convert
_encode = msgspec.json.Encoder().encode
_parse_number: Callable[[Any], float] = msgspec.json.Decoder(int | float).decode


def batch_conformer(
    schema: Mapping[str, Any], mask: Mask | None = None, report: ReportLoss = lambda _: None
) -> BatchConformer:
    """Return a function that makes records conform to a schema, see `compile_conformer`."""
    return compile_conformer(schema, mask)(report)


def compile_conformer(schema: Mapping[str, Any], mask: Mask | None) -> Callable[[ReportLoss], BatchConformer]:
    """Return the maker of functions that make records conform to a schema: objects of its record type, or dictionaries.

    `mask` is the selection of the catalog; inside arrays everything is selected. Fields that the tap adds, and fields
    that the list does not document, are present in every record. Fields with `x-unless` are null unless the other field
    allows them, and images in HTML lose their URLs.

    A value of another type is converted if nothing gets lost (a number to a string, a numeric string to a number).
    Otherwise it becomes null, and the name of the field is reported. A record in which a part of the key is missing
    or empty is dropped and reported with an empty name.
    """
    list_of_records: Any = list
    list_of_records = list_of_records[build_type(schema, mask)]
    columns = Columns(schema, mask)
    conditions = [
        (name, *field["x-unless"]) for name, field, _ in selected_fields(schema, mask, ()) if _is_conditional(field)
    ]

    def reporting_to(report: ReportLoss) -> BatchConformer:
        @cache
        def coercion() -> Conformer:  # most streams never need it, and it takes longer than all else
            strip, coerce = image_url_stripper(schema), _Coercion(mask, report).of(schema, (), "")
            return (lambda row: coerce(strip(row))) if strip else coerce

        def conform(records: Iterable[Any]) -> list[Any]:
            rows = [_withhold(record, conditions) for record in records] if conditions else list(records)
            try:
                conforming: list[Any] = _convert(rows, list_of_records)
                columns.check_dates(conforming)
            except msgspec.ValidationError:
                if len(rows) > 1:
                    return [record for row in rows for record in conform([row])]
                coerced = coercion()(rows[0])
                return [] if coerced is None else [coerced]
            columns.strip_images(conforming)
            return conforming

        return conform

    return reporting_to


def conformer(schema: Mapping[str, Any], mask: Mask | None = None, report: ReportLoss = lambda _: None) -> Conformer:
    """Return a function that makes one record conform to a schema; it returns None for a dropped record."""
    conform = batch_conformer(schema, mask, report)
    return lambda record: next(iter(msgspec.to_builtins(conform([record]))), None)


def depends_on_others(schema: Mapping[str, Any]) -> bool:
    """Return whether a value in a record depends on another field, which may not be in the record's type."""
    return any(map(_is_conditional, schema["properties"].values()))


def _is_conditional(field: Mapping[str, Any]) -> bool:
    return "x-unless" in field


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
        selected = list(selected_fields(schema, self.mask, breadcrumb))
        required = [name for name, _, _ in selected if name in schema.get("required", ())]
        fields = [
            (name, self.of(field, field_breadcrumb, f"{prefix}.{name}".lstrip(".")))
            for name, field, field_breadcrumb in selected
        ]
        defaults = {name: None for name, field, _ in selected if is_always_present(field)}

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
