"""Track time on tasks; Asana documents no clock that moves then, and the dialect decides whether one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.clock import DAY_MS
from fake_asana.model.tracking import TimeEntry
from fake_asana.mutations.comments import touch

if TYPE_CHECKING:
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task


def track_time(state: State, task_gid: str, minutes: int = 25, *, days_back: int | None = None) -> str:
    """Track time on a task and return the gid of the entry.

    The time counts for a day some days ago; without `days_back` for one of the last three.
    """
    task = state.tasks[task_gid]
    move_clock(state, task)
    entry = TimeEntry(*state.new_gid(), task, minutes, state.now())
    if days_back is not None:
        entry.entered = entry.created - days_back * DAY_MS
    seeding.add_entry(state, entry)
    state.record_event("added", entry, parent=task, untimestamped=not state.dialect.tracking.moves_clock)
    record_minutes(state, task)
    return entry.gid


def edit_time(state: State, entry_gid: str, minutes: int = 50) -> None:
    """Change the minutes of an entry."""
    entry = state.time_entries.rows[entry_gid]
    move_clock(state, entry.task)
    add_minutes(entry.task, minutes - entry.minutes)
    entry.minutes = minutes
    is_silent = not state.dialect.tracking.moves_clock
    state.record_event("changed", entry, parent=entry.task, field="duration_minutes", untimestamped=is_silent)
    record_minutes(state, entry.task)


def delete_time(state: State, entry_gid: str) -> None:
    """Delete an entry."""
    entry = state.time_entries.rows[entry_gid]
    move_clock(state, entry.task)
    add_minutes(entry.task, -entry.minutes)
    state.time_entries.remove(entry)
    state.record_event("deleted", entry, parent=entry.task)
    record_minutes(state, entry.task)


def move_clock(state: State, task: Task) -> None:
    """Move the clock of a task whose time is about to change, in some dialects."""
    if state.dialect.tracking.moves_clock:
        touch(state, task)


def add_minutes(task: Task, minutes: int) -> None:
    """Add minutes to those tracked on a task, or subtract them."""
    task.tracked_minutes = (task.tracked_minutes or 0) + minutes


def record_minutes(state: State, task: Task) -> None:
    """Record that the minutes tracked on a task have changed."""
    is_silent = not state.dialect.tracking.moves_clock
    state.record_event("changed", task, field="actual_time_minutes", untimestamped=is_silent)
