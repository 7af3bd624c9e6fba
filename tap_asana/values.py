"""Turn the values of settings, as people and programs write them, into the types that their schemas declare."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

TRUE_WORDS: Final = frozenset({"true", "yes", "on", "1"})
FALSE_WORDS: Final = frozenset({"false", "no", "off", "0"})

WHOLE_NUMBER: Final = re.compile(r"([+-]?[0-9]{1,400})(\.0*)?")
"""A whole number, also with decimals that are zero; Python converts no text of thousands of digits."""

JsonSchema = Mapping[str, Any]


def parse_value(schema: JsonSchema, value: object) -> Any:  # noqa: ANN401 - a setting can have any JSON type
    """Return a value in the type of its schema, None if it is empty; a value of another type is returned unchanged."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    parse = _PARSERS.get(type_of(schema))
    return parse(value) if parse else value


def type_of(schema: JsonSchema) -> str:
    """Return the type that a schema declares besides null, an empty text if it declares none."""
    types = schema.get("type", "")
    return types if isinstance(types, str) else next((name for name in types if name != "null"), "")


def _boolean(value: object) -> object:
    """Return a boolean for true, yes, on, 1 and their opposites, in any case."""
    word = str(int(value)) if value in (0, 1) else str(value).strip().lower()
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else value


def _integer(value: object) -> object:
    """Return an integer for a whole number, also as text or with a decimal point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    match = WHOLE_NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(match[1]) if match else value


def _array(value: object) -> object:
    """Return a list for JSON or for texts between commas; a whole number in a list, such as a gid, becomes text."""
    if isinstance(value, str):
        parts = _json(value) if value.lstrip().startswith("[") else [part.strip() for part in value.split(",")]
        value = [part for part in parts if part != ""] if isinstance(parts, list) else value
    if isinstance(value, list):
        return [str(item) if isinstance(item, int) and not isinstance(item, bool) else item for item in value]
    return [str(value)] if isinstance(value, int) and not isinstance(value, bool) else value


def _json(value: object) -> object:
    """Return the value that a text holds as JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


_PARSERS: Final[dict[str, Callable[[object], object]]] = {
    "array": _array,
    "boolean": _boolean,
    "integer": _integer,
    "object": _json,
}
