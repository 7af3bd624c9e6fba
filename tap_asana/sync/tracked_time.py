"""The tasks whose tracked time changed, and whether their lists of time entries have shown all of it.

Events name the task alone, whose minutes change at once. If its list shows a new entry late, no later event names it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from tap_asana.api.decoding import is_timestamp
from tap_asana.state.instants import parse_instant
from tap_asana.tasks.events import TASKS, TIME, Batch, value_of

MINUTES, ENTRY_MINUTES = "actual_time_minutes", "duration_minutes"
"""The tracked minutes of a task, and those of one of its time entries."""


class TrackedTime:
    """The tasks that events name because of their tracked minutes, and what the run has written of these since."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._moments: dict[str, dict[str, str]] = {}
        self._minutes: dict[str, Any] = {}
        self._entries: defaultdict[str, dict[str, Any]] = defaultdict(dict)

    def add(self, workspace_gid: str, task_gid: str, moment: str) -> None:
        """Add a change of a task's tracked minutes."""
        moments = self._moments.setdefault(workspace_gid, {})
        moments[task_gid] = max(moments.get(task_gid, moment), moment)

    def on_written(self, batch: Batch) -> None:
        """Note the minutes of these tasks and of their entries."""
        if not self._moments:
            return
        gids = self._moments.get(batch.parent_keys.get("workspace_gid", ""), {})
        task_gid = batch.parent_keys.get("task_gid")
        if batch.stream == TASKS:
            found = {value_of(task, "gid"): task for task in batch.records}
            self._minutes.update((gid, value_of(found[gid], MINUTES)) for gid in gids.keys() & found.keys())
        elif batch.stream == TIME and task_gid in gids:
            entries = self._entries[task_gid]
            entries.update((value_of(entry, "gid"), value_of(entry, ENTRY_MINUTES)) for entry in batch.records)

    def incomplete(self, workspace_gid: str, since: datetime, *, are_tasks_read: bool) -> list[str]:
        """Return the tasks of a workspace that changed since an instant, and whose entries do not have all minutes.

        If tasks are read, those that the run has not written are excluded by the settings, or refused.
        """
        return [
            gid
            for gid, moment in sorted(self._moments.get(workspace_gid, {}).items())
            if (gid in self._minutes or not are_tasks_read) and not self._is_whole(gid)
            if not is_timestamp(moment) or parse_instant(moment) >= since
        ]

    def _is_whole(self, gid: str) -> bool:
        minutes, entries = self._minutes.get(gid), self._entries[gid].values()
        are_known = all(isinstance(each, int | float) for each in (minutes, *entries))
        return are_known and bool(sum(entries) >= minutes)
