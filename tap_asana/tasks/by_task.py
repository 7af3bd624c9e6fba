"""Requests for the children of single tasks after an export: children that the file does not contain."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterable, Iterator

from typing_extensions import override

from tap_asana.api.decoding import Record
from tap_asana.fetch.lane import WorkItem
from tap_asana.tasks.context import TaskSource, TraversalContext
from tap_asana.tasks.events import CHILD_PATHS, REQUIRED_TASK_FIELD, TIME

logger = logging.getLogger(__name__)


class TaskChildSource(TaskSource):
    """The lane of one stream's lists below single tasks, in the order of the tasks' gids, which take eight bytes each.

    An export never contains time entries, but it shows which tasks have some. It contains stories and attachments; a
    task without that field may have some nevertheless.
    """

    children_only = True

    def __init__(self, context: TraversalContext, stream: str) -> None:
        """Start without tasks."""
        self.stream = stream
        self.name = "timed" if stream == TIME else f"{stream} by task"
        self.child_streams = (stream,)
        self._context = context
        self._field = REQUIRED_TASK_FIELD.get(stream, stream)
        self._gids = array("Q")
        self._has_warned = False

    def __len__(self) -> int:
        """Return the number of tasks."""
        return len(self._gids)

    def clear(self) -> None:
        """Drop all tasks."""
        self._gids = array("Q")

    def add(self, tasks: Iterable[Record]) -> None:
        """Add those of an export's tasks whose children must be requested."""
        for task in tasks:
            if self._has_no_field(task):
                self._warn()
                self._gids.append(int(task["gid"]))
            elif self.stream == TIME and self._context.time_hint.may_have_entries(task):
                self._gids.append(int(task["gid"]))

    def extend(self, gids: Iterable[int]) -> None:
        """Add tasks by their gids."""
        self._gids.extend(gids)

    def gids_after(self, gid: int) -> set[int]:
        """Return the tasks with a higher gid."""
        return {each for each in self._gids if each > gid}

    def _has_no_field(self, task: Record) -> bool:
        return self._field not in task or (self.stream != TIME and not isinstance(task[self._field], list))

    def _warn(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            logger.warning(
                "workspace %s: some tasks of the export have no %s, although the field was requested; "
                "%s are requested task by task",
                self._context.workspace.gid,
                self._field,
                self.stream,
            )

    @override
    def work_items(self) -> Iterator[WorkItem]:
        """Yield an item for each task beyond the lane's position."""
        position = self._context.window.position(self.name) or ()
        stream, fields = self.stream, self._context.fields[self.stream]
        for gid in sorted(set(self._gids)):
            key = (0, 0, gid)
            if position < key:
                request = self._context.request(stream, stream, CHILD_PATHS[stream], fields, task_gid=f"{gid}")
                yield WorkItem(key, [request])
