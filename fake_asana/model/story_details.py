"""What a system story tells: the details that each subtype carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import words
from fake_asana.model.clock import DAY, day, instant
from fake_asana.model.custom_fields import FIELD
from fake_asana.model.kinds import Inside, Open, Record, ref
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.tasks import VERDICTS, task_ref
from fake_asana.model.values import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.custom_fields import CustomField
    from fake_asana.model.stories import Story

SUBTYPES = (
    *("comment_added",) * 12,
    *("assigned", "section_changed", "added_to_project", "marked_complete", "due_date_changed", "name_changed") * 2,
    *("enum_custom_field_changed", "number_custom_field_changed", "text_custom_field_changed"),
    *("multi_enum_custom_field_changed", "date_custom_field_changed", "people_custom_field_changed"),
    *("attachment_added", "added_to_tag", "follower_added", "dependency_added", "marked_duplicate", "duplicated"),
    *("approval_status_changed", "resource_subtype_changed", "notes_changed", "added_to_task", "comment_liked"),
)


def details(story: Story) -> Record:
    """The details of a story, as its subtype and seed say; none for most comments."""
    tell = TELLS.get(story.subtype)
    return tell(story, SeededRandom(story.seed, 2)) if tell else {}


def one(name: str) -> Callable[[Story, SeededRandom], Record]:
    """A teller of one person under this name."""

    def tell(story: Story, dice: SeededRandom) -> Record:
        return {name: ref(dice.pick(story.task.workspace.roster))}

    return tell


def other_task(name: str) -> Callable[[Story, SeededRandom], Record]:
    """A teller of another task under this name."""

    def tell(story: Story, dice: SeededRandom) -> Record:
        tasks = story.task.workspace.scenery.tasks
        return {name: task_ref(dice.pick(tasks))} if tasks else {}

    return tell


def project(story: Story, dice: SeededRandom) -> Record:
    """The project that the task was added to."""
    projects = story.task.workspace.scenery.projects
    return {"project": ref(dice.pick(projects))} if projects else {}


def section(story: Story, dice: SeededRandom) -> Record:
    """The sections that the task moved between."""
    moves = story.task.workspace.scenery.moves
    if not moves:
        return {}
    old, new = dice.pick(moves)
    return {"old_section": ref(old), "new_section": ref(new)}


def tag(story: Story, dice: SeededRandom) -> Record:
    """The tag that was put on the task."""
    tags = story.task.workspace.scenery.tags
    return {"tag": ref(dice.pick(tags))} if tags else {}


def name(_: Story, dice: SeededRandom) -> Record:
    """The names before and after."""
    return {"old_name": words.title(dice), "new_name": words.title(dice) or None}


def dates(dice: SeededRandom) -> Record:
    """A due date, sometimes with a start or a time."""
    at = (20_000 + dice.below(700)) * DAY + dice.below(DAY)
    return {
        "start_on": day(at - 5 * DAY) if dice.chance(30) else None,
        "due_at": instant(at) if dice.chance(30) else None,
        "due_on": day(at),
    }


def due(_: Story, dice: SeededRandom) -> Record:
    """The dates before and after; none before now and then."""
    return {"old_dates": dates(dice) if dice.chance(60) else None, "new_dates": dates(dice)}


def outcome(_: Story, dice: SeededRandom) -> Record:
    """The approval status before and after."""
    return {"old_approval_status": "pending", "new_approval_status": dice.pick(VERDICTS)}


def subtype(_: Story, __: SeededRandom) -> Record:
    """The kinds of task before and after."""
    return {"old_resource_subtype": "default_task", "new_resource_subtype": "milestone"}


def liked(story: Story, dice: SeededRandom) -> Record:
    """The comment that was liked."""
    inner = {
        "gid": f"{story.gid}7",
        "resource_type": "story",
        "created_at": instant(story.created),
        "created_by": ref(dice.pick(story.task.workspace.roster)),
        "resource_subtype": "comment_added",
        "text": words.prose(dice),
    }
    return {"story": inner}


def field_changed(
    kind: str, name: str, draw: Callable[[CustomField, SeededRandom], object]
) -> Callable[[Story, SeededRandom], Record]:
    """A teller of a custom field's values before and after."""

    def tell(story: Story, dice: SeededRandom) -> Record:
        fields = [field for field in story.task.workspace.scenery.fields if field.make.subtype == kind]
        if not fields:
            return {}
        field = dice.pick(fields)
        values = {f"old_{name}": draw(field, dice), f"new_{name}": draw(field, dice)}
        return {"custom_field": Inside(FIELD, field), **values}

    return tell


TELLS: Mapping[str, Callable[[Story, SeededRandom], Record]] = {
    "assigned": one("assignee"),
    "follower_added": one("follower"),
    "section_changed": section,
    "added_to_project": project,
    "added_to_tag": tag,
    "name_changed": name,
    "due_date_changed": due,
    "approval_status_changed": outcome,
    "resource_subtype_changed": subtype,
    "comment_liked": liked,
    "added_to_task": other_task("task"),
    "dependency_added": other_task("dependency"),
    "marked_duplicate": other_task("duplicate_of"),
    "duplicated": other_task("duplicated_from"),
    "enum_custom_field_changed": field_changed("enum", "enum_value", lambda f, d: d.pick(f.options).record()),
    "multi_enum_custom_field_changed": field_changed(
        "multi_enum",
        "multi_enum_values",
        lambda f, d: [option.record() for option in d.some(f.options, 2)],
    ),
    "number_custom_field_changed": field_changed("number", "number_value", lambda _, d: d.pick((None, *NUMBERS))),
    "text_custom_field_changed": field_changed("text", "text_value", lambda _, d: words.title(d)),
    "date_custom_field_changed": field_changed("date", "date_value", lambda _, d: Open(dates(d))),
    "people_custom_field_changed": field_changed(
        "people",
        "people_value",
        lambda f, d: [ref(user) for user in d.some(f.workspace.roster, 2)],
    ),
}
