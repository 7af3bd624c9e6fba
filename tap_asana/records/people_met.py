"""Who is met in a record: the people in its fields, whom its texts may name too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from tap_asana.records.known_people import KnownPeople

Meeting: TypeAlias = Callable[[Any], object]

PEOPLE: Final = frozenset({"user", "agent"})
"""The resource types of people; a thing that does not say what it is counts as one."""


def meeting(schema: Mapping[str, Any], directory: KnownPeople) -> Meeting | None:
    """Return the function that has a directory learn who is in a record of a schema; None where nobody can be."""
    return _inside(schema, directory, _always)


def _always(_: Mapping[str, Any]) -> bool:
    return True


def _is_person(value: Mapping[str, Any]) -> bool:
    """Tell whether one of several kinds of things is surely a person: nobody is to be called by a team's name."""
    kind = value.get("resource_type")
    return bool(value.get("email")) or (isinstance(kind, str) and kind in PEOPLE)


def _inside(
    schema: Mapping[str, Any], directory: KnownPeople, is_person: Callable[[Mapping[str, Any]], bool]
) -> Meeting | None:
    """Return the function for a value; `is_person` tells of one that may be a person whether it is one."""
    if "items" in schema:
        return _each(_field(schema["items"], directory))
    properties: Mapping[str, Any] = schema.get("properties", {})
    nested = {name: inner for name, field in properties.items() if (inner := _field(field, directory))}
    personal = schema.get("x-privacy") == "person" and "gid" in properties
    if not personal and not nested:
        return None

    def meet(value: Any) -> None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is not dict:
            return
        if personal and is_person(value):
            directory.add(value.get("gid"), value.get("name"), value.get("email"))
        for name, inner in nested.items():
            if found := value.get(name):
                inner(found)

    return meet


def _field(schema: Mapping[str, Any], directory: KnownPeople) -> Meeting | None:
    several_kinds = "resource_type" in schema.get("properties", {})
    return _inside(schema, directory, _is_person if several_kinds else _always)


def _each(meet: Meeting | None) -> Meeting | None:
    def each(value: Any) -> None:  # noqa: ANN401 - JSON of any shape
        if value.__class__ is list and meet:
            for item in value:
                meet(item)

    return each if meet else None
