"""The requested and emitted fields are those that the catalog declares and selects, for catalogs of any origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from expected import invalid
from harness import CORE, STREAMS, TINY, Message, Output, asana, choose, discovered, selecting, sync

from fake_asana.model.field_tree import paths
from fake_asana.server.api import Api

Prune = Callable[[Message], None]
OWN_NEEDS = {"num_subtasks", "modified_at", "actual_time_minutes", "parent", "projects", "gid", "archived"}


def properties(catalog: Message, stream: str, *path: str) -> Message:
    """Return the fields that a catalog declares of a stream, or of an object in it."""
    schema = next(entry["schema"] for entry in catalog["streams"] if entry["tap_stream_id"] == stream)
    for name in path:
        schema = schema["properties"][name]
        schema = schema.get("items", schema)
    fields: Message = schema["properties"]
    return fields


def undeclared(value: Any, schema: Message, path: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the fields of a record that its SCHEMA does not declare, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from undeclared(item, schema["items"], path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            place = f"{path}.{name}"
            if name in schema["properties"]:
                yield from undeclared(inner, schema["properties"][name], place)
            else:
                yield place


def undeclared_fields(output: Output) -> set[str]:
    """Return all fields of records that are not in the SCHEMA of their stream."""
    return {
        place
        for stream, schema in output.schemas.items()
        for record in output.records(stream)
        for place in undeclared(record, schema, stream)
    }


def older_catalog() -> Message:
    """Return the catalog of an older version, with only every second field of each object."""

    def drop_fields(schema: Message, keep: set[str]) -> None:
        fields = schema.get("properties", {})
        for at, name in enumerate(sorted(fields)):
            if at % 2 and name not in keep:
                del fields[name]
        for field in fields.values():
            drop_fields(field.get("items", field), {"gid"})

    catalog = discovered()
    for entry in catalog["streams"]:
        drop_fields(entry["schema"], {*entry["key_properties"], entry.get("replication_key") or ""})
    return catalog


def requested_fields(api: Api, *templates: str) -> set[str]:
    """Return all opt_fields requested from some operations."""
    return {path for handled in api.log if handled.template in templates for path in paths(handled.query["opt_fields"])}


def test_an_older_catalog_limits_the_fields() -> None:
    """No field outside the SCHEMA is emitted, each record is valid, and undeclared fields are not requested."""
    api = asana(TINY)
    catalog = older_catalog()
    output = sync(api, catalog=selecting(catalog, STREAMS))
    assert set(output.counts()) > set(CORE)
    assert undeclared_fields(output) == set()
    assert invalid(output) == []
    declared = properties(catalog, "tasks")
    assert {"assignee", "name"} - declared.keys()
    tasks = {"GET /tasks", "GET /tasks/{task_gid}/subtasks", "GET /tags/{tag_gid}/tasks"}
    assert {path.partition(".")[0] for path in requested_fields(api, *tasks)} <= declared.keys() | OWN_NEEDS
    assert {name for record in output.records("tasks") for name in record} == declared.keys()


def newer_catalog() -> Message:
    """Return the catalog of a newer version, with another stream, another field and another nested field."""
    catalog = selecting(discovered(), ["tags"])
    for path in ((), ("workspace",)):
        properties(catalog, "tags", *path)["sparkle"] = {"type": ["null", "string"]}
    for name, selected in (("unicorns", True), ("dragons", False)):
        entry = {"tap_stream_id": name, "stream": name, "schema": {"properties": {"gid": {"type": "string"}}}}
        metadata = [{"breadcrumb": [], "metadata": {"selected": selected}}]
        catalog["streams"].append({**entry, "key_properties": ["gid"], "metadata": metadata})
    return catalog


def test_unknown_streams_and_fields_are_not_declared(caplog: pytest.LogCaptureFixture) -> None:
    """Unknown names are not in the SCHEMA, because no record has them, and are logged once."""
    output = sync(asana(TINY), catalog=newer_catalog())
    assert output.schemas == sync(asana(TINY), select=["tags"]).schemas
    lines = [record.getMessage() for record in caplog.records if "this version does not have" in record.getMessage()]
    unknown = "tags.sparkle, tags.workspace.sparkle, unicorns"
    assert lines == [f"the catalog selects streams or fields that this version does not have: {unknown}"]


def test_many_unknown_names_are_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """For many unknown names, one line has the first ones and the number of the others."""
    catalog = selecting(discovered(), ["tags"])
    properties(catalog, "tags").update({f"field{at:02}": {"type": "string"} for at in range(30)})
    sync(asana(TINY), catalog=catalog)
    (line,) = (record.getMessage() for record in caplog.records if "this version does not have" in record.getMessage())
    assert line.endswith("tags.field08, tags.field09 and 20 more")


OTHER_TYPES: Message = {
    "num_likes": {"type": ["null", "string"]},
    "notes": {"type": "string"},
    "due_on": {"type": ["null", "string"], "format": "date-time"},
    "assignee": {"type": ["null", "string"]},
    "likes": {"type": ["null", "object"], "properties": {"gid": {"type": "string"}}},
    "custom_fields": {"type": ["null", "array"], "items": {"type": "string"}},
}
"""Fields as declared in catalogs for another tap or version."""

OPEN: Message = {
    "followers": {},
    "memberships": {"type": ["null", "array"]},
    "parent": {"type": ["null", "object"]},
    "completed": {"type": ["null", "boolean", "string"]},
    "due_at": {"type": ["null", "string"]},
}
"""Fields as declared in catalogs without their content."""


def test_other_types_in_a_catalog_are_corrected(caplog: pytest.LogCaptureFixture) -> None:
    """If a catalog declares another type for a field, the SCHEMA has the real type, and a line reports it."""
    catalog = selecting(discovered(), ["tasks"])
    properties(catalog, "tasks").update({**OTHER_TYPES, **OPEN})
    output, usual = sync(asana(TINY), catalog=catalog), sync(asana(TINY), select=["tasks"])
    assert invalid(output) == []
    assert undeclared_fields(output) == set()
    assert output.rows("tasks") == usual.rows("tasks")
    lines = [record.getMessage() for record in caplog.records if "other types" in record.getMessage()]
    (names,) = (line.partition(": ")[2].split(", ") for line in lines)
    assert set(names) == {f"tasks.{name}" for name in OTHER_TYPES}


def test_a_catalog_without_schemas() -> None:
    """A catalog that declares no fields at all excludes none: all fields are emitted."""
    catalog = selecting(discovered(), ["tags"])
    for entry in catalog["streams"]:
        entry["schema"] = {}
    output, complete = sync(asana(TINY), catalog=catalog), sync(asana(TINY), select=["tags"])
    assert output.rows("tags") == complete.rows("tags")
    assert undeclared_fields(output) == set()


@pytest.mark.parametrize("without", ["gid", "modified_at"])
def test_a_catalog_without_a_key(without: str) -> None:
    """Records and SCHEMA keep their key; the bookmark field may be missing."""
    catalog = selecting(discovered(), ["tasks"])
    del properties(catalog, "tasks")[without]
    api = asana(TINY)
    output = sync(api, catalog=catalog)
    assert output.gids("tasks") == set(api.world.gids("tasks"))
    assert undeclared_fields(output) == set()


def only_object(stream: str, *path: str) -> Message:
    """Return a catalog as Meltano writes it if an object is selected, but none of its fields."""
    catalog = selecting(discovered(), [stream])
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == stream)
    object_path = [part for name in path for part in ("properties", name)]
    for metadata in entry["metadata"]:
        crumb = metadata["breadcrumb"]
        metadata["metadata"]["selected"] = crumb == object_path[: len(crumb)]
    return catalog


@pytest.mark.parametrize(
    ("stream", "path"),
    [
        ("tasks", ["assignee"]),
        ("users", ["photo"]),
        ("allocations", ["effort"]),
        ("goals", ["metric"]),
        ("stories", ["story", "created_by"]),
        ("stories", ["story"]),
        ("task_templates", ["template"]),
    ],
)
def test_an_object_selected_without_its_fields_is_complete(stream: str, path: list[str]) -> None:
    """An object selected without any of its fields is emitted with all of them, and is never empty."""
    api = asana()
    output, complete = sync(api, catalog=only_object(stream, *path)), sync(api, select=[stream])

    def part(record: Message) -> Any:  # noqa: ANN401 - any JSON
        found: Any = record
        for name in path:
            found = found and found.get(name)
        return found

    expected = {gid: part(record) for gid, record in complete.rows(stream).items()}
    assert any(expected.values())
    assert {gid: part(record) for gid, record in output.rows(stream).items()} == expected
    assert {} not in expected.values()
    assert undeclared_fields(output) == set()
    first, *_ = path
    allowed = {first, "gid", *complete.schemas[stream]["required"]}
    assert output.schemas[stream]["properties"].keys() - allowed <= {"modified_at", "created_at"}


@pytest.mark.parametrize("bare", [False, True], ids=["", "said of its fields alone"])
@pytest.mark.parametrize(
    ("stream", "name"), [("tasks", "assignee"), ("users", "photo"), ("goals", "metric"), ("stories", "story")]
)
def test_an_object_with_all_fields_deselected_is_omitted(stream: str, name: str, *, bare: bool) -> None:
    """An object whose fields are all deselected, and that is not selected itself, is omitted instead of empty.

    This also holds if only the fields of its nested objects are deselected, and if the metadata does not mention it.
    """
    catalog = selecting(discovered(), [stream])
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == stream)
    for inner, field in properties(catalog, stream, name).items():
        below: list[tuple[str, ...]] = [("properties", deeper) for deeper in field.get("properties", {})]
        for path in below or [()]:
            choose(entry, ("properties", name, "properties", inner, *path), selected=False)
    if bare:
        entry["metadata"] = [each for each in entry["metadata"] if each["breadcrumb"][1:] != [name]]
    api = asana()
    output = sync(api, catalog=catalog)
    assert output.records(stream)
    assert name not in output.schemas[stream]["properties"]
    assert not [record for record in output.records(stream) if name in record]
    requested = {path for each in api.log for path in paths(each.query.get("opt_fields", ""))}
    assert not {path for path in requested if path.partition(".")[0] == name}


def test_a_selected_nested_field_excludes_the_others() -> None:
    """If some fields of an object are selected, only these are emitted."""
    catalog = only_object("tasks", "assignee")
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == "tasks")
    choose(entry, ("properties", "assignee", "properties", "name"), selected=True)
    output = sync(asana(TINY), catalog=catalog)
    assignees = [record["assignee"] for record in output.records("tasks") if record["assignee"]]
    assert {frozenset(assignee) for assignee in assignees} == {frozenset({"name"})}
