"""Rename people, projects, sections, tags and custom fields; no clock of a task that shows the name moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_asana.model.state import State

NEW_NAME = "Neuer Name ✏️"
NEW_NAME_OF_PERSON = "Neue Person ✏️"
"""Shared with nothing else: with privacy, a project's name may be written, and a person's may not."""


def rename_project(state: State, project_gid: str, name: str = NEW_NAME) -> None:
    """Rename a project."""
    project = state.projects[project_gid]
    project.name, project.modified = name, state.now()
    state.record_event("changed", project, field="name")


def rename_section(state: State, section_gid: str, name: str = NEW_NAME) -> None:
    """Rename a section."""
    section = state.sections[section_gid]
    section.name = name
    state.record_event("changed", section, field="name")


def rename_tag(state: State, tag_gid: str, name: str = NEW_NAME) -> None:
    """Rename a tag."""
    tag = state.tags[tag_gid]
    tag.name = name
    state.record_event("changed", tag, field="name")


def rename_user(state: State, user_gid: str, name: str = NEW_NAME_OF_PERSON) -> None:
    """Give a person another name."""
    user = state.users[user_gid]
    user.name = name
    state.record_event("changed", user, field="name")


def rename_custom_field(state: State, field_gid: str, name: str = NEW_NAME) -> None:
    """Rename a custom field."""
    field = state.custom_fields[field_gid]
    field.name = name
    state.record_event("changed", field, field="name")
