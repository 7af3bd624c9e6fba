"""Tasks read again as a whole, each by its gid, with everything below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from typing_extensions import override

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import PagePosition, WorkItem
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.tasks.context import PageResult, TaskSource, TraversalContext
from tap_asana.tasks.events import CHILD_PATHS, TIME
from tap_asana.tasks.owed import TASK_PATH
from tap_asana.tasks.task_lists import LIST_FIELDS

WHOLE_LANE = "whole"


class WholeTasks(TaskSource):
    """The lane of single tasks: each is requested unless its record is known, and then its children."""

    name = WHOLE_LANE
    child_streams = tuple(CHILD_PATHS)

    def __init__(self, context: TraversalContext, gids: Iterable[int], records: Mapping[int, Record]) -> None:
        """Request nothing yet.

        `gone` are gids that Asana does not know any more, `failed` those without an answer, `refused` all others.
        """
        self._context = context
        self._gids = sorted(gids)
        self._records = records
        self.gone: list[str] = []
        self.failed: list[str] = []
        self.refused: list[str] = []

    @override
    def work_items(self) -> Iterator[WorkItem]:
        """Yield an item for each task, in ascending order."""
        for gid in self._gids:
            yield WorkItem((0, gid), list(self._children(gid)) if gid in self._records else [self._task(gid)])

    @override
    def process_page(self, page: Page, position: PagePosition) -> PageResult:
        """Return the task of a page, or note that there is none."""
        gid = page.request.parent_keys["task_gid"]
        if page.unavailable is not None:
            is_gone, is_failure = page.unavailable.status in GONE_STATUSES, page.unavailable.is_failure
            (self.gone if is_gone else self.failed if is_failure else self.refused).append(gid)
        return PageResult(page.records)

    def _task(self, gid: int) -> Request:
        return self._context.task_request(WHOLE_LANE, TASK_PATH, LIST_FIELDS, task_gid=f"{gid}")

    def _children(self, gid: int) -> Iterator[Request]:
        """Yield the requests for the children of a task, but no time entries if a field shows that there are none."""
        for name, path in CHILD_PATHS.items():
            is_selected = name in self._context.fields
            if is_selected and (name != TIME or self._context.time_hint.may_have_entries(self._records[gid])):
                yield self._context.request(name, name, path, self._context.fields[name], task_gid=f"{gid}")
