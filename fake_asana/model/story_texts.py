"""The texts of system stories, in the English that Asana writes them in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from fake_asana.model.kinds import Nested

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.kinds import Record
    from fake_asana.model.stories import Story

FIXED_TEXTS: Mapping[str, str] = {
    "marked_complete": "marked this task complete",
    "marked_incomplete": "marked incomplete",
    "notes_changed": "changed the description",
    "attachment_added": "attached a file",
    "resource_subtype_changed": "marked this task as a milestone",
    "comment_liked": "liked your comment",
}
PHRASES: Mapping[str, tuple[str, str]] = {
    "assigned": ("assigned to {}", "assignee"),
    "unassigned": ("unassigned from {}", "assignee"),
    "added_to_project": ("added to {}", "project"),
    "removed_from_project": ("removed from {}", "project"),
    "added_to_tag": ("added to {}", "tag"),
    "added_to_task": ("added to {}", "task"),
    "follower_added": ("added {} as a collaborator", "follower"),
    "dependency_added": ("marked this task as dependent on {}", "dependency"),
    "marked_duplicate": ("marked this a duplicate of {}", "duplicate_of"),
    "duplicated": ("duplicated task from {}", "duplicated_from"),
}
"""Texts with the name of one object, and the field that holds it."""


def system_text(story: Story, details: Record) -> str:
    """Return the text of a system story with these details."""
    if story.subtype in FIXED_TEXTS:
        return FIXED_TEXTS[story.subtype]
    if story.subtype in PHRASES:
        phrase, field = PHRASES[story.subtype]
        return phrase.format(name(details.get(field)))
    if story.subtype.endswith("_custom_field_changed"):
        return field_text(details)
    make = MAKERS.get(story.subtype)
    return make(details) if make else story.subtype.replace("_", " ")


def name(item: object) -> str:
    """Return the name of an object that a story refers to."""
    if isinstance(item, Nested):
        return str(item.row.name)
    return str(cast("Record", item).get("name") or "") if isinstance(item, dict) else ""


def section_text(details: Record) -> str:
    """Return the text of a move."""
    return f'moved this task from "{name(details.get("old_section"))}" to "{name(details.get("new_section"))}"'


def name_text(details: Record) -> str:
    """Return the text of a new name."""
    new = details.get("new_name")
    return f'changed the name to "{new}"' if new else "removed the name"


def date_text(details: Record) -> str:
    """Return the text of a new due date."""
    dates = details.get("new_dates")
    if not isinstance(dates, dict):
        return "removed the due date"
    due = short_day(str(dates["due_on"]))
    start = dates["start_on"]
    return (
        f"changed the start date to {short_day(start)} and the due date to {due}"
        if start
        else (f"changed the due date to {due}")
    )


def approval_text(details: Record) -> str:
    """Return the text of a new approval status."""
    return f"changed the approval status to {str(details.get('new_approval_status')).replace('_', ' ')}"


def field_text(details: Record) -> str:
    """Return the text of a new value of a custom field."""
    field = name(details.get("custom_field"))
    value = next((value for key, value in details.items() if key.startswith("new_")), None)
    return f"cleared {field}" if value in (None, []) else f"changed {field} to {value_text(value)}"


def value_text(value: object) -> str:
    """Return a value of a custom field as people read it."""
    if isinstance(value, list):
        return ", ".join(map(name, value))
    if isinstance(value, dict):
        return short_day(str(value["due_on"])) if "due_on" in value else name(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def short_day(day: str) -> str:
    """Return a day as Asana's English writes it: Nov 29."""
    parsed = date.fromisoformat(day)
    return f"{parsed:%b} {parsed.day}"


MAKERS: Mapping[str, Callable[[Record], str]] = {
    "section_changed": section_text,
    "name_changed": name_text,
    "due_date_changed": date_text,
    "approval_status_changed": approval_text,
}
