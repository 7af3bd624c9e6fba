"""Judges new rows that a list showed too late for the run that read it, and that no event names (docs/freshness.md)."""

from __future__ import annotations

from fake_asana.model.events import Event
from fake_asana.model.tasks import Task
from simulate.attempt import SECOND_MS
from simulate.history import LOOKBACK_SECONDS
from simulate.player import Played
from simulate.told import has_passed, uncertain_milliseconds


def was_listed_late(played: Played, stream: str, task: Task, gid: str) -> bool:
    """Return whether the list below a task did not show a new object yet, and nothing tells later runs of it.

    It moved no clock of the task, which has not changed since: not even less than a lookback before the run. A pass
    reads every list again, and so does each run that reads the whole stream.
    """
    late = played.history.dialect.freshness.late_seconds * SECOND_MS
    if not late or has_passed(played) or stream in played.history.full_table:
        return False
    added = next((each for each in played.api.world.history if (each.gid, each.action) == (gid, "added")), None)
    if added is None or not added.untimestamped:
        return False
    lookback = played.history.settings.get("lookback_seconds", LOOKBACK_SECONDS) * SECOND_MS
    lookback -= late + uncertain_milliseconds(played)
    is_read_again = task.modified > added.at - lookback
    is_early = any(each.at - late < added.at <= each.at for each in played.event_reads)
    return is_early and not is_read_again and not any(_is_named(played, each) for each in _telling(played, added, task))


def _telling(played: Played, added: Event, task: Task) -> list[Event]:
    """Return the events that tell of a new object: its own, or that of the task whose minutes changed with it."""
    if added.is_streamed:
        return [added]
    return [each for each in played.api.world.history if (each.at, each.gid) == (added.at, task.gid) and each.field]


def _is_named(played: Played, event: Event) -> bool:
    """Return whether a run has read an event: one of its holders had a sync token from before it."""
    late = played.history.dialect.logs.late_seconds * SECOND_MS
    for gid in event.scope:
        reads = [each for each in played.event_reads if each.gid == gid]
        end = next((each.at for each in reads if each.has_token and each.at >= event.at + late), None)
        starts = [each.at for each in reads if not each.has_token and end is not None and each.at <= end]
        if starts and max(starts) - late < event.at:
            return True
    return False
