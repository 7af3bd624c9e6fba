"""What is below the tasks that changed during the last read, which may have left the lists that lead there.

A read by search leaves some tasks to lists: those of archived projects, and private ones. If a task leaves such a list
after the searches and before the list is read, nothing finds its subtasks: they were not searchable yet, and are not
listed any more. Its own change shows it to the next read, but nothing below it has changed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from typing_extensions import override

from tap_asana.api.request import Page
from tap_asana.fetch.lane import PagePosition
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.tasks.by_search import SUBTASKS_LABEL, SearchSource
from tap_asana.tasks.context import PageResult, TraversalContext
from tap_asana.tasks.events import CHILD_PATHS
from tap_asana.tasks.task_lists import is_since

OVERLAP = timedelta(seconds=2)
"""How long after the end of a read a filter ends whose form Asana does not document."""


class BelowChangedSource(SearchSource):
    """The lane of everything below the tasks that changed during a read; another lane reads these themselves."""

    def __init__(self, context: TraversalContext, begin: str, end: str, start_date: str | None) -> None:
        """Prepare to search for changes up to the end of that read, from its begin or, for a late index, before it."""
        latest = max(parse_instant(begin), parse_instant(end))  # a clock may have been set back between the two
        before = {"modified_at.before": format_instant(latest + OVERLAP)}
        context = replace(context, recent=context.recent.forgetful())
        super().__init__("below", context, begin, before, child_streams=tuple(CHILD_PATHS), lists_subtasks=True)
        self._start_date = start_date

    @override
    def process_page(self, page: Page, position: PagePosition) -> PageResult:
        """Return the subtasks of a page; those of the tasks that a search finds follow."""
        result = super().process_page(page, position)
        subtasks = result.tasks if page.request.label == SUBTASKS_LABEL else ()
        return result._replace(tasks=[task for task in subtasks if is_since(task.get("modified_at"), self._start_date)])
