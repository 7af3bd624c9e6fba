"""Tracked time of a workspace: categories, entries under tasks, and timesheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.tracking import Category, Entry, Timesheet

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task

CATEGORIES = ("Entwicklung", "Support ☎", "Travel", "Old", "Älter")
ARCHIVED = ("Old", "Älter")
TRACKED = 16  # one task in so many
MINUTES = (1, 15, 90, 480, 100_000)
SHEETS, WEEKS = 5, 3


def tracking(state: State, workspace: Workspace) -> None:
    """Everything about time, where the plan knows of it."""
    if "time_tracking" in workspace.lacks:
        return
    made = [Category(*state.fresh(), workspace, name, archived=name in ARCHIVED) for name in CATEGORIES]
    for category in made:
        state.categories.add(category)
    for task in list(state.tasks.values()):
        if task.seed % TRACKED == 0 and task.workspace is workspace:
            track(state, task, made)
    monday = state.now() // DAY * DAY - 7 * DAY * WEEKS
    for user in workspace.roster[:SHEETS]:
        for week in range(WEEKS):
            state.timesheets.add(Timesheet(*state.fresh(), workspace, user, monday + week * 7 * DAY))


def track(state: State, task: Task, categories: list[Category]) -> None:
    """A few entries on a task, in its lifetime."""
    dice = SeededRandom(task.seed, 30)
    for _ in range(1 + dice.below(3)):
        created = task.created + int((task.modified - task.created) * dice.fraction())
        entry = Entry(*state.fresh(), task, dice.pick(MINUTES), created)
        entry.categories = dice.some(categories, 2)
        spend(state, entry)


def spend(state: State, entry: Entry) -> None:
    """Keep an entry, and count its minutes on the task."""
    state.entries.add(entry)
    entry.task.spent = (entry.task.spent or 0) + entry.minutes
