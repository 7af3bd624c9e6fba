"""Stories and files by their own gid, without the task, goal, project or brief that holds them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from fake_asana.model.attachments import Attachment, attachments_of_task
from fake_asana.model.gids import serial
from fake_asana.model.stories import Story, stories_of_task
from fake_asana.model.tasks import Task

if TYPE_CHECKING:
    from fake_asana.model.state import State

Child: TypeAlias = Story | Attachment


def holder_of(child: Child) -> object:
    """Return the task, goal, project or brief that holds a story or file."""
    return child.task if isinstance(child, Story) else child.parent


def find_child(state: State, gid: str) -> Child | None:
    """Return the story or file with a gid; None if nothing holds it any more."""
    changed = next((event.row for event in reversed(state.history) if event.gid == gid), None)
    task = holder_of(changed) if isinstance(changed, Story | Attachment) else seeded_holder(state, gid)
    rows: list[Child] = []
    if isinstance(task, Task):
        rows = [*stories_of_task(task), *attachments_of_task(task)] if task.gid in state.tasks else []
    else:
        rows = [*chain.from_iterable(goal.stories for goal in state.goals), *chain.from_iterable(state.files.values())]
    return next((row for row in rows if row.gid == gid), None)


def seeded_holder(state: State, gid: str) -> Task | None:
    """Return the task whose unchanged stories and files include a gid."""
    number = serial(gid)
    tasks = state.tasks.values()
    return next(
        (task for task in tasks if task.serial < number <= task.serial + task.n_stories + task.n_attachments), None
    )
