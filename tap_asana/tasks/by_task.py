"""What is asked task by task although an export was read: what it does not hold, and what it lacks."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Collection, Iterable, Iterator

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page
from tap_asana.fetch.scheduler import FetchScheduler, Key, WorkItem
from tap_asana.parents.kinds import ProgressByKind
from tap_asana.tasks.events import CHILD_PATHS, REQUIRED_TASK_FIELD, TIME
from tap_asana.tasks.traversal import TraversalContext

logger = logging.getLogger(__name__)


class TaskChildSource:
    """The lane of what is asked of one stream under such tasks, in the order of their gids; each takes eight bytes.

    Exports never hold time entries: they tell on which tasks there are some. They hold stories and attachments: a task
    without the very field has not said that there are none.
    """

    children_only = True

    def __init__(self, scope: TraversalContext, stream: str) -> None:
        """Know of no task yet."""
        self.stream = stream
        self.name = "timed" if stream == TIME else f"{stream} by task"
        self.child_streams: Collection[str] = (stream,)
        self._scope = scope
        self._field = REQUIRED_TASK_FIELD.get(stream, stream)
        self._gids = array("Q")
        self._warned = False

    def __len__(self) -> int:
        """Return how many tasks have to be asked."""
        return len(self._gids)

    def clear(self) -> None:
        """Know of no task again."""
        self._gids = array("Q")

    def note(self, tasks: Iterable[Record]) -> None:
        """Keep those of an export's tasks that have time on them, or that lack what was asked for."""
        for task in tasks:
            if self._lacks(task):
                self._warn()
                self._gids.append(int(task["gid"]))
            elif self.stream == TIME and task[self._field]:
                self._gids.append(int(task["gid"]))

    def _lacks(self, task: Record) -> bool:
        """Tell whether a task says nothing of the field: absent is not empty."""
        return self._field not in task or (self.stream != TIME and not isinstance(task[self._field], list))

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            workspace = self._scope.workspace.gid
            logger.warning(
                "workspace %s: the export lacks %s of some tasks, although it was asked for; %s are asked task by task",
                workspace,
                self._field,
                self.stream,
            )

    def progress(self, _: Key | None) -> ProgressByKind:
        """Return nothing: these are no parents of a kind."""
        return {}

    def work_items(self) -> Iterator[WorkItem]:
        """Yield a unit for each task behind the place where the read is taken up."""
        place = self._scope.window.position(self.name) or ()
        stream, fields = self.stream, self._scope.fields[self.stream]
        for gid in sorted(set(self._gids)):
            key = (0, 0, gid)
            if place < key:
                yield WorkItem(
                    key, [self._scope.request(stream, stream, CHILD_PATHS[stream], fields, task_gid=f"{gid}")]
                )

    def child_key(self, unit: Key, _: Record) -> Key:
        """Return the unit's: it finds no tasks."""
        return unit

    def process_page(self, _: Page, __: FetchScheduler) -> Iterable[Record]:
        """Return nothing: what comes is what hangs from the tasks."""
        return ()
