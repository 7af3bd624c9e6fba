"""A check in every increment by search: the lists of a few projects must not show a change that no search found.

The projects take turns. Whatever searches leave out for a reason that nobody has thought of shows itself in time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.request import Page
from tap_asana.parents.kinds import Parent
from tap_asana.state.instants import parse_instant
from tap_asana.state.search_reach import ARCHIVED_KIND, CHANGED_KIND, FOUND, MISSING
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.gap_lists import archived_projects
from tap_asana.tasks.recent_tasks import INDEX_LAG
from tap_asana.tasks.samples import Samples
from tap_asana.tasks.task_lists import TASK_LISTS

CHECKED_LISTS, CHECKED_PAGES = 2, 4
"""Projects whose changes a run lists for comparison, and the pages that it takes at most for them together."""

MAX_SOUGHT_TASKS = 2
"""Missed tasks that the check searches for, to tell a late index from a search without them."""

LATE = (
    "workspace %s: lists of %d projects contain %d changes that no search has found, such as that of task %s, because "
    "the index is late; the next run reads everything again by lists, and later searches begin %d minutes earlier"
)
LEFT_OUT = (
    "workspace %s: lists of %d projects contain %d changes that no search has found, such as that of task %s; the next "
    "run reads everything again by lists, and later runs use lists too"
)

logger = logging.getLogger(__name__)


def check_lists(context: TraversalContext, begin: str | None) -> None:
    """Compare the changes since an instant in the lists of a few projects with those that searches have found.

    If some are missing, state keeps what the next run has to do about it.
    """
    if begin is None or context.window.positions:
        return  # a resumed read does not know what was found before
    check = _Check(context, parse_instant(begin))
    if missing := check.missing():
        check.judge(missing)


def following(projects: Sequence[Parent], gid: str | None, count: int) -> list[Parent]:
    """Return the projects that follow one in the order of gids, from the first one again after the last."""
    in_order = sorted(projects, key=lambda project: int(project.gid))
    last = int(gid) if gid else 0
    return sorted(in_order, key=lambda project: int(project.gid) <= last)[:count]


class _Check:
    def __init__(self, context: TraversalContext, begin: datetime) -> None:
        self._context = context
        self._samples = Samples(context)
        self._begin = begin
        self._until = parse_instant(context.window.until)
        self._projects = following(self._candidates(), context.reach.checked_project, CHECKED_LISTS)

    def missing(self) -> list[Record]:
        """Return the tasks in these lists that no search has found, although its index should know of their change."""
        rows = [task for page in self._pages() for task in page.records]
        if self._projects:
            self._context.reach.note_checked(self._projects[-1].gid)
        return [task for task in rows if self._is_due(task) and not self._is_known(task)]

    def judge(self, missing: Sequence[Record]) -> None:
        """Keep and log what the missing tasks mean."""
        context, reach = self._context, self._context.reach
        facts = (context.workspace.gid, len(self._projects), len(missing), missing[0]["gid"])
        oldest = min(parse_instant(task["modified_at"]) for task in missing)
        if True in self._samples.found(missing[:MAX_SOUGHT_TASKS]):
            reach.extend_lag(2 * int((self._until - oldest).total_seconds()))
            logger.warning(LATE, *facts, (reach.lag_seconds + 59) // 60)
        else:
            reach.record(CHANGED_KIND, MISSING)
            logger.warning(LEFT_OUT, *facts)
        reach.demand_whole_read()

    def _pages(self) -> list[Page]:
        """Return the first pages of the lists, and as many further ones as are allowed."""
        since = {"modified_since": self._begin.isoformat()}
        first = (self._samples.request(TASK_LISTS["project"], project.gid, **since) for project in self._projects)
        pages = new = self._samples.pages(first)
        while further := [page.next_request for page in new if page.next_request][: CHECKED_PAGES - len(pages)]:
            new = self._samples.pages(further)
            pages += new
        return pages

    def _candidates(self) -> list[Parent]:
        """Return the projects whose tasks searches should find."""
        context, unfound = self._context, set[str]()
        if context.reach.verdict(ARCHIVED_KIND) != FOUND:
            unfound = {project.gid for project in archived_projects(context)}
        projects = context.directory.parents("project", context.workspace)
        return [project for project in projects if project.gid not in unfound]

    def _is_due(self, task: Record) -> bool:
        """Return whether a task changed while searches should show it, and not during this read."""
        if not is_timestamp(task.get("modified_at")) or not is_timestamp(task.get("created_at")):
            return False
        return self._begin <= parse_instant(task["modified_at"]) < self._until - INDEX_LAG

    def _is_known(self, task: Record) -> bool:
        return self._context.has_found(int(task["gid"])) or self._context.recent.is_written(task)
