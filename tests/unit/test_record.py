"""Records in the shape of their schema."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tap_asana.records.conform import _Coercion, conformer
from tap_asana.records.fields import (
    day,
    entity,
    flag,
    instant,
    json_text,
    number,
    obj,
    objs,
    parent_gid,
    people,
    person,
    prose,
    ref_gid,
    refs,
    text,
    texts,
)

SCHEMA = entity(
    name=prose("…"),
    completed=flag("…"),
    actual_time_minutes=number("…"),
    modified_at=instant("…"),
    due_on=day("…"),
    tags=texts("…"),
    assignee=person("…", photo=obj("…", image_21x21=text("…"))),
    followers=people("…"),
    parent=ref_gid("…"),
    memberships=objs("…", section=ref_gid("…"), scores=texts("…")),
    dependencies=refs("…"),
    external=json_text("…"),
)
RECORD = {"gid": "1", "name": "a", "assignee": {"gid": "2", "name": "b"}, "tags": ["c"]}

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars | st.from_regex(r"-?[0-9]{1,30}(\.[0-9]+)?(e[0-9]{1,4})?", fullmatch=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SCHEMA["properties"]]), inner),
    max_leaves=15,
)
fields = [name for name in SCHEMA["properties"] if name != "gid"]
records = st.fixed_dictionaries({"gid": st.text()}, optional=dict.fromkeys(fields, values))


@given(record=records)
@example(record={"gid": "1", "followers": ["x", None, {}]})
@example(record={"gid": "1", "actual_time_minutes": "1e999"})
@example(record={"gid": "1", "memberships": [{"scores": [None, 1]}]})
def test_every_record_is_valid(record: dict[str, Any]) -> None:
    """Whatever Asana sends in a field, the record that leaves is valid against the schema that was written for it."""
    shaped = conformer(SCHEMA)(record)
    Draft202012Validator(SCHEMA).validate(shaped)
    assert json.loads(msgspec.json.encode(shaped)) == shaped


@given(record=records, taken=st.sets(st.sampled_from([("name",), ("assignee",), ("assignee", "name"), ("tags",)])))
@example(record={"gid": None}, taken=set())
@example(record={"gid": "1", "actual_time_minutes": 10**30}, taken=set())
@example(
    record={"gid": "1", "assignee": {"photo": {"image_21x21": 1}}, "followers": [{"gid": "3", "x": 1}]}, taken=set()
)
def test_no_record_is_changed_by_being_told_at_once(record: dict[str, Any], taken: set[tuple[str, ...]]) -> None:
    """A record that msgspec finds to have its shape is what it is when it is walked value by value."""
    crumbs = [tuple(part for name in path for part in ("properties", name)) for path in taken]
    mask = defaultdict(lambda: True, dict.fromkeys(crumbs, False))
    for schema in (SCHEMA, {**SCHEMA, "properties": {**SCHEMA["properties"], "task_gid": parent_gid("…")}}):
        at_once, walked = conformer(schema, mask)(record), _Coercion(mask, lambda _: None).of(schema, (), "")(record)
        assert at_once == walked
        assert msgspec.json.encode(at_once, order="sorted") == msgspec.json.encode(walked, order="sorted")


@given(value=values)
def test_a_shape_is_kept(value: object) -> None:
    """What has the shape of its schema already is left as it is."""
    once = conformer(SCHEMA)({"gid": "1", "followers": value, "tags": value, "completed": value, "external": value})
    assert conformer(SCHEMA)(once) == once


def test_a_good_record_is_left_as_it_is() -> None:
    """Values of the declared types pass unchanged, nulls and empty things included."""
    record = {
        "gid": "1",
        "name": "ünï",
        "completed": False,
        "actual_time_minutes": 2.5,
        "modified_at": "2026-01-01T00:00:00.000Z",
        "due_on": None,
        "tags": [],
        "assignee": {"gid": "2", "name": None, "photo": None},
        "followers": None,
        "memberships": [{"section": {"gid": "3"}, "scores": ["a"]}, {}],
        "external": "x",
    }
    assert conformer(SCHEMA)(record) == record


def test_fields_that_are_not_declared_are_left_out() -> None:
    """Undeclared fields go at every depth, and declared ones that did not come are not made up."""
    record = {"gid": "1", "extra": 1, "assignee": {"gid": "2", "extra": 1}, "followers": [{"gid": "3", "extra": 1}]}
    assert conformer(SCHEMA)(record) == {"gid": "1", "assignee": {"gid": "2"}, "followers": [{"gid": "3"}]}


def test_fields_that_are_not_selected_are_left_out() -> None:
    """What the catalog deselects goes, in nested objects too; inside arrays everything is selected."""
    mask: dict[tuple[str, ...], bool] = defaultdict(lambda: True)
    mask["properties", "name"] = False
    mask["properties", "assignee", "properties", "name"] = False
    mask["properties", "followers", "items", "properties", "name"] = False
    shaped = conformer(SCHEMA, mask)({**RECORD, "followers": [{"gid": "3", "name": "d"}]})
    assert shaped == {"gid": "1", "assignee": {"gid": "2"}, "tags": ["c"], "followers": [{"gid": "3", "name": "d"}]}


def test_a_key_that_the_tap_adds_is_always_there() -> None:
    """Where no parent is known its key is null instead of missing, unless it is not selected."""
    schema = entity(name=prose("…"), project_gid=parent_gid("…"))
    assert conformer(schema)({"gid": "1"}) == {"gid": "1", "project_gid": None}
    assert conformer(schema)({"gid": "1", "project_gid": "2"}) == {"gid": "1", "project_gid": "2"}
    mask: dict[tuple[str, ...], bool] = defaultdict(lambda: True, {("properties", "project_gid"): False})
    assert conformer(schema, mask)({"gid": "1", "project_gid": "2"}) == {"gid": "1"}


@pytest.mark.parametrize(
    ("field", "value", "shaped"),
    [
        ("name", 5, "5"),
        ("name", 2.5, "2.5"),
        ("name", True, "true"),
        ("name", {"a": [1]}, '{"a":[1]}'),
        ("external", {"gid": "OA:1", "data": "x"}, '{"gid":"OA:1","data":"x"}'),
        ("actual_time_minutes", "5", 5),
        ("actual_time_minutes", "2.5", 2.5),
        ("actual_time_minutes", "9007199254740993", 9007199254740993),
        ("actual_time_minutes", 9007199254740993, 9007199254740993),
        ("actual_time_minutes", "five", None),
        ("actual_time_minutes", "", None),
        ("actual_time_minutes", "nan", None),
        ("actual_time_minutes", "inf", None),
        ("actual_time_minutes", "1e999", None),
        ("actual_time_minutes", True, None),
        ("actual_time_minutes", [5], None),
        ("completed", "true", None),
        ("completed", 1, None),
        ("assignee", "me", None),
        ("assignee", [], None),
        ("tags", "c", None),
        ("tags", {"0": "c"}, None),
        ("tags", ["c", None, 5], ["c", "5"]),
        ("followers", [{"gid": "3"}, None, "x"], [{"gid": "3"}]),
    ],
    ids=repr,
)
def test_another_type_becomes_the_declared_one_where_nothing_is_lost(field: str, value: object, shaped: object) -> None:
    """A number is as good as its text, an object as its JSON; what cannot be kept is null, and no array holds null."""
    found = conformer(SCHEMA)({"gid": "1", field: value})[field]
    assert (found, type(found)) == (shaped, type(shaped))


def test_an_open_object_is_kept_whole() -> None:
    """An object whose properties no schema names is passed as it is, and nothing else is."""
    opened = conformer({"type": ["null", "object"]})
    assert opened({"a": {"b": 1}}) == {"a": {"b": 1}}
    assert opened([1]) is None
