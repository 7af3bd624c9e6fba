"""Record types: the classes that msgspec decodes or converts records into, without undeclared fields.

A record type checks everything about a record but its own dates, which are strings in it and stay as they are.
`Columns` reads a field in many records at once, so that dates are checked, and images found, without a step for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from tap_asana.api.decoding import ZonedDatetime
from tap_asana.records.fields import Breadcrumb, Mask, types_of, value_type
from tap_asana.records.images import HTML_PREFIX, has_images, strip_image_urls

SAFE_INTEGER = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""Integers in the range of a double; longer ones are checked one by one."""

SCALARS: Mapping[str, Any] = {"string": str, "number": SAFE_INTEGER | float, "boolean": bool, "object": dict[str, Any]}

KEY: Any = Annotated[str, msgspec.Meta(min_length=1)]
"""A part of a key; some loaders refuse empty ones, and then every later run."""

FORMATS: Mapping[str, Any] = {"date-time": ZonedDatetime, "date": date}
"""The type that msgspec must be able to parse a string of each format as."""

_DAY = (
    r"(?:[12]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"|[12]\d(?:0[48]|[2468][048]|[13579][26])-02-29)"
)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z"

PATTERNS: Mapping[str, str] = {"date-time": rf"\A{_DAY}T{_TIME}\Z", "date": rf"\A{_DAY}\Z"}
"""The usual forms of each format; values in another form are checked one by one."""

OWN_FIELD_DEPTH = len(("properties", "name"))
"""Length of the breadcrumb of a field of the record itself."""

MAX_OBJECT_TYPES = 2000
"""The number of types to keep: a catalog with all fields needs some hundred."""

_list_type: Any = list
_convert = msgspec.convert


def selected_fields(
    schema: Mapping[str, Any], mask: Mask | None, breadcrumb: Breadcrumb
) -> Iterator[tuple[str, Mapping[str, Any], Breadcrumb]]:
    """Yield the name, the schema and the breadcrumb of each selected field of an object."""
    for name, field in schema.get("properties", {}).items():
        field_breadcrumb = (*breadcrumb, "properties", name)
        if mask is None or mask[field_breadcrumb]:
            yield name, field, field_breadcrumb


def is_always_present(field: Mapping[str, Any]) -> bool:
    """Return whether a field is in every record: null if Asana does not send it."""
    return "x-local" in field or "x-unlisted" in field


def build_type(
    schema: Mapping[str, Any],
    mask: Mask | None = None,
    breadcrumb: Breadcrumb = (),
    defaults: Mapping[str, object] = MappingProxyType({}),
) -> Any:  # noqa: ANN401 - a type
    """Return the type of the values of a schema: a class for an object with declared fields.

    A field that is missing in a record is missing in the object too: it is UNSET, unless it is always present, and then
    it has the value in `defaults`, or null.
    """
    kind = value_type(schema)
    python_type: Any = SCALARS.get(kind)
    if schema.get("format") in FORMATS:
        # A pattern takes ten times as long as `Columns`, but nothing if the object is missing, as most of these are.
        is_nested = len(breadcrumb) != OWN_FIELD_DEPTH
        rule = msgspec.Meta(pattern=PATTERNS[schema["format"]]) if is_nested else msgspec.Meta(min_length=1)
        python_type = Annotated[str, rule]
    elif kind == "array":
        python_type = _list_type[build_type(schema["items"], None, (*breadcrumb, "items"))]
    elif kind == "object" and schema.get("properties"):
        required, optional = [], []
        for name, field, field_breadcrumb in selected_fields(schema, mask, breadcrumb):
            if name in schema.get("required", ()):
                required.append((name, KEY))
            else:
                default = defaults.get(name) if is_always_present(field) else UNSET
                optional.append((name, build_type(field, mask, field_breadcrumb) | UnsetType, default))
        python_type = _object_type((*required, *optional))
    return python_type | None if "null" in types_of(schema) else python_type


@lru_cache(maxsize=MAX_OBJECT_TYPES)
def _object_type(fields: tuple[tuple[Any, ...], ...]) -> Any:  # noqa: ANN401 - a type
    """Return the type of objects with these fields, built once, because most streams refer to the same objects.

    Records contain no cycles, so the garbage collector need not track them.
    """
    return msgspec.defstruct("Object", fields, gc=False)


@dataclass(frozen=True, slots=True)
class _HtmlColumn:
    """A field with HTML at any depth: the names on the way to its objects, each with whether it is a list."""

    path: tuple[tuple[str, bool], ...]
    name: str

    def owners(self, records: Sequence[Any]) -> Sequence[Any]:
        """Return the objects in records that may have the field; null and missing ones are left out."""
        for name, is_array in self.path:
            values = filter(None, map(attrgetter(name), records))
            records = list(chain.from_iterable(values)) if is_array else list(values)
        return records


class Columns:
    """The dates and the HTML of a record type, read in many records at once."""

    def __init__(self, schema: Mapping[str, Any], mask: Mask | None = None) -> None:
        """Find them in the schema."""
        self._dates = [
            (attrgetter(name), _list_type[FORMATS[field["format"]]])
            for name, field, _ in selected_fields(schema, mask, ())
            if field.get("format") in FORMATS
        ]
        self._html = list(_html_columns(schema, mask, (), ()))

    def check_dates(self, records: Sequence[Any]) -> None:
        """Raise msgspec.ValidationError if a date of a record is none; those in objects are checked by the type."""
        for get, dates in self._dates:
            if texts := list(filter(None, map(get, records))):
                _convert(texts, dates)

    def strip_images(self, records: Sequence[Any]) -> None:
        """Remove the URLs of images from the HTML in records."""
        for column in self._html:
            owners, get = column.owners(records), attrgetter(column.name)
            if not has_images("".join(filter(None, map(get, owners)))):
                continue
            for owner in owners:
                if text := get(owner):
                    setattr(owner, column.name, strip_image_urls(text))


def _html_columns(
    schema: Mapping[str, Any], mask: Mask | None, breadcrumb: Breadcrumb, path: tuple[tuple[str, bool], ...]
) -> Iterator[_HtmlColumn]:
    for name, field, field_breadcrumb in selected_fields(schema, mask, breadcrumb):
        item, is_array = field.get("items", field), "items" in field
        if item.get("properties"):
            yield from _html_columns(item, None if is_array else mask, field_breadcrumb, (*path, (name, is_array)))
        elif name.startswith(HTML_PREFIX):
            if is_array or value_type(field) != "string":
                raise TypeError(f"HTML that is no text: {name}")
            yield _HtmlColumn(path, name)
