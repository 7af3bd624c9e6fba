"""Schemas are written in a few words, and opt_fields follow from schema and selection."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.singerlib import MetadataMapping, Schema, SelectionMask

from tap_asana.records import fields
from tap_asana.records.fields import (
    Breadcrumb,
    day,
    entity,
    instant,
    no_subfields,
    obj,
    objs,
    opt_fields,
    parent_gid,
    people,
    person,
    prose,
    record,
    ref,
    ref_gid,
    refs_gid,
    text,
    texts,
)

TASK = entity(
    workspace_gid=parent_gid("workspace"),
    name=prose("name"),
    created_by=ref_gid("creator"),
    assignee=person("assignee", email=fields.email("email")),
    tags=texts("tags"),
    photo=obj("photo", small=text("small"), large=text("large")),
    likes=refs_gid("likes", user=person("user")),
    memberships=objs("memberships", project=ref("project"), section=ref("section")),
    metric=ref_gid("metric", unit=text("unit"), period=obj("period", start=day("start"), end=day("end"))),
    dates=no_subfields(obj("dates", start=day("start"))),
    details=fields.json_text("details"),
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


def crumbs(schema: fields.Schema, here: Breadcrumb = ()) -> list[Breadcrumb]:
    """Return every breadcrumb that the SDK gives to a schema."""
    found: list[Breadcrumb] = []
    for name, field in schema.get("properties", {}).items():
        below = (*here, "properties", name)
        found += [below, *crumbs(field, below)]
    return found


def deciding(path: str) -> list[Breadcrumb]:
    """Return the breadcrumbs that decide on a path: those of all it lies in, down to the first array."""
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


def test_whole_schema() -> None:
    """Everything declared is asked in the order declared, but gids, which come unasked."""
    assert opt_fields(TASK) == EVERYTHING


def test_empty_mask() -> None:
    """A selection that says nothing selects everything."""
    assert opt_fields(TASK, SelectionMask()) == EVERYTHING


def test_standard_metadata() -> None:
    """The catalog that the SDK discovers selects everything."""
    metadata = MetadataMapping.get_standard_metadata(schema=TASK, key_properties=["gid"], selected_by_default=True)
    assert opt_fields(TASK, metadata.resolve_selection()) == EVERYTHING


def test_deselected_field() -> None:
    """A deselected field is not asked, and neither is what is below it."""
    assert [path for path in EVERYTHING if not path.startswith(("name", "assignee"))] == opt_fields(
        TASK,
        without("name", "assignee"),
    )


def test_deselected_below() -> None:
    """A nested field is deselected by its own breadcrumb."""
    assert [path for path in EVERYTHING if path != "assignee.email"] == opt_fields(TASK, without("assignee.email"))


def test_nothing_but_gid() -> None:
    """A nested thing of which only the gid is left is asked by its bare name."""
    asked = opt_fields(entity(assignee=person("assignee")), without("assignee.name"))
    assert asked == ["resource_type", "assignee"]


def test_nothing_left() -> None:
    """A nested object without a gid is not asked when nothing of it is left."""
    schema = entity(photo=obj("photo", small=text("small")), name=prose("name"))
    assert opt_fields(schema, without("photo.small")) == ["resource_type", "name"]


def test_arrays_are_whole() -> None:
    """An array of objects is asked whole, because the SDK prunes nothing inside of it."""
    assert opt_fields(
        entity(followers=people("followers")),
        without("followers.name", "followers.items.name"),
    ) == ["resource_type", "followers.name"]


def test_bare_record() -> None:
    """Of a bare record nothing is asked."""
    assert opt_fields(no_subfields(entity(name=prose("name")))) == []


def test_bare_below() -> None:
    """A nested object below which Asana documents nothing is asked by its name, whatever is wanted of it."""
    assert opt_fields(entity(dates=no_subfields(obj("dates", start=day("start")))), without("dates.start")) == [
        "resource_type",
        "dates",
    ]


def test_several_kinds() -> None:
    """The kind of a nested thing is asked by its name, and where nothing else is wanted by the bare name too."""
    schema = record(parent=ref("parent", resource_type=text("kind")))
    assert opt_fields(schema) == ["parent.name", "parent.resource_type"]
    assert opt_fields(schema, without("parent.resource_type")) == ["parent.name"]
    assert opt_fields(schema, without("parent.name")) == ["parent", "parent.resource_type"]
    assert opt_fields(schema, without("parent.name", "parent.resource_type")) == ["parent"]


def test_the_kind_of_a_record() -> None:
    """The kind of the record itself is asked for where it is wanted: it does not come by itself."""
    assert opt_fields(entity()) == ["resource_type"]
    assert opt_fields(entity(), without("resource_type")) == []


def test_local_key() -> None:
    """A key that the tap adds is never asked for."""
    assert opt_fields(record(task_gid=parent_gid("task"))) == []


@given(mask=masks)
def test_subset(mask: SelectionMask) -> None:
    """No selection asks for a top-level field that the whole schema does not ask for."""
    asked = opt_fields(TASK, mask)
    bare = {path for path in asked if path not in EVERYTHING}
    assert set(asked) - bare <= set(EVERYTHING)
    assert bare <= {"assignee", "metric"}


@given(mask=masks)
def test_deselected_is_never_asked(mask: SelectionMask) -> None:
    """Nothing is asked that is deselected, or lies below something deselected."""
    for path in opt_fields(TASK, mask):
        assert all(mask[here] for here in deciding(path))


@given(mask=masks)
def test_selected_is_asked(mask: SelectionMask) -> None:
    """A leaf is asked when it is selected together with all that it lies in."""
    asked = opt_fields(TASK, mask)
    assert {path for path in EVERYTHING if all(mask[here] for here in deciding(path))} <= set(asked)


@given(mask=masks)
def test_once_and_in_order(mask: SelectionMask) -> None:
    """No path is asked twice, and selection does not change the order."""
    asked = opt_fields(TASK, mask)
    known = [path for path in asked if path in EVERYTHING]
    assert len(asked) == len(set(asked))
    assert known == sorted(known, key=EVERYTHING.index)


def test_discovery_keeps_the_shape() -> None:
    """The SDK reads the schema, drops our own keywords and keeps all the rest."""

    def plain(schema: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(schema, dict):
            return {word: plain(value) for word, value in schema.items() if not word.startswith("x-")}
        return schema

    assert plain(TASK) == Schema.from_dict(TASK).to_dict()


@pytest.mark.parametrize(
    ("maker", "kind", "words"),
    [
        (fields.text, "string", {}),
        (fields.prose, "string", {"x-privacy": "prose"}),
        (fields.email, "string", {"x-privacy": "email"}),
        (fields.instant, "string", {"format": "date-time"}),
        (fields.day, "string", {"format": "date"}),
        (fields.number, "number", {}),
        (fields.flag, "boolean", {}),
        (fields.parent_gid, "string", {"x-local": True}),
        (fields.json_text, "string", {"x-privacy": "open"}),
        (fields.narrative, "string", {"x-privacy": "narrative"}),
        (fields.display, "string", {"x-privacy": "display"}),
    ],
)
def test_leaves(maker: Any, kind: str, words: dict[str, Any]) -> None:  # noqa: ANN401 - a maker of its own signature
    """A leaf is nullable, described, and says what is special about it."""
    assert {"type": ["null", kind], "description": "It.", **words} == maker("It.")


def test_only_gid_is_required() -> None:
    """A record must have its gid, and everything else may be null."""
    schema = entity(at=instant("at"))
    assert schema["required"] == ["gid"]
    assert schema["properties"]["gid"]["type"] == "string"
    assert schema["properties"]["at"]["type"] == ["null", "string"]


def test_persons_are_marked() -> None:
    """A nested user is marked as a person, alone and among several."""
    assert person("p")["x-privacy"] == people("p")["items"]["x-privacy"] == "person"


def test_nothing_is_null_inside_an_array() -> None:
    """An array may be null, its items are not."""
    assert texts("t")["type"] == ["null", "array"]
    assert texts("t")["items"]["type"] == "string"
    assert people("p")["items"]["type"] == "object"
