"""The lists of subtasks below the tasks that other lists contain, each requested once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tap_asana.api.decoding import Record
from tap_asana.api.request import BEFORE_TASKS, Page, Request
from tap_asana.fetch.lane import SUBTREE, Key, PagePosition, WorkItem
from tap_asana.state.search_reach import ARCHIVED_KIND, FOUND
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.task_lists import LIST_FIELDS, UNFILTERED, WHOLE


class TasksOpened:
    """The tasks whose subtasks were requested: all subtasks, or only the changed ones."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._whole: set[int] = set()
        self._changed: set[int] = set()

    def __contains__(self, gid: int) -> bool:
        """Return whether a task was added."""
        return gid in self._whole or gid in self._changed

    def add(self, gid: int, *, whole: bool) -> bool:
        """Add a task; return False if the same subtasks, or all of them, were requested before.

        After a request for the changed subtasks, all subtasks need another one: the first dropped the unchanged ones.
        """
        if gid in self._whole or (gid in self._changed and not whole):
            return False
        (self._whole if whole else self._changed).add(gid)
        return True


class SubtaskLists:
    """The lists of subtasks in one lane."""

    def __init__(self, lane: str, context: TraversalContext) -> None:
        """Request nothing yet."""
        self._lane, self._context = lane, context
        self._opened = TasksOpened()

    def __contains__(self, gid: int) -> bool:
        """Return whether the subtasks of a task were requested."""
        return gid in self._opened

    def items(
        self, are_whole: Mapping[int, bool], position: PagePosition, resumed_at: Key | None, state_key: str
    ) -> Iterator[WorkItem]:
        """Return an item for the list of each task that lies beyond the position at which the read resumed.

        `are_whole` says for each task whether all its subtasks are wanted, or only the changed ones.
        """
        gids = []
        for gid in sorted(are_whole):
            subtree = (*position.key, gid, SUBTREE)
            # Subtasks that the first attempt has read here may be read elsewhere too: it may have left them there.
            if (resumed_at is None or resumed_at < subtree) and self._open(subtree, position, whole=are_whole[gid]):
                gids.append(gid)
        return (
            WorkItem((*position.key, gid, SUBTREE), [self.request(gid, whole=are_whole[gid], state_key=state_key)])
            for gid in gids
        )

    def request(self, gid: int, *, whole: bool, state_key: str = "") -> Request:
        """Return the request for the subtasks of a task; `state_key` is that of the parent whose list led to it."""
        return _request(self._context, WHOLE if whole else UNFILTERED, gid, state_key)

    def _open(self, subtree: Key, position: PagePosition, *, whole: bool) -> bool:
        """Return whether nobody has requested as many of a task's subtasks before, and remember that it is done now."""
        gid = subtree[-2]
        is_new = self._opened.add(gid, whole=whole)
        first_keys = self._context.first_keys_of(self._lane)
        first_keys.add((gid, SUBTREE), subtree, position.watermark, is_new=is_new)
        return is_new


def may_hide_subtasks(context: TraversalContext, ownership: TaskOwnership, task: Record) -> bool:
    """Return whether no search is sure to find what is below a task in no project that can be listed.

    Searches may leave out what is below a task of an archived project, and the list of that may be refused.
    """
    return context.reach.verdict(ARCHIVED_KIND) != FOUND and ownership.is_in_unread_project(task)


def requests_below(context: TraversalContext, page: Page) -> Iterator[Request]:
    """Yield the requests for the subtasks of the tasks on a page, which a read by lists will send in any case.

    It may leave out tasks of archived projects, so none is certain then.
    """
    if context.directory.include_archived:
        for task in page.records:
            if task.get("num_subtasks") != 0:
                yield replace(_request(context, UNFILTERED, int(task["gid"])), urgency=BEFORE_TASKS)


def _request(context: TraversalContext, label: str, gid: int, state_key: str = "") -> Request:
    return context.task_request(label, "/tasks/{gid}/subtasks", LIST_FIELDS, gid=f"{gid}", state_key=state_key)
