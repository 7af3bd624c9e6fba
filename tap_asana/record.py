"""Records in the shape of their schema: declared and selected fields only, each of its declared type.

Made once per stream, so that no schema is walked per record. Records that have their shape already, as nearly all do,
are told by msgspec in one go; only the others are walked through value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec
from typing_extensions import Required, TypedDict

Shape: TypeAlias = Callable[[Any], Any]
Crumb: TypeAlias = tuple[str, ...]

SCALARS: Mapping[str, Any] = {"string": str, "number": int | float, "boolean": bool, "object": dict[str, Any]}

_convert = msgspec.convert
_typed: Any = TypedDict
_listed: Any = list
_encode = msgspec.json.Encoder().encode
_numeral: Callable[[Any], float] = msgspec.json.Decoder(int | float).decode


def shape(schema: Mapping[str, Any], mask: Mapping[Crumb, bool] | None = None) -> Shape:
    """Return a function that gives a record the shape of its schema.

    `mask` tells what the catalog selects; inside arrays everything is selected. Keys that the tap adds, and fields that
    no list documents, are always there. What may leave only beside some value of another field is null elsewhere. A
    value of another type than declared becomes the declared one where that loses nothing (a number as text, text as a
    number), else null.
    """
    declared, mended, own = _declared(schema, mask, ()), _mended(schema, mask, ()), _own(schema, mask)

    def shaped(record: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        try:
            return _convert({**own, **record} if own else record, declared)
        except msgspec.ValidationError:
            return mended(record)

    withheld = [(name, *field["x-unless"]) for name, field, _ in _wanted(schema, mask, ()) if "x-unless" in field]
    return (lambda record: shaped(_without(record, withheld))) if withheld else shaped


def _own(schema: Mapping[str, Any], mask: Mapping[Crumb, bool] | None) -> dict[str, None]:
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
    schema: Mapping[str, Any], mask: Mapping[Crumb, bool] | None, crumb: Crumb
) -> Iterator[tuple[str, Mapping[str, Any], Crumb]]:
    """Yield the selected fields of an object, and where each is."""
    for name, field in schema.get("properties", {}).items():
        here = (*crumb, "properties", name)
        if mask is None or mask[here]:
            yield name, field, here


def _declared(schema: Mapping[str, Any], mask: Mapping[Crumb, bool] | None, crumb: Crumb) -> Any:  # noqa: ANN401
    """Return the type that a value of the schema has; msgspec leaves out what an object does not declare."""
    nullable, kind = "null" in _kinds(schema), _kind(schema)
    declared: Any = SCALARS.get(kind)
    if kind == "array":
        declared = _listed[_declared(schema["items"], None, ())]
    elif kind == "object" and schema.get("properties"):
        fields = {name: _field(field, mask, here) for name, field, here in _wanted(schema, mask, crumb)}
        declared = _typed("Object", fields, total=False)
    return declared | None if nullable else declared


def _field(field: Mapping[str, Any], mask: Mapping[Crumb, bool] | None, here: Crumb) -> Any:  # noqa: ANN401
    declared = _declared(field, mask, here)
    return Required[declared] if _is_always_there(field) else declared


def _mended(schema: Mapping[str, Any], mask: Mapping[Crumb, bool] | None, crumb: Crumb) -> Shape:
    """Return the function for values that are not all of their declared types."""
    kind = _kind(schema)
    if kind == "object":
        return _object(schema, mask, crumb)
    if kind == "array":
        return _array(_mended(schema["items"], None, ()))
    return {"string": _string, "number": _number, "boolean": _boolean}[kind]


def _kind(schema: Mapping[str, Any]) -> str:
    return next(name for name in _kinds(schema) if name != "null")


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema["type"]
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _object(schema: Mapping[str, Any], mask: Mapping[Crumb, bool] | None, crumb: Crumb) -> Shape:
    if not schema.get("properties"):
        return _open_object
    fields = list(_wanted(schema, mask, crumb))
    wanted = [(name, _mended(field, mask, here)) for name, field, here in fields]
    own = {name: None for name, field, _ in fields if _is_always_there(field)}

    def shaped(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not dict:
            return None
        return {**own, **{name: inner(value[name]) for name, inner in wanted if name in value}}

    return shaped


def _array(item: Shape) -> Shape:
    def shaped(value: Any) -> list[Any] | None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not list:
            return None
        return [each for each in map(item, value) if each is not None]

    return shaped


def _open_object(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON of any shape
    return value if value.__class__ is dict else None


def _string(value: Any) -> str | None:  # noqa: ANN401 - JSON of any shape
    if value is None or value.__class__ is str:
        return value
    return _encode(value).decode()


def _number(value: Any) -> float | None:  # noqa: ANN401 - JSON of any shape
    if value is None or value.__class__ is int or value.__class__ is float:
        return value
    try:
        return _numeral(value)
    except (TypeError, msgspec.DecodeError):
        return None


def _boolean(value: Any) -> bool | None:  # noqa: ANN401 - JSON of any shape
    return value if value.__class__ is bool else None
