"""Seed time tracking: categories, entries and timesheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY_MS
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.tracking import Category, TimeEntry, Timesheet

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task

CATEGORY_NAMES = ("Entwicklung", "Support ☎", "Travel", "Old", "Älter")
ARCHIVED_CATEGORIES = ("Old", "Älter")
TRACKED_EVERY = 16  # one task in so many
MINUTES = (1, 15, 90, 480, 100_000)
TIMESHEET_USERS, TIMESHEET_WEEKS = 5, 3


def add_time_tracking(state: State, workspace: Workspace) -> None:
    """Add categories, entries and timesheets if the plan has time tracking."""
    if "time_tracking" in workspace.missing_features:
        return
    categories = [
        Category(*state.new_gid(), workspace, name, archived=name in ARCHIVED_CATEGORIES) for name in CATEGORY_NAMES
    ]
    for category in categories:
        state.time_categories.add(category)
    for task in list(state.tasks.values()):
        if task.seed % TRACKED_EVERY == 0 and task.workspace is workspace:
            add_entries(state, task, categories)
    monday = state.now() // DAY_MS * DAY_MS - 7 * DAY_MS * TIMESHEET_WEEKS
    for user in workspace.roster[:TIMESHEET_USERS]:
        for week in range(TIMESHEET_WEEKS):
            state.timesheets.add(Timesheet(*state.new_gid(), workspace, user, monday + week * 7 * DAY_MS))


def add_entries(state: State, task: Task, categories: list[Category]) -> None:
    """Add a few entries to a task, between its creation and last change."""
    rng = SeededRandom(task.seed, 30)
    for _ in range(1 + rng.below(3)):
        created = task.created + int((task.modified - task.created) * rng.fraction())
        entry = TimeEntry(*state.new_gid(), task, rng.pick(MINUTES), created)
        entry.categories = rng.sample(categories, 2)
        add_entry(state, entry)


def add_entry(state: State, entry: TimeEntry) -> None:
    """Add an entry, and its minutes to the task."""
    state.time_entries.add(entry)
    entry.task.tracked_minutes = (entry.task.tracked_minutes or 0) + entry.minutes
