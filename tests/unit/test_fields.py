"""Field helpers build schemas, and opt_fields follows from schema and selection."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.singerlib import MetadataMapping, Schema, SelectionMask

from tap_asana.records import fields as f
from tap_asana.records.fields import Breadcrumb

TASK = f.entity(
    workspace_gid=f.parent_gid("workspace", "workspaces"),
    name=f.prose("name"),
    created_by=f.ref_gid("creator", "users"),
    assignee=f.person("assignee", email=f.email("email")),
    tags=f.texts("tags"),
    photo=f.obj("photo", small=f.text("small"), large=f.text("large")),
    likes=f.refs_gid("likes", f.NO_STREAM, user=f.person("user")),
    memberships=f.objs("memberships", project=f.ref("project", "projects"), section=f.ref("section", "sections")),
    metric=f.ref_gid(
        "metric", f.NO_STREAM, unit=f.text("unit"), period=f.obj("period", start=f.day("start"), end=f.day("end"))
    ),
    dates=f.no_subfields(f.obj("dates", start=f.day("start"))),
    details=f.json_text("details"),
)
EVERYTHING = [
    "resource_type",
    "name",
    "created_by",
    "assignee.name",
    "assignee.email",
    "tags",
    "photo.small",
    "photo.large",
    "likes.user.name",
    "memberships.project.name",
    "memberships.section.name",
    "metric.unit",
    "metric.period.start",
    "metric.period.end",
    "dates",
    "details",
]


def crumb(path: str) -> Breadcrumb:
    """Return the breadcrumb of a dotted path."""
    return tuple(word for name in path.split(".") for word in ("properties", name))


def without(*paths: str) -> SelectionMask:
    """Return the selection of everything but these paths."""
    return SelectionMask({(): True, **{crumb(path): False for path in paths}})


def crumbs(schema: f.Schema, here: Breadcrumb = ()) -> list[Breadcrumb]:
    """Return every breadcrumb that the SDK gives to a schema."""
    found: list[Breadcrumb] = []
    for name, field in schema.get("properties", {}).items():
        below = (*here, "properties", name)
        found += [below, *crumbs(field, below)]
    return found


def deciding(path: str) -> list[Breadcrumb]:
    """Return the breadcrumbs that decide on a path: the path and its ancestors, down to the first array."""
    schema = TASK
    here: Breadcrumb = ()
    found: list[Breadcrumb] = []
    for name in path.split("."):
        here = (*here, "properties", name)
        found.append(here)
        schema = schema["properties"][name]
        if "items" in schema:
            break
    return found


masks = st.dictionaries(st.sampled_from(crumbs(TASK)), st.booleans()).map(SelectionMask)


def test_everything_is_requested_by_default() -> None:
    """Everything declared is requested in the declared order, except gids, which Asana always sends."""
    assert f.opt_fields(TASK) == EVERYTHING


def test_an_empty_selection_selects_everything() -> None:
    """An empty selection selects everything."""
    assert f.opt_fields(TASK, SelectionMask()) == EVERYTHING


def test_the_discovered_catalog_selects_everything() -> None:
    """The catalog that the SDK discovers selects everything."""
    metadata = MetadataMapping.get_standard_metadata(schema=TASK, key_properties=["gid"], selected_by_default=True)
    assert f.opt_fields(TASK, metadata.resolve_selection()) == EVERYTHING


def test_a_deselected_field_is_not_requested() -> None:
    """A deselected field is not requested, nor are its subfields."""
    assert [path for path in EVERYTHING if not path.startswith(("name", "assignee"))] == f.opt_fields(
        TASK,
        without("name", "assignee"),
    )


def test_a_nested_field_can_be_deselected() -> None:
    """A nested field is deselected by its own breadcrumb."""
    assert [path for path in EVERYTHING if path != "assignee.email"] == f.opt_fields(TASK, without("assignee.email"))


def test_a_reference_with_only_a_gid_is_requested_by_name() -> None:
    """A nested resource with only its gid left is requested by its bare name."""
    requested = f.opt_fields(f.entity(assignee=f.person("assignee")), without("assignee.name"))
    assert requested == ["resource_type", "assignee"]


def test_an_object_without_fields_is_not_requested() -> None:
    """A nested object without a gid is not requested when all its fields are deselected."""
    schema = f.entity(photo=f.obj("photo", small=f.text("small")), name=f.prose("name"))
    assert f.opt_fields(schema, without("photo.small")) == ["resource_type", "name"]


def test_arrays_are_requested_whole() -> None:
    """An array of objects is requested with all fields, because the SDK prunes nothing inside arrays."""
    assert f.opt_fields(
        f.entity(followers=f.people("followers")),
        without("followers.name", "followers.items.name"),
    ) == ["resource_type", "followers.name"]


def test_a_record_without_subfields_requests_nothing() -> None:
    """A record marked with no_subfields requests no fields."""
    assert f.opt_fields(f.no_subfields(f.entity(name=f.prose("name")))) == []


def test_an_object_without_subfields_is_requested_by_name() -> None:
    """A nested object marked with no_subfields is requested by its name, regardless of the selection."""
    assert f.opt_fields(
        f.entity(dates=f.no_subfields(f.obj("dates", start=f.day("start")))), without("dates.start")
    ) == [
        "resource_type",
        "dates",
    ]


def test_the_resource_type_of_a_reference_is_requested() -> None:
    """A reference's resource type is requested by name, and with the bare name if no other field is selected."""
    schema = f.record(parent=f.ref("parent", "tasks", resource_type=f.text("kind")))
    assert f.opt_fields(schema) == ["parent.name", "parent.resource_type"]
    assert f.opt_fields(schema, without("parent.resource_type")) == ["parent.name"]
    assert f.opt_fields(schema, without("parent.name")) == ["parent", "parent.resource_type"]
    assert f.opt_fields(schema, without("parent.name", "parent.resource_type")) == ["parent"]


