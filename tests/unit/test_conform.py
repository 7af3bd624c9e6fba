"""Records are conformed to their schema."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tap_asana.records import fields as f
from tap_asana.records.conform import _Coercion, batch_conformer, conformer

SCHEMA = f.entity(
    name=f.prose("…"),
    completed=f.flag("…"),
    actual_time_minutes=f.number("…"),
    modified_at=f.instant("…"),
    due_on=f.day("…"),
    tags=f.texts("…"),
    assignee=f.person("…", photo=f.obj("…", image_21x21=f.text("…"))),
    followers=f.people("…"),
    parent=f.ref_gid("…", "tasks"),
    memberships=f.objs("…", section=f.ref_gid("…", "sections"), scores=f.texts("…")),
    dependencies=f.refs("…", "tasks"),
    external=f.json_text("…"),
)
RECORD = {"gid": "1", "name": "a", "assignee": {"gid": "2", "name": "b"}, "tags": ["c"]}

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars | st.from_regex(r"-?[0-9]{1,30}(\.[0-9]+)?(e[0-9]{1,4})?", fullmatch=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SCHEMA["properties"]]), inner),
    max_leaves=15,
)
fields = [name for name in SCHEMA["properties"] if name != "gid"]
records = st.fixed_dictionaries({"gid": st.text(min_size=1)}, optional=dict.fromkeys(fields, values))


@given(record=records)
@example(record={"gid": "1", "followers": ["x", None, {}]})
@example(record={"gid": "1", "actual_time_minutes": "1e999"})
@example(record={"gid": "1", "memberships": [{"scores": [None, 1]}]})
def test_every_record_is_valid(record: dict[str, Any]) -> None:
    """For any value in any field, the emitted record is valid against its schema."""
    conformed = conformer(SCHEMA)(record)
    Draft202012Validator(SCHEMA).validate(conformed)
    assert json.loads(msgspec.json.encode(conformed)) == conformed


@given(record=records, deselected=st.sets(st.sampled_from([("name",), ("assignee",), ("assignee", "name"), ("tags",)])))
@example(record={"gid": None}, deselected=set())
@example(record={"gid": "1", "actual_time_minutes": 10**30}, deselected=set())
@example(
    record={"gid": "1", "assignee": {"photo": {"image_21x21": 1}}, "followers": [{"gid": "3", "x": 1}]},
    deselected=set(),
)
def test_the_fast_path_gives_the_same_record(record: dict[str, Any], deselected: set[tuple[str, ...]]) -> None:
    """A record that msgspec accepts as a whole is the same when it is coerced value by value."""
    crumbs = [tuple(part for name in path for part in ("properties", name)) for path in deselected]
    mask = defaultdict(lambda: True, dict.fromkeys(crumbs, False))
    for schema in (SCHEMA, {**SCHEMA, "properties": {**SCHEMA["properties"], "task_gid": f.parent_gid("…", "tasks")}}):
        fast, walked = conformer(schema, mask)(record), _Coercion(mask, lambda _: None).of(schema, (), "")(record)
        assert fast == walked
        assert msgspec.json.encode(fast, order="sorted") == msgspec.json.encode(walked, order="sorted")


@given(value=values)
def test_conforming_is_idempotent(value: object) -> None:
    """A record that fits its schema already is unchanged."""
    once = conformer(SCHEMA)({"gid": "1", "followers": value, "tags": value, "completed": value, "external": value})
    assert conformer(SCHEMA)(once) == once


def test_a_valid_record_is_unchanged() -> None:
    """Values of the declared types are unchanged, including nulls and empty containers."""
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


def test_undeclared_fields_are_removed() -> None:
    """Undeclared fields are removed at every depth, and missing declared fields are not added."""
    record = {"gid": "1", "extra": 1, "assignee": {"gid": "2", "extra": 1}, "followers": [{"gid": "3", "extra": 1}]}
    assert conformer(SCHEMA)(record) == {"gid": "1", "assignee": {"gid": "2"}, "followers": [{"gid": "3"}]}


def test_deselected_fields_are_removed() -> None:
    """Deselected fields are removed, also in nested objects; inside arrays everything is selected."""
    mask: dict[tuple[str, ...], bool] = defaultdict(lambda: True)
    mask["properties", "name"] = False
    mask["properties", "assignee", "properties", "name"] = False
    mask["properties", "followers", "items", "properties", "name"] = False
    conformed = conformer(SCHEMA, mask)({**RECORD, "followers": [{"gid": "3", "name": "d"}]})
    assert conformed == {"gid": "1", "assignee": {"gid": "2"}, "tags": ["c"], "followers": [{"gid": "3", "name": "d"}]}


def test_local_keys_are_always_present() -> None:
    """Without a known parent its key is null instead of missing, unless it is deselected."""
    schema = f.entity(name=f.prose("…"), project_gid=f.parent_gid("…", "tasks"))
    assert conformer(schema)({"gid": "1"}) == {"gid": "1", "project_gid": None}
    assert conformer(schema)({"gid": "1", "project_gid": "2"}) == {"gid": "1", "project_gid": "2"}
    mask: dict[tuple[str, ...], bool] = defaultdict(lambda: True, {("properties", "project_gid"): False})
    assert conformer(schema, mask)({"gid": "1", "project_gid": "2"}) == {"gid": "1"}


@pytest.mark.parametrize("key", [None, "", 7])
@pytest.mark.parametrize("name", ["…", {"not": "text"}], ids=["fast", "coerced"])
def test_a_record_without_a_part_of_its_key_is_dropped(key: object, name: object) -> None:
    """A missing or empty part of a key drops the record and reports it; a number becomes text."""
    reports: list[str] = []
    conform = batch_conformer(f.entity(name=f.prose("…")), report=reports.append)
    conformed = msgspec.to_builtins(conform([{"gid": key, "name": name}, {"gid": "1"}]))
    if key == 7:
        assert [record["gid"] for record in conformed] == ["7", "1"]
    else:
        assert (conformed, reports[-1]) == ([{"gid": "1"}], "")


@pytest.mark.parametrize(
    ("field", "value", "conformed"),
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
def test_other_types_are_coerced_without_loss(field: str, value: object, conformed: object) -> None:
    """Numbers and their texts convert, objects become JSON, other values become null, and arrays hold no nulls."""
    found = conformer(SCHEMA)({"gid": "1", field: value})[field]
    assert (found, type(found)) == (conformed, type(conformed))


def test_an_object_without_properties_is_kept_whole() -> None:
    """An object without declared properties is unchanged, and any other type becomes null."""
    conform = conformer({"type": ["null", "object"]})
    assert conform({"a": {"b": 1}}) == {"a": {"b": 1}}
    assert conform([1]) is None
