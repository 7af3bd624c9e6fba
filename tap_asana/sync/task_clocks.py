"""Whether comments and attachments move the `modified_at` of their tasks: increments go by it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_asana.api.decoding import is_timestamp
from tap_asana.state.instants import parse_instant
from tap_asana.tasks.announcements import SUBTYPE
from tap_asana.tasks.events import ATTACHMENTS, STORIES, TASKS, Batch, value_of

if TYPE_CHECKING:
    from tap_asana.run import Run

KIND_OF_STORY: Mapping[str, str] = {"comment_added": "comments", "attachment_added": "attachments"}
"""What a story of each subtype is about."""

MAX_CLOCKS, MAX_COMPARED = 1000, 10_000
"""Tasks whose `modified_at` is kept, and stories and attachments that a run compares with it."""

SETTLED = timedelta(hours=1)
"""Time before a run from which on a task may be older than what is below it: a late index, or other clocks."""

TOLERANCE = timedelta(minutes=1)
"""What two times of one change may differ by."""

UNMOVED = (
    "workspace %s: %s do not move modified_at, such as those of task %s: new ones arrive with the next change of their "
    "task, or earlier with the stream deletions or with reconcile_days (docs/freshness.md)"
)

logger = logging.getLogger(__name__)


class TaskClocks:
    """Compares comments and attachments with the `modified_at` of their tasks, and warns if it is older."""

    def __init__(self, run: Run) -> None:
        """Compare nothing yet."""
        self._run = run
        self._modified: dict[str, str] = {}
        self._rest = MAX_COMPARED
        self._warned: set[tuple[str, str]] = set()

    def on_written(self, batch: Batch) -> None:
        """Keep the clocks of some tasks, or compare what is below them."""
        if batch.stream == TASKS:
            rest = max(0, MAX_CLOCKS - len(self._modified))
            for task in batch.records[:rest]:
                self._modified[value_of(task, "gid")] = value_of(task, "modified_at")
        elif batch.stream in {STORIES, ATTACHMENTS} and self._rest > 0:
            self._rest -= len(batch.records)
            for record in batch.records:
                self._compare(batch, record)

    def _compare(self, batch: Batch, record: Any) -> None:  # noqa: ANN401 - a dictionary, or an object of an export
        kind = ATTACHMENTS if batch.stream == ATTACHMENTS else KIND_OF_STORY.get(str(value_of(record, SUBTYPE)))
        task_gid = batch.parent_keys.get("task_gid") or value_of(record, "task_gid")
        if kind is None or not isinstance(task_gid, str) or task_gid not in self._modified:
            return
        created, modified = value_of(record, "created_at"), self._modified[task_gid]
        if self._is_older(modified, created):
            workspace_gid = batch.parent_keys.get("workspace_gid") or value_of(record, "workspace_gid")
            if (workspace_gid, kind) not in self._warned:
                self._warned.add((workspace_gid, kind))
                logger.warning(UNMOVED, workspace_gid, kind, task_gid)

    def _is_older(self, modified: object, created: object) -> bool:
        """Return whether a task was last modified before something below it was created, some time before the run."""
        if not isinstance(modified, str) or not isinstance(created, str) or created <= modified:
            return False
        if not is_timestamp(modified) or not is_timestamp(created):
            return False
        instant = parse_instant(created)
        return parse_instant(modified) + TOLERANCE < instant < parse_instant(self._run.start) - SETTLED
