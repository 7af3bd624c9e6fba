"""Pseudonyms instead of people, in fields and in texts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tap_asana.records import fields as f
from tap_asana.records.conform import conformer
from tap_asana.records.privacy import Privacy, Pseudonyms

KEY = "0123456789abcdef"
SAFE = Pseudonyms(KEY)
ANN = {"gid": "12", "name": "Ann"}
HIDDEN_ANN = {"gid": SAFE.gid("12"), "name": SAFE.name("Ann")}
SCHEMA = f.entity(
    name=f.prose("…"),
    color=f.text("…"),
    kinds=f.texts("…"),
    done=f.flag("…"),
    minutes=f.number("…"),
    at=f.instant("…"),
    user_gid=f.personal(f.parent_gid("…", "users")),
    address=f.personal(f.text("…")),
    on_behalf_of_user_id=f.personal(f.number("…")),
    mail=f.email("…"),
    photo={**f.obj("…", small=f.text("…")), "x-privacy": "photo"},
    details=f.json_text("…"),
    assignee=f.person("…", email=f.email("…")),
    member=f.person("…", resource_type=f.text("…")),
    resource=f.person("…", resource_type=f.text("…"), email=f.email("…")),
    followers=f.people("…"),
    memberships=f.objs("…", project=f.ref("…", "projects"), by=f.person("…")),
    parent=f.ref_gid("…", "tasks"),
    type=f.text("…"),
    text=f.narrative("…"),
    story=f.ref_gid("…", "stories", resource_subtype=f.text("…"), text=f.narrative("…")),
    values=f.objs("…", representation_type=f.text("…"), display_value=f.display("…")),
)
PSEUDONYMIZE, REDACT = (Privacy(mode, KEY).redactor(SCHEMA) for mode in ("pseudonymize", "redact"))


def redacted(record: dict[str, Any], mode: str = "pseudonymize") -> dict[str, Any]:
    """Return a record as the redactor of this mode emits it."""
    protect = {"pseudonymize": PSEUDONYMIZE, "redact": REDACT}[mode]
    assert protect is not None
    found: dict[str, Any] = protect(record)
    return found


@pytest.mark.parametrize("mode", ["pseudonymize", "redact"])
@pytest.mark.parametrize(
    ("field", "value", "hidden"),
    [
        ("assignee", ANN, HIDDEN_ANN),
        ("assignee", {**ANN, "gid": 12}, HIDDEN_ANN),
        ("assignee", {"gid": "12", "name": None, "email": None}, {"gid": SAFE.gid("12"), "name": None, "email": None}),
        ("assignee", {"email": "Ann@Example.com"}, {"email": SAFE.email("ann@example.com")}),
        ("assignee", None, None),
        ("followers", [ANN, ANN], [HIDDEN_ANN, HIDDEN_ANN]),
        ("memberships", [{"by": ANN}], [{"by": HIDDEN_ANN}]),
        ("member", {**ANN, "resource_type": "user"}, {**HIDDEN_ANN, "resource_type": "user"}),
        ("member", ANN, HIDDEN_ANN),
        ("user_gid", "12", SAFE.gid("12")),
        ("address", "192.0.2.1", SAFE.of("value", "192.0.2.1")),
        ("on_behalf_of_user_id", 12, None),
        ("mail", "ann@example.com", SAFE.email("ann@example.com")),
        ("photo", {"small": "https://x"}, None),
        ("details", {"old": "Ann"}, None),
        ("color", "red", "red"),
        ("kinds", ["a", "b"], ["a", "b"]),
        ("minutes", 5, 5),
        ("done", True, True),
    ],
    ids=repr,
)
def test_people_are_hidden(mode: str, field: str, value: object, hidden: object) -> None:
    """Personal data becomes a pseudonym or null; machine words, numbers and flags are kept."""
    assert redacted({"gid": "1", field: value}, mode) == {"gid": "1", "text": None, field: hidden}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("color", {"gid": "12", "name": "Ann"}),
        ("color", ["Ann"]),
        ("assignee", "Ann"),
        ("assignee", ["Ann"]),
        ("followers", {"name": "Ann"}),
        ("followers", "Ann"),
        ("mail", ["ann@example.com"]),
        ("name", {"by": "Ann"}),
        ("user_gid", {"gid": "12"}),
        ("kinds", "Ann"),
    ],
    ids=repr,
)
def test_values_of_undeclared_types_are_removed(field: str, value: object) -> None:
    """A value of another type than declared may contain anything, so it becomes null."""
    assert redacted({"gid": "1", field: value})[field] is None


def test_undeclared_fields_are_removed() -> None:
    """A field that the schema does not declare is removed at every depth."""
    record = {"gid": "1", "new": "Ann", "assignee": {**ANN, "nick": "A"}, "parent": {"gid": "2", "by": ANN}}
    assert redacted(record) == {"gid": "1", "text": None, "assignee": HIDDEN_ANN, "parent": {"gid": "2"}}


@pytest.mark.parametrize(("mode", "name"), [("pseudonymize", "Crew"), ("redact", None)])
def test_non_people_among_people_keep_their_gid(mode: str, name: str | None) -> None:
    """A team among members keeps its gid, and its name is treated as prose."""
    team = {"gid": "7", "name": "Crew", "resource_type": "team"}
    assert redacted({"gid": "1", "member": team}, mode)["member"] == {**team, "name": name}


def test_objects_with_an_email_are_people() -> None:
    """A membership or invitation in the audit log identifies a person by its email, and is treated as one."""
    invited = {"gid": "12", "name": "Ann", "resource_type": "invitation", "email": "ann@example.com"}
    hidden = {**HIDDEN_ANN, "resource_type": "invitation", "email": SAFE.email("ann@example.com")}
    assert redacted({"gid": "1", "resource": invited})["resource"] == hidden
    task = {"gid": "7", "name": "Milk", "resource_type": "task", "email": None}
    assert redacted({"gid": "1", "resource": task})["resource"] == task


@pytest.mark.parametrize("kind", [7, None, ["team"], {}], ids=repr)
def test_objects_without_a_type_are_treated_as_people(kind: object) -> None:
    """An object with a missing or invalid resource type is treated as a person."""
    assert redacted({"gid": "1", "member": {**ANN, "resource_type": kind}})["member"]["gid"] == SAFE.gid("12")


@pytest.mark.parametrize(
    ("story", "kept"),
    [
        ({"type": "comment"}, True),
        ({"type": "system"}, False),
        ({}, False),
        ({"type": None}, False),
    ],
    ids=repr,
)
def test_only_comments_keep_their_text(story: dict[str, Any], kept: bool) -> None:  # noqa: FBT001 - a case
    """System stories name people in the clear, so their text is removed, as is that of stories without a type."""
    assert redacted({"gid": "1", "text": "Ann assigned to Bob", **story})["text"] == (
        "Ann assigned to Bob" if kept else None
    )
    assert redacted({"gid": "1", "text": "Ann assigned to Bob", **story}, "redact")["text"] is None


@pytest.mark.parametrize(
    ("subtype", "kept"), [("comment_added", True), ("comment_liked", False), ("assigned", False), (None, False)]
)
def test_only_nested_comments_keep_their_text(subtype: str | None, kept: bool) -> None:  # noqa: FBT001 - a case
    """A nested story is classified by its subtype, because Asana does not send its type."""
    story = {"gid": "2", "resource_subtype": subtype, "text": "Ann likes this"}
    assert redacted({"gid": "1", "story": story})["story"]["text"] == ("Ann likes this" if kept else None)


@pytest.mark.parametrize(
    ("kind", "kept"), [("enum", True), ("number", True), ("people", False), ("reference", False), (None, False)]
)
def test_display_values_of_people_are_removed(kind: str | None, kept: bool) -> None:  # noqa: FBT001 - a case
    """The display value of a people field repeats the names, so it is removed."""
    (value,) = redacted({"gid": "1", "values": [{"representation_type": kind, "display_value": "Ann"}]})["values"]
    assert value["display_value"] == ("Ann" if kept else None)


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SCHEMA["properties"]]), inner),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(
    record=st.fixed_dictionaries(
        {"gid": st.text(min_size=1)}, optional=dict.fromkeys(set(SCHEMA["properties"]) - {"gid"}, values)
    )
)
def test_any_input_gives_a_valid_and_deterministic_record(record: dict[str, Any]) -> None:
    """Any JSON in any field gives a record that fits the schema, and the same one for the same key."""
    for mode in ("pseudonymize", "redact"):
        Draft202012Validator(SCHEMA).validate(conformer(SCHEMA)(redacted(record, mode)))
        assert redacted(record, mode) == redacted(record, mode)


def test_a_number_that_is_the_gid_of_a_person_is_removed() -> None:
    """A number cannot hold a pseudonym; other numbers stay."""
    person = {"gid": "1200000000000012", "name": "Ann"}
    assert redacted({"gid": "1", "assignee": person, "minutes": 1200000000000012})["minutes"] is None
    assert redacted({"gid": "1", "minutes": 1200000000000013})["minutes"] == 1200000000000013
