"""Children inside the tasks of an export: a file may hold only the first rows of each task."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from tap_asana.state.debts import GONE_STATUSES, Debt
from tap_asana.tasks.by_task import TaskChildSource
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import CHILD_PATHS, INLINE
from tap_asana.tasks.owed import has_task

MAX_COUNTED = 20
"""Tasks with the most children in the file whose lists are requested, because they may have more."""

CUT = "workspace %s: the export contains at most %d %s of a task; those of %d tasks are requested singly"
UNCOUNTED = (
    "workspace %s: the export contains at most %d %s of a task, and %d of these tasks have no more; if others do, "
    "those of %d other tasks may be missing"
)

logger = logging.getLogger(__name__)


class InlineChildren:
    """Finds out whether a file holds all rows of each task."""

    def __init__(self, context: TraversalContext) -> None:
        """Start without tasks."""
        self._context = context
        self._longest: dict[str, tuple[int, array[int]]] = {}

    def see(self, tasks: Sequence[Any], value_of: Callable[[Any, str], Any], gid_of: Callable[[Any], str]) -> None:
        """Take tasks of the file, and keep those with the most rows of each stream inside them."""
        for name in [name for name in INLINE if name in self._context.fields]:
            lengths = [len(rows) if isinstance(rows := value_of(task, name), list) else 0 for task in tasks]
            most, (longest, gids) = max(lengths, default=0), self._longest.get(name, (0, array("Q")))
            if most and most >= longest:
                kept = gids if most == longest else array("Q")
                kept.extend(int(gid_of(task)) for task, length in zip(tasks, lengths, strict=True) if length == most)
                self._longest[name] = most, kept

    def add_cut(self, sources: Iterable[TaskChildSource]) -> None:
        """Have the children requested of which the file holds only the first rows: of all tasks with as many rows.

        Only one of these may have more. A file that held more rows of a task, and all of them, has shown that files
        are not cut at fewer.
        """
        reach = self._context.reach
        for source in sources:
            longest, gids = self._longest.get(source.stream, (0, array("Q")))
            if longest < reach.exported_rows(source.stream):
                continue
            places = [place * len(gids) // MAX_COUNTED for place in range(MAX_COUNTED if gids else 0)]
            counted = [gids[place] for place in dict.fromkeys(places)]
            most = self._most_in_asana(source.stream, counted, longest)
            facts = self._context.workspace.gid, longest, source.stream
            if most > longest:
                logger.warning(CUT, *facts, len(gids))
                source.extend(gids)
            elif most == longest > 0:
                reach.record_exported_rows(source.stream, longest)
                if len(gids) > len(counted):
                    logger.info(UNCOUNTED, *facts, len(counted), len(gids) - len(counted))

    def _most_in_asana(self, name: str, gids: Iterable[int], enough: int) -> int:
        """Return the most rows of a task in Asana; the first number above `enough` will do."""
        most = 0
        for gid in gids:
            if (most := max(most, self._rows_in_asana(name, gid, enough))) > enough:
                break
        return most

    def _rows_in_asana(self, name: str, gid: int, enough: int) -> int:
        """Return how many rows a task had before the export was requested, or some number above `enough`.

        Nobody knows when a row without a gid was created, and what a refused or truncated list contains.
        """
        until, number, metrics = self._context.window.until, 0, self._context.client.metrics[name]
        broken_before, debt = metrics.unusable_rows, Debt(name, f"{gid}")
        request = self._context.request(name, "", CHILD_PATHS[name], ("created_at",), task_gid=f"{gid}")
        page = self._context.client.fetch(replace(request, is_probe=True))
        while True:
            number += sum(1 for row in page.records if str(row.get("created_at")) < until)
            status = None if page.unavailable is None else page.unavailable.status
            is_refused = status is not None and (status not in GONE_STATUSES or has_task(debt, self._context))
            if page.truncated or is_refused or metrics.unusable_rows > broken_before:
                return enough + 1
            if number > enough or page.next_request is None:
                return number
            page = self._context.client.fetch(page.next_request)
