"""The compared records contain, in every stream, the easily corrupted values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import contract
from expected import AUDIT
from reads import Full
from stream_contract import every_resource, name_of, resource

from tap_asana.records.fields import Schema
from tap_asana.sync.stream import AsanaStream

Fields = Mapping[str, contract.Field]

NULL, EMPTY, LETTERS = "null", "an empty list", "letters beyond ASCII"
FRACTION, LARGE = "a number with a fraction", "a number beyond 32 bits"

HARD: Mapping[str, Callable[[Any], object]] = {
    NULL: lambda value: value is None,
    EMPTY: lambda value: value == [],
    LETTERS: lambda value: isinstance(value, str) and not value.isascii(),
    FRACTION: lambda value: isinstance(value, float) and value != int(value),
    LARGE: lambda value: isinstance(value, (int, float)) and value > 2**32,
}

NEVER = {
    # Shares of one.
    ("goal_relationships", LARGE),
    # Counts of reactions, which Asana calls numbers.
    ("status_updates", FRACTION),
    ("status_updates", LARGE),
}
"""Hard values that a stream never has, although its types allow them."""


def walk(schema: Schema, fields: Fields) -> Iterator[tuple[Schema, contract.Field | None]]:
    """Yield every declared field at any depth, with its documentation by Asana, if any."""
    for name, field in schema.get("properties", {}).items():
        documented = fields.get(name)
        yield field, documented
        yield from walk(field.get("items", field), documented.fields if documented else {})


def possible(stream: type[AsanaStream]) -> set[str]:
    """Return the hard values that a stream can have, by its schema and Asana's documentation."""
    found = set()
    for field, documented in walk(stream.schema, resource(stream)):
        found |= {EMPTY} if "items" in field else set()
        found |= {LETTERS} if field.get("x-privacy") in {"prose", "person", "narrative", "open"} else set()
        if documented:
            found |= {NULL} if documented.nullable else set()
            found |= {FRACTION, LARGE} if documented.kind == "number" else set()
    return {value for value in found if (name_of(stream), value) not in NEVER}


def leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON value
    """Yield the leaves of a value; an empty list is a leaf."""
    if isinstance(value, dict) or (isinstance(value, list) and value):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


@every_resource
def test_every_stream_has_its_hard_values(full: Full, service: Full, stream: type[AsanaStream]) -> None:
    """A stream contains each of null, empty list, non-ASCII letters, fractions and large numbers that it can have."""
    name = name_of(stream)
    values = list(leaves((service if name == AUDIT else full).output.records(name)))
    assert values
    assert possible(stream) <= {hard for hard, fits in HARD.items() if any(map(fits, values))}
