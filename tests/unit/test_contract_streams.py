"""Streams declare and request the fields that Asana documents, and omit none without a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import contract
from stream_contract import every_resource, every_stream, name_of, resource

from tap_asana.records.fields import Schema, opt_fields
from tap_asana.streams.customization import CustomFields
from tap_asana.streams.work import Tasks
from tap_asana.sync.stream import AsanaStream

OTHER_WAYS: Mapping[str, tuple[str, ...]] = {
    "tasks": (
        "/tasks/{task_gid}/subtasks",
        "/tags/{tag_gid}/tasks",
        "/workspaces/{workspace_gid}/tasks/search",
    ),
}
"""Further lists of a stream, in addition to its own paths."""

AS_TEXT = {("audit_log_events", "details")}
"""Fields declared as JSON text because Asana documents no structure for them."""


def sources(stream: type[AsanaStream]) -> Iterator[tuple[str, str]]:
    """Yield the list paths of a stream, and the field of each record that holds its own (empty for the record)."""
    yield from stream.list_paths().items()
    if stream.path and stream.path not in stream.list_paths():
        yield stream.path, ""
    yield from ((path, "") for path in OTHER_WAYS.get(name_of(stream), ()))


def operation(path: str) -> contract.Operation:
    """Return the documented operation behind a path."""
    return contract.operation("GET " + path.partition("?")[0].replace("shared_portfolio", "portfolio"))


def declared(stream: type[AsanaStream]) -> dict[str, Schema]:
    """Return the fields that Asana sends."""
    return {name: field for name, field in stream.schema["properties"].items() if not field.get("x-local")}


def walk(schema: Schema, place: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield every field at any depth, with its path."""
    for name, field in schema.get("properties", {}).items():
        yield f"{place}{name}", field
        yield from walk(field.get("items", field), f"{place}{name}.")


def kind(field: Schema) -> str:
    """Return the type of a field, ignoring null."""
    types: Any = field["type"]
    return str(types if isinstance(types, str) else types[-1])


def test_unfold() -> None:
    """A folded digest unfolds to the dotted paths and all their ancestors."""
    assert contract.unfold("a(b(c) d) e") == ["a", "a.b", "a.b.c", "a.d", "e"]


@every_stream
def test_paths_have_documented_parameters(stream: type[AsanaStream]) -> None:
    """Every path is documented, has all required parameters, and no unknown ones."""
    for path, _ in sources(stream):
        documented = operation(path)
        params = set(re.findall(r"[?&](\w+)=", path))
        assert documented.required <= params <= documented.params


@every_stream
def test_requested_fields_are_documented(stream: type[AsanaStream]) -> None:
    """Every requested field is documented for each list of the stream."""
    for path, inside in sources(stream):
        requested = {f"{inside}.{name}" if inside else name for name in opt_fields(stream.schema)}
        assert contract.undocumented(operation(path), requested) == set()


@every_stream
def test_unlisted_fields_have_a_reason(stream: type[AsanaStream]) -> None:
    """The unlisted fields of a stream are named exceptions of the contract, and undocumented for the list."""
    unlisted = {name: field for name, field in stream.schema["properties"].items() if "x-unlisted" in field}
    for path, _ in sources(stream):
        documented = operation(path)
        excepted = contract.UNLISTED.get(documented.name, {})
        assert set(opt_fields({"properties": unlisted})) == excepted.keys()
        assert all(excepted.values())
        assert not {name.partition(".")[0] for name in excepted} & documented.opt_fields


@every_resource
def test_declared_fields_exist(stream: type[AsanaStream]) -> None:
    """Every declared field is one that Asana documents and does not call deprecated."""
    documented = resource(stream)
    assert declared(stream).keys() <= documented.keys()
    assert not [name for name in declared(stream) if documented[name].deprecated]


@every_resource
def test_no_field_is_forgotten(stream: type[AsanaStream]) -> None:
    """Every documented field is either declared or left out for a reason."""
    assert declared(stream).keys() ^ stream.omitted.keys() == resource(stream).keys()
    assert all(stream.omitted.values())


def test_omitted_value_fields_are_declared_in_tasks() -> None:
    """The fields that custom field definitions omit because they belong to a value are in the values of tasks."""
    values = Tasks.schema["properties"]["custom_fields"]["items"]["properties"]
    of_values = {name for name, reason in CustomFields.omitted.items() if "belongs to a value" in reason}
    assert of_values
    assert of_values <= values.keys()


@every_resource
def test_declared_types_are_documented(stream: type[AsanaStream]) -> None:
    """Every declared field has the documented type; integers are numbers."""
    documented = resource(stream)
    for name, field in declared(stream).items():
        if (name_of(stream), name) not in AS_TEXT:
            expected, _, form = documented[name].kind.partition("/")
            assert kind(field) == {"integer": "number"}.get(expected, expected), name
            assert form not in {"date", "date-time"} or field["format"] == form, name


@every_stream
def test_everything_is_described(stream: type[AsanaStream]) -> None:
    """A stream and all its fields, at any depth, have a description."""
    assert stream.__doc__
    assert not [place for place, field in walk(stream.schema) if not field["description"]]


@every_stream
def test_keys_are_declared(stream: type[AsanaStream]) -> None:
    """The fields of a key are declared and never null, and the replication key is declared."""
    keys = [stream.schema["properties"][name] for name in stream.primary_keys]
    assert all(field["type"] == "string" for field in keys)
    assert vars(stream).get("replication_key", "gid") in stream.schema["properties"]


@every_stream
def test_gids_are_text(stream: type[AsanaStream]) -> None:
    """No gid at any depth is a number: many readers would round it."""
    assert {kind(field) for place, field in walk(stream.schema) if place.endswith("gid")} == {"string"}