def test_the_resource_type_of_a_record_is_requested() -> None:
    """The resource type of a record is requested if selected: Asana does not send it by default."""
    assert f.opt_fields(f.entity()) == ["resource_type"]
    assert f.opt_fields(f.entity(), without("resource_type")) == []


def test_local_keys_are_not_requested() -> None:
    """A key added by the tap is never requested."""
    assert f.opt_fields(f.record(task_gid=f.parent_gid("task", "tasks"))) == []


@given(mask=masks)
def test_a_selection_requests_no_further_fields(mask: SelectionMask) -> None:
    """No selection requests a top-level field that the whole schema does not request."""
    requested = f.opt_fields(TASK, mask)
    bare = {path for path in requested if path not in EVERYTHING}
    assert set(requested) - bare <= set(EVERYTHING)
    assert bare <= {"assignee", "metric"}


@given(mask=masks)
def test_deselected_fields_are_never_requested(mask: SelectionMask) -> None:
    """No deselected field and no field below one is requested."""
    for path in f.opt_fields(TASK, mask):
        assert all(mask[here] for here in deciding(path))


@given(mask=masks)
def test_selected_fields_are_requested(mask: SelectionMask) -> None:
    """A leaf is requested when it and all its ancestors are selected."""
    requested = f.opt_fields(TASK, mask)
    assert {path for path in EVERYTHING if all(mask[here] for here in deciding(path))} <= set(requested)


@given(mask=masks)
def test_fields_are_requested_once_and_in_order(mask: SelectionMask) -> None:
    """No path is requested twice, and a selection does not change the order."""
    requested = f.opt_fields(TASK, mask)
    known = [path for path in requested if path in EVERYTHING]
    assert len(requested) == len(set(requested))
    assert known == sorted(known, key=EVERYTHING.index)


def test_discovery_keeps_the_schema() -> None:
    """The SDK's schema classes drop only the tap's own keywords."""

    def plain(schema: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(schema, dict):
            return {word: plain(value) for word, value in schema.items() if not word.startswith("x-")}
        return schema

    assert plain(TASK) == Schema.from_dict(TASK).to_dict()


@pytest.mark.parametrize(
    ("maker", "kind", "keywords"),
    [
        (f.text, "string", {}),
        (f.prose, "string", {"x-privacy": "prose"}),
        (f.email, "string", {"x-privacy": "email"}),
        (f.instant, "string", {"format": "date-time"}),
        (f.day, "string", {"format": "date"}),
        (f.number, "number", {}),
        (f.flag, "boolean", {}),
        (f.json_text, "string", {"x-privacy": "open"}),
        (f.narrative, "string", {"x-privacy": "narrative"}),
        (f.display, "string", {"x-privacy": "display"}),
    ],
)
def test_leaves_are_nullable_and_described(maker: Any, kind: str, keywords: dict[str, Any]) -> None:  # noqa: ANN401 - a maker of its own signature
    """A leaf is nullable, has a description, and its own keywords."""
    assert {"type": ["null", kind], "description": "It.", **keywords} == maker("It.")


def test_references_name_their_streams() -> None:
    """A reference carries the streams of its object, in a list on the item; people are users or agents."""
    assert f.ref("r", "tasks")["x-streams"] == f.refs("r", "tasks")["items"]["x-streams"] == ("tasks",)
    assert f.ref_gid("r", ("tasks", "goals"))["x-streams"] == ("tasks", "goals")
    assert f.parent_gid("r", "tasks") == {**f.text("r"), "x-local": True, "x-streams": ("tasks",)}
    assert f.gid_of("tasks")["x-streams"] == ("tasks",)
    assert f.ref("r", f.NO_STREAM)["x-streams"] == ()
    assert f.person("p")["x-streams"] == f.person_gid("p")["x-streams"] == f.PEOPLE


def test_only_gid_is_required() -> None:
    """A record must have its gid; everything else may be null."""
    schema = f.entity(at=f.instant("at"))
    assert schema["required"] == ["gid"]
    assert schema["properties"]["gid"]["type"] == "string"
    assert schema["properties"]["at"]["type"] == ["null", "string"]


def test_persons_are_marked() -> None:
    """A nested user is marked as a person, alone and in an array."""
    assert f.person("p")["x-privacy"] == f.people("p")["items"]["x-privacy"] == "person"


def test_nothing_is_null_inside_an_array() -> None:
    """An array may be null, but its items may not."""
    assert f.texts("t")["type"] == ["null", "array"]
    assert f.texts("t")["items"]["type"] == "string"
    assert f.people("p")["items"]["type"] == "object"
