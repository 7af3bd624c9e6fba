"""Which tasks and children an export contains, checked by a few tasks that other requests find (law 10)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.request import Page, Request
from tap_asana.errors import AsanaError
from tap_asana.parents.kinds import evenly_spaced
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.instants import parse_instant
from tap_asana.state.search_reach import ARCHIVED_KIND, FOUND, MISSING, PRIVATE_KIND, SUBTASK_KIND, ExportKind
from tap_asana.state.shape import Kind
from tap_asana.tasks.archived_samples import ArchivedInFile
from tap_asana.tasks.by_search import ONLY_SUBTASKS, TOP_LEVEL
from tap_asana.tasks.by_task import TaskChildSource
from tap_asana.tasks.context import ExportUnavailableError, TraversalContext
from tap_asana.tasks.events import TASKS
from tap_asana.tasks.inline_children import InlineChildren
from tap_asana.tasks.subtask_samples import (
    UNKNOWN_SUBTASKS,
    SubtasksInFile,
    has_kind,
    is_placed_subtask,
    kind_outside_projects,
    own_subtasks,
    sample_subtasks,
    subtask_pages,
)

SEARCH_PATH = "/workspaces/{workspace_gid}/tasks/search"
HOLDER_PATHS = {"user": "/tasks?assignee={user_gid}&workspace={workspace_gid}", "tag": "/tags/{tag_gid}/tasks"}
"""The lists of tasks by the kind of their parents."""

UNKNOWN_PRIVATE = (
    "workspace %s: no tasks outside of all projects are known yet that show whether exports contain them; those in "
    "none of %d compared lists of users and tags may be missing"
)

EXPECTED_FIELDS = ("modified_at", "parent", "projects")

MAX_LISTS_COMPARED, MAX_LISTS_OF_LATER_EXPORT = 10, 5
"""Parents of each kind whose first tasks are compared with the file of a first read, and of any other."""

MAX_ROWS = 100
"""Tasks in the first page of such a list."""

MAX_CHECKED = 5
"""Tasks missing from the file that are requested, because they may have been deleted meanwhile."""

EDGE = timedelta(seconds=2)
"""Time next to the start of an export in which bounds may be rounded or exclusive."""

logger = logging.getLogger(__name__)


class UnprovenExportError(AsanaError):
    """Older tasks outside of all projects exist, and no file has shown that exports contain such tasks.

    `tasks` are the gids of some of them.
    """

    def __init__(self, tasks: Collection[str]) -> None:
        """Keep the tasks."""
        super().__init__("no export has shown that it contains tasks outside of all projects")
        self.tasks = tasks


class ExportReach:
    """Compares the file of an export with a few tasks and lists of children.

    Asana does not document whether an export contains subtasks and tasks without a project, nor how many stories. The
    state keeps which of these an export contained.
    `expect` finds tasks that the file must contain, `see` takes its tasks, and `check` judges the rest.
    """

    def __init__(
        self, context: TraversalContext, start_date: str | None = None, expected: Collection[str] = ()
    ) -> None:
        """Expect these private tasks. Other ones that are older than the read are in earlier files, if in any."""
        self._context = context
        self._start = parse_instant(start_date) if start_date else None
        self._private = expected
        self._older: set[str] = set()
        self._compared: list[Page] = []
        self._placed: set[str] = set()
        self._known: Mapping[str, Kind | None] | None = None
        self._expected, self._moved = set[str](), set[str]()
        self._children = InlineChildren(context)
        self._subtasks, self.archived = SubtasksInFile(), ArchivedInFile(context)

    def expect(self) -> None:
        """Find tasks before the export is requested: its file must contain all of them, whatever the clocks say."""
        self._known = self._find(None)

    def start(self) -> None:
        """Start with another file; if its export was requested before, expect what is older than the read."""
        if self._known is None:
            self._known = self._find(parse_instant(self._context.window.until))
        self._expected, self._moved = set(self._known), set()
        self._children = InlineChildren(self._context)
        self._subtasks, self.archived = SubtasksInFile(), ArchivedInFile(self._context)

    def _find(self, until: datetime | None) -> Mapping[str, Kind | None]:
        """Return some tasks that were last changed in the window, before an instant, with their kinds."""
        kinds: dict[str, Kind | None] = dict.fromkeys(self._private, PRIVATE_KIND)
        for tasks in self._candidates(kinds.values()):
            for task in tasks:
                if self._is_due(task, until):
                    kinds[task["gid"]] = kind_outside_projects(task)
                    self._placed |= {task["gid"]} if is_placed_subtask(task) else set()
                elif kind_outside_projects(task) == PRIVATE_KIND and self._is_older(task):
                    self._older.add(task["gid"])
        return kinds

    def _is_due(self, task: Record, until: datetime | None) -> bool:
        """Return whether the file must contain a task."""
        begin = parse_instant(since) + EDGE if (since := self._context.window.since) else None
        if not is_timestamp(instant := task.get("modified_at")):
            return False
        changed = parse_instant(str(instant))
        return (begin is None or begin < changed) and (until is None or changed < until)

    def _is_older(self, task: Record) -> bool:
        """Return whether only earlier exports can have contained a task."""
        if (since := self._context.window.since) is None or not is_timestamp(instant := task.get("modified_at")):
            return False
        changed = parse_instant(str(instant))
        return changed < parse_instant(since) - EDGE and (self._start is None or self._start < changed)

    def _candidates(self, shown: Collection[Kind | None]) -> Iterator[Iterable[Record]]:
        """Yield tasks of a search, and of other requests as long as a kind is not shown and no file contained it.

        Searches may leave out what exports leave out.
        """
        yield self._searched({"created_at.before": self._context.window.until})
        reach = self._context.reach
        ways: Mapping[ExportKind, Sequence[Callable[[], Iterable[Record]]]] = {
            SUBTASK_KIND: (partial(self._searched, ONLY_SUBTASKS), self._listed_subtasks),
            PRIVATE_KIND: (partial(self._searched, TOP_LEVEL), self._listed),
        }
        for kind, requests in ways.items():
            for request in requests:
                if kind not in shown and reach.exported(kind) != FOUND:
                    yield request()

    @property
    def _max_lists(self) -> int:
        return MAX_LISTS_COMPARED if self._context.window.since is None else MAX_LISTS_OF_LATER_EXPORT

    def _searched(self, filters: Mapping[str, str]) -> Iterable[Record]:
        """Return the newest tasks that pass some filters."""
        bound = {"modified_at.after": since} if (since := self._context.window.since) else {}
        params = {**filters, **bound, "sort_by": "created_at", "limit": str(self._context.limits.max_search_tasks)}
        return self._context.client.fetch(self._request(SEARCH_PATH, params).unpaged("search")).records

    def _listed_subtasks(self) -> Iterable[Record]:
        return sample_subtasks(self._context, self._max_lists)

    def _listed(self) -> Iterable[Record]:
        """Return the first tasks of some users and tags."""
        context = self._context
        requests = [
            self._request(path, {}, **{f"{kind}_gid": parent.gid, "state_key": parent.state_key})
            for kind, path in HOLDER_PATHS.items()
            for parent in evenly_spaced(context.directory.parents(kind, context.workspace), self._max_lists)
        ]
        futures = [context.fetcher.submit(replace(request, limit=MAX_ROWS)) for request in requests]
        self._compared = [future.result().page for future in futures]
        return (task for page in self._compared for task in page.records)

    def _request(self, path: str, params: Mapping[str, str], **keys: str) -> Request:
        request = self._context.request(TASKS, "", path, EXPECTED_FIELDS, **keys).with_params("", **params)
        return replace(request, is_probe=True, numeric_gids=True)

    def see(self, tasks: Sequence[Any], value_of: Callable[[Any, str], Any], gid_of: Callable[[Any], str]) -> None:
        """Take tasks of the file, and keep those with the most rows of each stream inside them."""
        if self._context.reach.exported(SUBTASK_KIND) != FOUND:
            self._subtasks.see(tasks, value_of, gid_of)
        if self._context.reach.exported(ARCHIVED_KIND) != FOUND:
            self.archived.see(tasks)
        found = [task for task in tasks if gid_of(task) in self._expected]
        self._expected.difference_update(map(gid_of, found))
        known = self._known or {}
        self._moved.update(gid_of(task) for task in found if not has_kind(task, value_of, known.get(gid_of(task))))
        self._children.see(tasks, value_of, gid_of)

    def check(self, sources: Iterable[TaskChildSource]) -> None:
        """Have the children requested that the file lacks.

        Raises ExportUnavailableError if it lacks tasks, UnprovenExportError if earlier files may have lacked some.
        """
        if (gid := self._missing()) is not None:
            logger.warning("workspace %s: the export lacks tasks, such as %s", self._context.workspace.gid, gid)
            raise ExportUnavailableError("the export lacks tasks")
        if self._older and self._context.reach.exported(PRIVATE_KIND) is None:
            raise UnprovenExportError(self._older)
        self.archived.report(self._owe)
        self._children.add_cut(sources)

    def _missing(self) -> str | None:
        """Return the gid of a task that Asana has and the file has not, None if there is none."""
        subtasks, private = self._of_kind(SUBTASK_KIND), self._of_kind(PRIVATE_KIND)
        subtask = self._first_of(self._expected & (subtasks | self._placed)) or self._below_file()
        self._judge_subtasks(has_gap=subtask is not None)
        private_task = self._first_of(self._expected & private)
        other = self._first_of(self._expected - subtasks - self._placed - private)
        self._judge_private(shown=self._shown(PRIVATE_KIND), has_gap=private_task is not None and other is None)
        return subtask or private_task or self.compare_archived() or other

    def _first_of(self, gids: Collection[str]) -> str | None:
        """Return the first of some tasks that still exists, of a few."""
        return next(filter(self._exists, sorted(gids)[:MAX_CHECKED]), None)

    def _below_file(self) -> str | None:
        """Return the gid of a subtask below a task of a file without any, None if there is none.

        Raises ExportUnavailableError if Asana refuses a list that may have some.
        """
        if self._context.reach.exported(SUBTASK_KIND) == FOUND or self._subtasks.is_shown:
            return None
        until = parse_instant(self._context.window.until)
        pages = subtask_pages(self._context, self._subtasks.parents)
        gid = next((task["gid"] for task in own_subtasks(pages) if self._is_due(task, until)), None)
        if gid is None and (refusal := next(filter(None, map(self._refusal, pages)), None)):
            raise ExportUnavailableError(f"the export contains no subtasks, and a list of some is refused ({refusal})")
        return gid

    def _refusal(self, page: Page) -> str | None:
        """Return how Asana refuses the list of an existing task, None if it does not or if no plan has such lists."""
        if page.unavailable is None or page.is_not_in_plan:
            return None
        is_gone = page.unavailable.status in GONE_STATUSES and not self._exists(page.request.parent_keys["gid"])
        return None if is_gone else page.unavailable.label

    def compare_archived(self) -> str | None:
        """Keep whether the file has tasks of archived projects; return the gid of one that it lacks, if any."""
        if self._context.reach.exported(ARCHIVED_KIND) == FOUND:
            return None
        if self.archived.is_proven():
            self._context.reach.record_exported(ARCHIVED_KIND, FOUND)
            return None
        until = parse_instant(self._context.window.until)
        tasks = self.archived.listed(self._max_lists)
        gid = self._first_of({task["gid"] for task in tasks if self._is_due(task, until)})
        if gid is not None:
            self._record_gap(ARCHIVED_KIND)
        return gid

    def _of_kind(self, kind: Kind) -> set[str]:
        """Return the known tasks of a kind."""
        return {gid for gid, known_kind in (self._known or {}).items() if known_kind == kind}

    def _shown(self, kind: Kind) -> set[str]:
        """Return the tasks of a kind that the file has as such; people may have moved others meanwhile."""
        return self._of_kind(kind) - self._expected - self._moved

    def _exists(self, gid: str) -> bool:
        request = self._context.request(TASKS, "", "/tasks/{task_gid}", ("modified_at",), task_gid=gid)
        return bool(self._context.client.fetch(replace(request, is_probe=True)).records)

    def _judge_subtasks(self, *, has_gap: bool) -> None:
        """Keep whether the file contains the known subtasks."""
        reach = self._context.reach
        if has_gap:
            self._record_gap(SUBTASK_KIND)
        elif self._subtasks.is_shown or self._shown(SUBTASK_KIND):
            reach.record_exported(SUBTASK_KIND, FOUND)
        elif reach.exported(SUBTASK_KIND) is None:
            logger.info(UNKNOWN_SUBTASKS, self._context.workspace.gid)

    def _judge_private(self, shown: Collection[str], *, has_gap: bool) -> None:
        """Keep whether the file contains the known tasks outside of all projects; owe the refused lists of others."""
        reach = self._context.reach
        if shown:
            reach.record_exported(PRIVATE_KIND, FOUND)
        elif has_gap:
            self._record_gap(PRIVATE_KIND)
        elif reach.exported(PRIVATE_KIND) is None:
            refused = [page for page in self._compared if page.unavailable is not None]
            logger.info(UNKNOWN_PRIVATE, self._context.workspace.gid, len(self._compared) - len(refused))
            for page in refused:
                self._owe(page)

    def _owe(self, page: Page) -> None:
        if page.unavailable is not None and not page.is_not_in_plan:
            self._context.client.metrics.record_skip(page.request, page.unavailable)
            self._context.on_unavailable(page.request, page.unavailable)

    def _record_gap(self, kind: ExportKind) -> None:
        """Keep that exports leave out a kind of tasks; earlier reads may have lost others of it."""
        self._context.reach.record_exported(kind, MISSING)
        if self._context.reach.has_earlier_reads:
            self._context.reach.demand_whole_read()
