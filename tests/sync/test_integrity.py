"""Every reference names its stream, and a whole run brings what its records refer to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import KEYS, SMALL, STREAMS, Output
from reads import full_read

from scripts.references import Reference, references
from tap_asana.records.fields import ANY_STREAM, Schema
from tap_asana.tap import TapAsana

SCHEMAS = {name: stream.schema for name, stream in TapAsana(validate_config=False).streams.items()}
REFERENCES = {name: list(references(schema)) for name, schema in SCHEMAS.items()}
PARTS = ("custom_fields.enum_options", "custom_types.status_options")
"""Lists inside records that other records refer to."""

EMPTY_IN_A_FIRST_RUN = {"deletions", "audit_log_events"}
"""Streams without records in a person's first run."""


@pytest.fixture(scope="module")
def output() -> Output:
    """Run once, as a person."""
    return full_read(SMALL).output


def objects(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield each nested object with a gid, and each field that the tap adds as a parent's gid, with its path."""
    for name, field in schema["properties"].items():
        item = field.get("items", field)
        if "gid" in item.get("properties", ()) or "x-local" in item:
            yield f"{path}{name}", item
        if "properties" in item:
            yield from objects(item, f"{path}{name}.")


def held(output: Output) -> dict[str, set[str]]:
    """Return the gids that each stream and each list inside a stream brought, and those of former people as users."""
    gids = {name: output.gids(name) for name in STREAMS}
    for name, _, field in (part.partition(".") for part in PARTS):
        gids[f"{name}.{field}"] = {option["gid"] for row in output.records(name) for option in row.get(field) or ()}
    gids["users"] |= {row["user"]["gid"] for row in output.records("workspace_memberships") if not row["is_active"]}
    return gids


def placeholders(output: Output) -> set[str]:
    """Return the gids of placeholders for people, which Asana lists nowhere."""
    places = (("allocations", "assignee"), ("rates", "resource"))
    people = [row[field] for name, field in places for row in output.records(name)]
    return {person["gid"] for person in people if person["resource_type"] == "placeholder"}


def short(path: str) -> str:
    """Return the last two names of a path, which several streams share for custom field values."""
    return ".".join(path.split(".")[-2:])


@pytest.mark.parametrize("stream", STREAMS)
def test_each_reference_names_its_streams(stream: str) -> None:
    """A nested object with a gid names the streams that hold it, or that none does; these streams and lists exist."""
    found = dict(objects(SCHEMAS[stream]))
    assert [path for path, field in found.items() if "x-streams" not in field] == []
    known = {*STREAMS, *PARTS, ANY_STREAM}
    assert {name for reference in REFERENCES[stream] for name in reference.streams} <= known
    assert all(
        "resource_type" in field["properties"] for field in found.values() if field["x-streams"] == (ANY_STREAM,)
    )


def test_a_run_brings_what_its_records_refer_to(output: Output) -> None:
    """No record refers to an object that its streams lack, except to placeholders; each reference is tested."""
    gids = held(output)
    everything = set().union(*gids.values())
    outside = placeholders(output)

    def missing(stream: str, reference: Reference) -> tuple[int, set[str]]:
        found = {gid for record in output.records(stream) for gid in reference.gids(record)}
        any_stream = reference.streams == (ANY_STREAM,)
        brought = everything if any_stream else set().union(*(gids[name] for name in reference.streams))
        return len(found), found - brought - outside

    results = {(name, each.path): missing(name, each) for name in STREAMS for each in REFERENCES[name]}
    assert {place: lost for place, (_, lost) in results.items() if lost} == {}
    tested = {short(path) for (_, path), (count, _) in results.items() if count}
    assert {short(path) for stream, path in results if stream not in EMPTY_IN_A_FIRST_RUN} <= tested


def test_no_part_of_a_key_is_empty(output: Output) -> None:
    """Some loaders refuse an empty part of a key, and then every later run; test_deletions has the deletions."""
    parts = [(stream, row[name]) for stream in STREAMS for row in output.records(stream) for name in KEYS[stream]]
    assert {stream for stream, _ in parts} == set(STREAMS) - EMPTY_IN_A_FIRST_RUN
    assert [stream for stream, part in parts if not part] == []


def test_a_dangling_reference_is_found() -> None:
    """The gids of a reference are found at any depth: alone, in an object, and in lists."""
    row = {"task_gid": "1", "team": {"gid": "2"}, "links": [{"project": {"gid": "3"}}, {"project": None}], "tags": None}
    places = (("task_gid", True), ("team", False), ("links.project", False), ("tags", False))
    found = [list(Reference(path, (), is_gid, is_repeated=True).gids(row)) for path, is_gid in places]
    assert found == [["1"], ["2"], ["3"], []]
