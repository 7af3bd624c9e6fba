"""Records in the shape of their schema: declared and selected fields only, each of its declared type.

Made once per stream, so that no schema is walked per record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

Shape: TypeAlias = Callable[[Any], Any]
Crumb: TypeAlias = tuple[str, ...]

_encode = msgspec.json.Encoder().encode
_numeral: Callable[[Any], float] = msgspec.json.Decoder(int | float).decode


def shape(schema: Mapping[str, Any], mask: Mapping[Crumb, bool] | None = None, crumb: Crumb = ()) -> Shape:
    """Return a function that gives a JSON value the shape of a schema.

    `mask` tells what the catalog selects; inside arrays everything is selected. Keys that the tap adds are
    always there. A value of another type than declared becomes the declared one where that loses nothing (a number as
    text, text as a number), else null.
    """
    kind = next(name for name in _kinds(schema) if name != "null")
    if kind == "object":
        return _object(schema, mask, crumb)
    if kind == "array":
        return _array(shape(schema["items"]))
    return {"string": _string, "number": _number, "boolean": _boolean}[kind]


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema["type"]
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _object(schema: Mapping[str, Any], mask: Mapping[Crumb, bool] | None, crumb: Crumb) -> Shape:
    properties = schema.get("properties")
    if not properties:
        return _open_object
    wanted = []
    own: dict[str, None] = {}
    for name, field in properties.items():
        here = (*crumb, "properties", name)
        if mask is None or mask[here]:
            wanted.append((name, shape(field, mask, here)))
            own.update({name: None} if field.get("x-local") else {})

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
