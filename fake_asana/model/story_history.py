"""The history in the stories of an unchanged task: it leads to the task's sections, values and completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.custom_fields import FIELD
from fake_asana.model.kinds import Nested, OpenObject, ref
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.values import Value, draw_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fake_asana.model.custom_fields import CustomField
    from fake_asana.model.kinds import Record
    from fake_asana.model.projects import Project, Section
    from fake_asana.model.stories import Story
    from fake_asana.model.tasks import Task

ADDED, MOVED, COMPLETED, REOPENED = "added_to_project", "section_changed", "marked_complete", "marked_incomplete"
COMMENT = "comment_added"
"""The subtype of comments, and the one in place of a subtype that does not fit the task."""

VALUE_KEYS: Mapping[str, str] = {
    "enum": "enum_value",
    "number": "number_value",
    "text": "text_value",
    "multi_enum": "multi_enum_values",
    "date": "date_value",
    "people": "people_value",
}
"""The key of a value, by the subtype of its field."""

FIELD_SUBTYPES: Mapping[str, str] = {f"{subtype}_custom_field_changed": subtype for subtype in VALUE_KEYS}
"""The subtype of the field, by the subtype of the story."""

STORY_SUBTYPES = (
    *(COMMENT,) * 10,
    *("assigned", MOVED, COMPLETED, "due_date_changed", "name_changed") * 2,
    *(*FIELD_SUBTYPES, MOVED, COMPLETED) * 2,
    *("attachment_added", "added_to_tag", "follower_added", "dependency_added", "marked_duplicate", "duplicated"),
    *("approval_status_changed", "resource_subtype_changed", "notes_changed", "added_to_task", "comment_liked"),
)
READ_ONLY = frozenset({"formula", "custom_id"})


def seeded_subtypes(task: Task, seeds: Sequence[int]) -> list[str]:
    """Return the subtypes of the stories with these seeds."""
    subtypes = [seeded_subtype(task, seed) for seed in seeds]
    if subtypes and task.sections and seeds[0] % 2:
        subtypes[0] = ADDED
    if subtypes and task.completed is not None:
        subtypes[-1] = COMPLETED
    alternate(subtypes, completed=task.completed is not None)
    return subtypes


def seeded_subtype(task: Task, seed: int) -> str:
    """Return a subtype that fits the task."""
    subtype = STORY_SUBTYPES[seed % len(STORY_SUBTYPES)]
    if subtype == MOVED:
        return MOVED if places_with_choice(task) else COMMENT
    if subtype in FIELD_SUBTYPES and not editable_fields(task, FIELD_SUBTYPES[subtype]):
        others = [other for other, field_subtype in FIELD_SUBTYPES.items() if editable_fields(task, field_subtype)]
        return others[seed // len(STORY_SUBTYPES) % len(others)] if others else COMMENT
    return subtype


def alternate(subtypes: list[str], *, completed: bool) -> None:
    """Make completions and reopenings of the completions, in turn, that end as the task is."""
    for index in range(len(subtypes) - 1, -1, -1):
        if subtypes[index] == COMPLETED:
            subtypes[index] = COMPLETED if completed else REOPENED
            completed = not completed
    if completed and REOPENED in subtypes:
        subtypes[subtypes.index(REOPENED)] = COMMENT


def write_history(task: Task, stories: Iterable[Story]) -> None:
    """Set the details of all moves and changed values, newest first, so that each leads to the next."""
    later_sections: dict[str, Section] = {}
    later_values: dict[str, object] = {}
    for story in reversed(list(stories)):
        if story.details is None and story.subtype == MOVED:
            story.details = moved(task, story, later_sections)
        elif story.details is None and story.subtype in FIELD_SUBTYPES:
            story.details = changed(task, story, later_values)


def moved(task: Task, story: Story, later: dict[str, Section]) -> Record:
    """Return the sections before and after a move."""
    rng = SeededRandom(story.seed, 2)
    place = rng.pick(places_with_choice(task))
    project = project_of(place)
    new = later.get(project.gid, place)
    old = later[project.gid] = rng.pick([section for section in first_sections(project) if section is not new])
    return {"old_section": ref(old), "new_section": ref(new)}


def changed(task: Task, story: Story, later: dict[str, object]) -> Record:
    """Return a custom field with its values before and after."""
    rng = SeededRandom(story.seed, 2)
    field = rng.pick(editable_fields(task, FIELD_SUBTYPES[story.subtype]))
    current = Value(field, task.seed, (task.custom_values or {}).get(field.gid)).data
    new = later[field.gid] if field.gid in later else story_value(field, current)
    drawn = [story_value(field, draw_value(field, rng)) for _ in range(3)]
    old = later[field.gid] = next(filter(None, drawn), drawn[0])
    return field_change(field, old, new)


def field_change(field: CustomField, old: object, new: object) -> Record:
    """Return the details of a story about a changed value."""
    key = VALUE_KEYS[field.type.subtype]
    return {"custom_field": Nested(FIELD, field), f"old_{key}": old, f"new_{key}": new}


def story_value(field: CustomField, data: Record) -> object:
    """Return the value of a field in the form of a story."""
    value = data.get(VALUE_KEYS[field.type.subtype])
    if field.type.subtype == "date" and isinstance(value, dict):
        return OpenObject({"start_on": None, "due_at": value["date_time"], "due_on": value["date"]})
    return value


def places_with_choice(task: Task) -> list[Section]:
    """Return the sections of the task whose project has more than one."""
    return [section for section in task.sections if section.project and len(first_sections(section.project)) > 1]


def first_sections(project: Project) -> list[Section]:
    """Return the sections that a project was created with."""
    return [section for section in project.sections.values() if section.created == project.created]


def project_of(section: Section) -> Project:
    """Return the project of a section; ValueError for a section of My Tasks."""
    if section.project is None:
        raise ValueError(section.gid)
    return section.project


def editable_fields(task: Task, subtype: str) -> list[CustomField]:
    """Return the fields of a task with this subtype whose values people can change."""
    fields = task.fields().values()
    return [field for field in fields if field.type.subtype == subtype and field.type.representation not in READ_ONLY]
