"""The subtasks that searches have not found, although the tasks above them count them.

A first read by search relies on the index for all subtasks. The index may lack some: those of a project that was in the
archive when the search was sent, or of one whose change the index has not seen yet. An interrupted read counts nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

from typing_extensions import override

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import SUBTREE, Key, PagePosition, WorkItem
from tap_asana.tasks.by_search import SUBTASKS_PATH
from tap_asana.tasks.context import FoundTasks, PageResult, TaskSource, TraversalContext
from tap_asana.tasks.events import ATTACHMENTS, CHILD_PATHS, TASKS, TaskEvent
from tap_asana.tasks.subtask_counts import SubtaskCounts
from tap_asana.tasks.task_lists import LIST_FIELDS, WHOLE
from tap_asana.tasks.traversal import TaskTraversal

UNFOUND = "workspace %s: the subtasks of %d tasks are listed, because these have more than searches have found"

logger = logging.getLogger(__name__)


def counting(context: TraversalContext) -> TraversalContext:
    """Return the context of a read of everything, which counts subtasks unless it is limited or resumed."""
    window = context.window
    is_whole = window.since is None and not window.positions and not context.is_resumed
    return replace(context, subtask_counts=SubtaskCounts(is_counting=is_whole))


def unfound_subtasks(context: TraversalContext) -> Iterator[TaskEvent]:
    """Yield the events of the subtasks that a read has not found, by the counts of their parents."""
    parents = context.subtask_counts.incomplete
    if parents:
        logger.info(UNFOUND, context.workspace.gid, len(parents))
        source = UnfoundSubtasks(context, parents, dict(context.gids))
        # A search for attachments may have found a subtask that no search for tasks has.
        rest = context.after(context.gids.get(frozenset({ATTACHMENTS}), ()), [ATTACHMENTS])
        yield from TaskTraversal(rest, [source]).events()


class UnfoundSubtasks(TaskSource):
    """The lane of the subtasks of some tasks, with everything below them, without those that were found before."""

    name = "unfound"
    child_streams = tuple(CHILD_PATHS)

    def __init__(self, context: TraversalContext, parents: Iterable[int], found: FoundTasks) -> None:
        """Request nothing yet."""
        self._context, self._parents = context, parents
        self._found = [gids for streams, gids in found.items() if TASKS in streams]

    @override
    def work_items(self) -> Iterator[WorkItem]:
        """Yield the list of each task."""
        return (WorkItem((0, gid), [self._request(gid)]) for gid in self._parents)

    @override
    def process_page(self, page: Page, position: PagePosition) -> PageResult:
        """Return the subtasks on a page that were not found before; their own subtasks follow."""
        tasks = [task for task in page.records if not any(int(task["gid"]) in gids for gids in self._found)]
        return PageResult(tasks, items=self._items(tasks, position.key))

    def _items(self, tasks: Iterable[Record], key: Key) -> Iterator[WorkItem]:
        gids = sorted(int(task["gid"]) for task in tasks if task.get("num_subtasks") != 0)
        return (WorkItem((*key, gid, SUBTREE), [self._request(gid)]) for gid in gids)

    def _request(self, gid: int) -> Request:
        return self._context.task_request(WHOLE, SUBTASKS_PATH, LIST_FIELDS, gid=f"{gid}")
