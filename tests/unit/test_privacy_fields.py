"""Each schema field declares its privacy class: these tests find the fields that do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tap_asana.records import fields
from tap_asana.records.fields import PRIVACY, Schema
from tap_asana.records.privacy import Privacy, Pseudonyms
from tap_asana.streams import ALL
from tap_asana.sync.stream import AsanaStream

MACHINE = frozenset(
    {
        *("gid", "task_gid", "goal_gid", "portfolio_gid", "workspace_gid", "parent_gid"),
        *("resource_type", "resource_subtype", "old_resource_subtype", "new_resource_subtype", "task_resource_subtype"),
        *("permalink_url", "permanent_url", "host", "email_domains"),
        *("color", "icon", "emoji_base", "variant", "sticker_name", "default_view", "visibility"),
        *("action", "actor_type", "context_type", "event_category", "event_type", "api_authentication_method"),
        *("access_level", "default_access_level", "base_role_type", "privacy_setting"),
        *("minimum_access_level_for_customization", "minimum_access_level_for_sharing"),
        *("edit_team_name_or_description_access_level", "edit_team_visibility_or_trash_team_access_level"),
        *("member_invite_management_access_level", "guest_invite_management_access_level"),
        *("join_request_management_access_level", "team_member_removal_access_level"),
        *("team_content_management_access_level", "allowed_guest_invites", "task_deletion_policy"),
        *(
            "billable_status",
            "approval_status",
            "old_approval_status",
            "new_approval_status",
            "status",
            "status_type",
            "completion_state",
        ),
        *("type", "format", "representation_type", "input_restrictions", "asana_created_field", "source"),
        *("currency_code", "custom_label_position", "id_prefix", "unit", "units", "current_display_value"),
        *("progress_source", "billable_status_filter", "budget_type", "due_time", "period", "display_name"),
    },
)
"""Names of texts with values by rule or from a list of choices, never entered by people."""

PEOPLE = frozenset(
    {
        *("user", "actor", "owner", "author", "assignee", "assigned_by", "created_by", "completed_by", "follower"),
        *("member", "members", "followers", "likes.user", "people_value", "old_people_value", "new_people_value"),
    },
)
"""Names of fields that always hold people."""

PERSONAL_WORDS = ("user", "person", "people", "member", "email", "ip_address")
"""Words within the names of personal values."""


class Place(NamedTuple):
    """A field and its parent schema."""

    path: str
    schema: Schema
    inside: Schema

    @property
    def name(self) -> str:
        """Return the name of the field."""
        return self.path.rpartition(".")[2]


def places(schema: Schema, path: str) -> Iterator[Place]:
    """Yield every field of a schema at any depth; the fields within an array are those of its items."""
    for name, field in schema.get("properties", {}).items():
        here = f"{path}.{name}"
        yield Place(here, field, schema)
        yield from places(field.get("items", field), here)


def kind(schema: Schema) -> str:
    """Return the type of a value, or of an array's items."""
    found = schema.get("items", schema)["type"]
    return str(found if isinstance(found, str) else found[-1])


def privacy_of(schema: Schema) -> str | None:
    """Return the declared privacy class of a field."""
    found: str | None = schema.get("items", schema).get("x-privacy")
    return found


def undeclared(path: str, schema: Schema) -> list[str]:
    """Return the fields with people or words that declare no privacy class."""
    return [place.path for place in places(schema, path) if _is_undeclared(place)]


def _is_undeclared(place: Place) -> bool:
    privacy = privacy_of(place.schema)
    if place.name in PEOPLE:
        return privacy != "person"
    if place.inside.get("x-privacy") == "photo" or privacy in PRIVACY:
        return False
    if kind(place.schema) == "string" and "format" not in place.schema:
        in_person = place.inside.get("x-privacy") == "person" and place.name == "name"
        return place.name not in MACHINE and not in_person
    return kind(place.schema) in {"string", "number"} and any(word in place.name for word in PERSONAL_WORDS)


