"""The references between streams, read from their schemas: for the diagram of docs/streams.md, dbt and tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tap_asana.records.fields import ANY_STREAM, GID, PEOPLE

UNDRAWN = frozenset({ANY_STREAM, "workspaces", *PEOPLE})
"""Streams that nearly every other one refers to."""


@dataclass(frozen=True)
class Reference:
    """A field that holds the gid of another object, or an object or a list of objects with such a gid."""

    path: str
    """The names from the record down to the field, joined by dots."""

    streams: tuple[str, ...]
    """The streams that can hold the object."""

    is_gid: bool
    """Whether the field is a gid, and not an object or a list."""

    is_repeated: bool
    """Whether a record can refer to several objects: the field, or a field above it, is a list."""

    def gids(self, record: Mapping[str, Any]) -> Iterator[str]:
        """Yield the gids that a record refers to."""
        values: list[Any] = [record]
        for name in self.path.split("."):
            values = [item for value in values for item in _items(value.get(name))]
        yield from (value if self.is_gid else value[GID] for value in values)


def _items(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    """Return the items of a list, a list of any other value, and nothing for null."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def readable(streams: tuple[str, ...]) -> str:
    """Return the streams of a reference in Markdown."""
    names = " or ".join(f"`{name}`" for name in streams if name != ANY_STREAM)
    return names or ("any stream" if streams else "no stream")


def diagram(schemas: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a diagram of the streams and their references in Mermaid; those to workspaces and people are left out."""
    lines = [line for name, schema in schemas.items() for line in _edges(name, schema)]
    return "\n".join(["```mermaid", "erDiagram", *lines, "```", ""])


def _edges(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each stream that a stream refers to, with the fields that do."""
    fields: dict[str, list[Reference]] = {}
    for reference in references(schema):
        for target in dict.fromkeys(stream.partition(".")[0] for stream in reference.streams):
            if target not in UNDRAWN:
                fields.setdefault(target, []).append(reference)
    for target, targeting in fields.items():
        end = "o{" if any(reference.is_repeated for reference in targeting) else "o|"
        label = ", ".join(dict.fromkeys(reference.path.partition(".")[0] for reference in targeting))
        yield f'    {name} }}o--{end} {target} : "{label}"'


def references(schema: Mapping[str, Any]) -> Iterator[Reference]:
    """Yield the references of a stream's schema, at any depth and in their order."""
    yield from _references(schema, "", is_repeated=False)


def _references(schema: Mapping[str, Any], prefix: str, *, is_repeated: bool) -> Iterator[Reference]:
    for name, field in schema["properties"].items():
        item = field.get("items", field)
        repeats = is_repeated or "items" in field
        if streams := item.get("x-streams"):
            yield Reference(f"{prefix}{name}", streams, "properties" not in item, repeats)
        if "properties" in item:
            yield from _references(item, f"{prefix}{name}.", is_repeated=repeats)
