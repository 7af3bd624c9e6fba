"""The discovered catalog: any change to it is a change of this snapshot, to be reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from harness import STREAMS, discovered
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tap_asana.tap import native_schemas

Json = dict[str, Any]
INCREMENTAL = {
    "tasks": "modified_at",
    "stories": "created_at",
    "attachments": "created_at",
    "status_updates": "created_at",
    "time_tracking_entries": "entered_on",
    "audit_log_events": "created_at",
    "deletions": "occurred_at",
}
"""The incremental streams, and their replication keys."""

COMPOUND = {"portfolio_items": ("portfolio_gid", "gid"), "deletions": ("gid", "action", "occurred_at", "parent_gid")}
"""The streams whose key is not the gid alone."""

CATALOG = {entry["tap_stream_id"]: entry for entry in discovered()["streams"]}

every_stream = pytest.mark.parametrize("stream", STREAMS)


@every_stream
def test_the_catalog_matches_its_snapshot(stream: str, snapshot: SnapshotAssertion) -> None:
    """Each stream has the fields, keys, selection and descriptions of the snapshot."""
    entry = CATALOG[stream]
    folded = {**entry, "schema": list(folds(entry["schema"])), "metadata": list(selections(entry))}
    assert folded == snapshot(extension_class=JSONSnapshotExtension)


def folds(schema: Json, place: str = "") -> Iterator[str]:
    """Yield a line for each field at any depth: path, type, format and description."""
    for name, field in schema.get("properties", {}).items():
        inner = field.get("items", field)
        kind = "/".join(kinds(field)) + (f" of {'/'.join(kinds(inner))}" if inner is not field else "")
        extra = {
            key: value for key, value in field.items() if key not in {"type", "description", "items", "properties"}
        }
        yield f"{place}{name}: {kind} {extra or ''} {field['description']}"
        yield from folds(inner, f"{place}{name}.")


def selections(entry: Json) -> Iterator[str]:
    """Yield a line for each metadata entry with more than `inclusion: available`."""
    for metadata in entry["metadata"]:
        if metadata["metadata"] != {"inclusion": "available"}:
            yield f"{'.'.join(metadata['breadcrumb'])} {metadata['metadata']}"


def kinds(schema: Json) -> list[str]:
    """Return the types of a field."""
    return [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])


def walk(schema: Json, place: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every field at any depth, including the items of arrays."""
    for name, field in schema.get("properties", {}).items():
        yield f"{place}{name}", field
        yield from walk(field.get("items", field), f"{place}{name}.")


@every_stream
def test_an_unchanged_schema_is_recognized(stream: str) -> None:
    """The schema that a catalog is compared with is the discovered one, which the SDK builds in another way."""
    assert native_schemas()[stream].document == CATALOG[stream]["schema"]


@every_stream
def test_only_keys_are_required_and_not_null(stream: str) -> None:
    """A key is text and never null; every other field at any depth may be null."""
    entry = CATALOG[stream]
    keys = COMPOUND.get(stream, ("gid",))
    assert tuple(entry["key_properties"]) == keys
    certain = {place for place, field in walk(entry["schema"]) if "null" not in kinds(field)}
    assert certain == set(keys)
    assert set(entry["schema"]["required"]) == set(keys)


@every_stream
def test_everything_is_described(stream: str) -> None:
    """The stream and each field at any depth have a description."""
    entry = CATALOG[stream]
    assert entry["schema"]["description"]
    assert not [place for place, field in walk(entry["schema"]) if not field.get("description")]


@every_stream
def test_keys_come_first(stream: str) -> None:
    """The first field of a schema belongs to its key."""
    assert next(iter(CATALOG[stream]["schema"]["properties"])) in COMPOUND.get(stream, ("gid",))


@every_stream
def test_streams_with_a_replication_key_are_incremental(stream: str) -> None:
    """Streams with a replication key are incremental; all others are full table."""
    entry = CATALOG[stream]
    assert entry.get("replication_key") == INCREMENTAL.get(stream)
    assert entry["replication_method"] == ("INCREMENTAL" if stream in INCREMENTAL else "FULL_TABLE")


def test_parents_come_before_their_children() -> None:
    """Parent streams come before their child streams."""
    order = [STREAMS.index(name) for name in ("workspaces", "projects", "sections", "tasks", "stories")]
    assert order == sorted(order)
