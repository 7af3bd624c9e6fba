"""Track time on tasks; Asana documents no clock that moves then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.clock import DAY_MS
from fake_asana.model.tracking import TimeEntry

if TYPE_CHECKING:
    from fake_asana.model.state import State
    from fake_asana.model.tasks import Task


def track_time(state: State, task_gid: str, minutes: int = 25, *, days_back: int | None = None) -> str:
    """Track time on a task without moving its clock and return the gid of the entry.

    The time counts for a day some days ago; without `days_back` for one of the last three.
    """
    task = state.tasks[task_gid]
    entry = TimeEntry(*state.new_gid(), task, minutes, state.now())
    if days_back is not None:
        entry.entered = entry.created - days_back * DAY_MS
    seeding.add_entry(state, entry)
    state.record_event("added", entry, parent=task, untimestamped=True)
    record_minutes(state, task)
    return entry.gid


def edit_time(state: State, entry_gid: str, minutes: int = 50) -> None:
    """Change the minutes of an entry; no clock moves."""
    entry = state.time_entries.rows[entry_gid]
    add_minutes(entry.task, minutes - entry.minutes)
    entry.minutes = minutes
    state.record_event("changed", entry, parent=entry.task, field="duration_minutes", untimestamped=True)
    record_minutes(state, entry.task)


def delete_time(state: State, entry_gid: str) -> None:
    """Delete an entry; no clock moves."""
    entry = state.time_entries.rows[entry_gid]
    add_minutes(entry.task, -entry.minutes)
    state.time_entries.remove(entry)
    state.record_event("deleted", entry, parent=entry.task)
    record_minutes(state, entry.task)


def add_minutes(task: Task, minutes: int) -> None:
    """Add minutes to those tracked on a task, or subtract them."""
    task.tracked_minutes = (task.tracked_minutes or 0) + minutes


def record_minutes(state: State, task: Task) -> None:
    """Record that the minutes tracked on a task have changed."""
    state.record_event("changed", task, field="actual_time_minutes", untimestamped=True)
