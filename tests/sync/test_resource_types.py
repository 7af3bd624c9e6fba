"""Objects have their resource_type wherever the schema declares it; Asana only sends it on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from expected import expected
from harness import (
    PERSON,
    SERVICE,
    SMALL,
    STREAMS,
    TINY,
    Message,
    Output,
    asana,
    choose,
    clock,
    discovered,
    selecting,
    sync,
)
from methods import ALL_TASK_STREAMS, HOUR
from reads import Full

from fake_asana.model.dialect import Dialect
from fake_asana.model.events import EVENT_TYPES
from tap_asana.records.known_people import USER_TYPES
from tap_asana.records.privacy import Pseudonyms

KIND = "resource_type"
KEY = "a key for this test alone"

Kinds = Counter[tuple[str, bool]]


def kind_presence(stream: str, value: Any, schema: Message, path: str = "") -> Iterator[tuple[str, bool]]:  # noqa: ANN401 - JSON
    """Yield the place of each object with a declared kind, and whether the kind is there."""
    if isinstance(value, list):
        for item in value:
            yield from kind_presence(stream, item, schema["items"], path)
    elif isinstance(value, dict) and "properties" in schema:
        if KIND in schema["properties"]:
            yield f"{stream}{path}", isinstance(value.get(KIND), str)
        for name, field in schema["properties"].items():
            yield from kind_presence(stream, value.get(name), field, f"{path}.{name}")


def kind_places(stream: str, schema: Message, path: str = "") -> Iterator[str]:
    """Yield the places at which a schema declares a kind."""
    schema = schema.get("items", schema)
    if KIND in schema.get("properties", {}):
        yield f"{stream}{path}"
    for name, field in schema.get("properties", {}).items():
        yield from kind_places(stream, field, f"{path}.{name}")


def count_kinds(output: Output) -> Kinds:
    """Count the objects with and without their kind by place."""
    return Counter(
        presence
        for stream, schema in output.schemas.items()
        for record in output.records(stream)
        for presence in kind_presence(stream, record, schema)
    )


def places_without_kind(output: Output) -> set[str]:
    """Return the places of objects without their kind."""
    return {place for place, present in count_kinds(output) if not present}


def test_every_object_has_its_declared_kind(full: Full, service: Full) -> None:
    """Every declared kind is present, at every depth, in every record of every stream.

    The two runs have objects at every place that declares a kind, except for deletions, which need a second run.
    """
    places = {place for stream in STREAMS for place in kind_places(stream, full.output.schemas[stream])}
    assert {"tasks", "tasks.custom_fields.reference_value", "attachments.parent"} <= places
    by_place = {*count_kinds(full.output), *count_kinds(service.output)}
    assert {place for place, present in by_place if not present} == set()
    looked_at = {place for place, _ in by_place}
    assert {place for place in places - looked_at if not place.startswith("deletions")} == set()


@pytest.mark.parametrize("method", ["search", "export"])
def test_every_method_reads_the_kind(method: str) -> None:
    """Tasks and their children have their kinds with every method."""
    api = asana(SMALL)
    settings = {**SERVICE, "extraction_method": method}
    first = sync(api, config=settings, select=ALL_TASK_STREAMS)
    clock(api).advance(HOUR)
    api.world.mutate()
    union = first.then(sync(api, config=settings, select=ALL_TASK_STREAMS, state=first.state))
    assert places_without_kind(union) == set()
    assert {"attachments.parent", "tasks.custom_fields.reference_value"} <= {place for place, _ in count_kinds(union)}


@pytest.mark.parametrize("dialect", [Dialect(), Dialect(nested_resource_type=False)], ids=["named", "not nested"])
@pytest.mark.parametrize("who", [PERSON, SERVICE], ids=["person", "service account"])
def test_deletions_keep_their_gids_with_pseudonyms(who: Message, dialect: Dialect) -> None:
    """With pseudonymize, a deletion has the same gid and kind as the object's own stream, except for people.

    This also holds if the kind of a nested object cannot be requested, because events repeat it in another field.
    """
    api = asana(SMALL, dialect=dialect)
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log", "workspace_events")
    settings = {**who, "privacy": "pseudonymize", "privacy_key": KEY}
    first = sync(api, config=settings, select=["deletions"])
    clock(api).advance(HOUR)
    mark = api.world.mark()
    api.world.mutate()
    deleted = {each.gid: each.resource_type for each in api.world.changes_since(mark).deletions}
    second = sync(api, config=settings, select=["deletions"], state=first.state)
    records = second.records("deletions")
    assert places_without_kind(second) == (set() if dialect.nested_resource_type else {"deletions.parent"})
    assert {record["source"] for record in records} == {"project_events"}
    hidden = {Pseudonyms(KEY).gid(gid) for gid, kind in deleted.items() if kind in USER_TYPES}
    assert {record["gid"] for record in records} - hidden <= deleted.keys()
    assert {record["gid"]: record[KIND] for record in records if record["gid"] in deleted}.items() <= deleted.items()
    assert len({record[KIND] for record in records}) > 1
    assert {record[KIND] for record in records} <= EVENT_TYPES | USER_TYPES


def without_kinds(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a record without its kinds."""
    if isinstance(value, list):
        return [without_kinds(item) for item in value]
    if isinstance(value, dict):
        return {name: without_kinds(inner) for name, inner in value.items() if name != KIND}
    return value


EMBEDDED = {"custom_fields", "custom_field_settings", "user_task_lists"}
"""Streams embedded in others, whose kind is that of a nested object."""


def test_ignored_paths_of_nested_kinds_lose_nothing_else() -> None:
    """If Asana ignores the path of a nested kind, all other fields are correct, and records have their own kind."""
    api = asana(TINY, dialect=Dialect(nested_resource_type=False))
    output = sync(api)
    for stream, schema in output.schemas.items():
        truth = expected(api.world, stream, schema)
        assert without_kinds(output.rows(stream)) == without_kinds(truth), stream
    assert {place for place in places_without_kind(output) if "." not in place} <= EMBEDDED


def test_a_kind_alone_is_requested_in_both_ways() -> None:
    """The kind of a parent without other selected fields is read by its bare name, even if its path is ignored."""
    catalog = selecting(discovered(), ["attachments"])
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == "attachments")
    for name in ("name", "resource_subtype"):
        choose(entry, ("properties", "parent", "properties", name), selected=False)
    for dialect in (Dialect(), Dialect(nested_resource_type=False)):
        output = sync(asana(TINY, dialect=dialect), catalog=catalog)
        assert {frozenset(record["parent"]) for record in output.records("attachments")} == {frozenset({"gid", KIND})}
        assert places_without_kind(output) == set()
