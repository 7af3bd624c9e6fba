"""The details of system stories, by subtype."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model import texts
from fake_asana.model.clock import DAY_MS, format_day, format_instant
from fake_asana.model.kinds import Record, ref
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.tasks import APPROVAL_STATUSES, Task, task_ref

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.stories import Story


def details(story: Story) -> Record:
    """Return the details of a story from its subtype and seed; most comments have none."""
    draw = DETAILS_BY_SUBTYPE.get(story.subtype)
    return draw(story, SeededRandom(story.seed, 2)) if draw else {}


def person(name: str) -> Callable[[Story, SeededRandom], Record]:
    """Return a function that draws a person for this field."""

    def draw(story: Story, rng: SeededRandom) -> Record:
        return {name: ref(rng.pick(story.task.workspace.roster))}

    return draw


def other_task(name: str) -> Callable[[Story, SeededRandom], Record]:
    """Return a function that draws another task for this field."""

    def draw(story: Story, rng: SeededRandom) -> Record:
        tasks = story.task.workspace.story_targets.tasks
        return {name: task_ref(rng.pick(tasks))} if tasks else {}

    return draw


def added_project(story: Story, _: SeededRandom) -> Record:
    """Return the project to which the task was added: its first."""
    project = next(story.task.projects(), None) if isinstance(story.task, Task) else None
    return {"project": ref(project)} if project else {}


def added_tag(story: Story, rng: SeededRandom) -> Record:
    """Return the tag added to the task."""
    tags = story.task.workspace.story_targets.tags
    return {"tag": ref(rng.pick(tags))} if tags else {}


def names(_: Story, rng: SeededRandom) -> Record:
    """Return the names before and after."""
    return {"old_name": texts.title(rng), "new_name": texts.title(rng) or None}


def draw_dates(rng: SeededRandom) -> Record:
    """Return a due date, sometimes with a start or a time."""
    instant = (20_000 + rng.below(700)) * DAY_MS + rng.below(DAY_MS)
    return {
        "start_on": format_day(instant - 5 * DAY_MS) if rng.chance(30) else None,
        "due_at": format_instant(instant) if rng.chance(30) else None,
        "due_on": format_day(instant),
    }


def due_dates(_: Story, rng: SeededRandom) -> Record:
    """Return the dates before and after; sometimes there were none before."""
    return {"old_dates": draw_dates(rng) if rng.chance(60) else None, "new_dates": draw_dates(rng)}


def approval(_: Story, rng: SeededRandom) -> Record:
    """Return the approval status before and after."""
    return {"old_approval_status": "pending", "new_approval_status": rng.pick(APPROVAL_STATUSES)}


def subtypes(_: Story, __: SeededRandom) -> Record:
    """Return the task subtypes before and after."""
    return {"old_resource_subtype": "default_task", "new_resource_subtype": "milestone"}


DETAILS_BY_SUBTYPE: Mapping[str, Callable[[Story, SeededRandom], Record]] = {
    "assigned": person("assignee"),
    "follower_added": person("follower"),
    "added_to_project": added_project,
    "added_to_tag": added_tag,
    "name_changed": names,
    "due_date_changed": due_dates,
    "approval_status_changed": approval,
    "resource_subtype_changed": subtypes,
    "added_to_task": other_task("task"),
    "dependency_added": other_task("dependency"),
    "marked_duplicate": other_task("duplicate_of"),
    "duplicated": other_task("duplicated_from"),
}