@pytest.mark.parametrize("stream", ALL, ids=lambda stream: stream.__name__)
def test_every_field_declares_its_privacy(stream: type[AsanaStream]) -> None:
    """A text is a known machine word or declares its privacy class, and people are declared as people."""
    assert undeclared("", stream.schema) == []


@pytest.mark.parametrize("stream", ALL, ids=lambda stream: stream.__name__)
def test_every_declared_class_exists(stream: type[AsanaStream]) -> None:
    """No field declares a privacy class outside the vocabulary."""
    classes = [place.schema["x-privacy"] for place in places(stream.schema, "") if "x-privacy" in place.schema]
    assert set(classes) <= PRIVACY.keys()


@pytest.mark.parametrize(
    "field",
    [
        {"title": fields.text("A title.")},
        {"assignee": fields.ref("Somebody.", "users")},
        {"assignee": fields.ref_gid("Somebody.", "users")},
        {"followers": fields.refs("Some people.", "users")},
        {"user_gid": fields.parent_gid("Somebody.", "users")},
        {"on_behalf_of_user_id": fields.number("Somebody.")},
        {"nested": fields.objs("Some.", deep=fields.obj("It.", label=fields.text("Words.")))},
        {"notes": fields.texts("Words.")},
        {"created_by": fields.text("Somebody.")},
    ],
    ids=repr,
)
def test_an_undeclared_field_is_found(field: dict[str, Schema]) -> None:
    """Prose and people declared as machine words are found at any depth."""
    assert len(undeclared("x", fields.entity(**field))) == 1


@pytest.mark.parametrize("stream", ALL, ids=lambda stream: stream.__name__)
def test_without_privacy_there_is_no_redactor(stream: type[AsanaStream]) -> None:
    """If the setting is none, no function processes the records."""
    assert Privacy("none", None).redactor(stream.schema) is None
    assert Privacy("none", "an unused key").redactor(stream.schema) is None


@pytest.mark.parametrize("mode", ["pseudonymize", "redact"])
@pytest.mark.parametrize("stream", ALL, ids=lambda stream: stream.__name__)
def test_private_values_are_never_emitted(stream: type[AsanaStream], mode: str) -> None:
    """In a record with a mark in every text and no resource types, only machine words keep the mark.

    Prose without a sign of a person keeps it under pseudonymize too.
    """
    protect = Privacy(mode, "k" * 16).redactor(stream.schema)
    assert protect is not None
    marked = {path for path, value in values(protect(filled(stream.schema)), "") if value == MARK}
    free = {place.path for place in places(stream.schema, "") if privacy_of(place.schema) == "prose"}
    assert {path.rpartition(".")[2] for path in marked - free} <= MACHINE
    assert mode == "pseudonymize" or not marked & free


MARK, DAY = "mark", "2026-01-01"


def filled(schema: Schema) -> object:
    """Return a value of a schema with the mark in every text."""
    if "properties" in schema:
        return {
            name: filled(field)
            for name, field in schema["properties"].items()
            if name not in {"resource_type", "resource_subtype", "representation_type"}
        }
    if "items" in schema:
        return [filled(schema["items"])]
    return DAY if "format" in schema else {"string": MARK, "number": 5, "boolean": True}[kind(schema)]


def values(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Yield the values in a record with their paths."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from values(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from values(inner, path)
    else:
        yield path, value


def test_pseudonyms_differ_by_kind() -> None:
    """A gid, a name and an email with the same letters have different pseudonyms, each of its own format."""
    pseudonyms = Pseudonyms("k" * 16)
    assert len({pseudonyms.gid("a"), pseudonyms.name("a"), pseudonyms.email("a"), pseudonyms.of("value", "a")}) == 4
    assert pseudonyms.email(" A ") == pseudonyms.email("a")
    assert pseudonyms.gid("1") != Pseudonyms("l" * 16).gid("1")
