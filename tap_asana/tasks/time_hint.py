"""Whether a task may have time entries, by the field with its tracked minutes (law 10)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from tap_asana.api.client import AsanaClient
from tap_asana.api.decoding import Record, nested_object
from tap_asana.api.request import Page
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import Workspace
from tap_asana.state.search_reach import SearchReach
from tap_asana.tasks.events import REQUIRED_TASK_FIELD, TASK_FIELD, TASK_NAME, TASKS, TIME

FIELD = REQUIRED_TASK_FIELD[TIME]

ENTRIES_PATH = "/time_tracking_entries?workspace={workspace_gid}&entered_on_start_date=1970-01-01"
ENTRY_PATH, TIMED_TASK_PATH = "/time_tracking_entries/{entry_gid}", "/tasks/{task_gid}"

SAMPLE = 2
"""Entries whose tasks are requested to learn what null means."""

MAX_PAGES = 10
"""Pages without an entry that the token sees, after which none is looked for."""

logger = logging.getLogger(__name__)


@dataclass
class TimeHint:
    """What the tracked minutes of a workspace's tasks say.

    Zero says that there is no entry. A missing field says nothing: an app without the scope does not get it. Asana
    documents the field as nullable, so null is believed where a task shows minutes, or no sampled task with entries has
    null, unless the tap has put null in place of minutes that no double holds (law 11). A truncated list of entries
    says that there are some, but not of which tasks; nor is null believed if Asana refuses all sampled tasks.
    """

    client: AsanaClient
    directory: ParentDirectory
    workspace: Workspace
    reach: SearchReach
    has_misled: bool = False
    """Whether a task with entries has null."""

    def see(self, tasks: Iterable[Record]) -> None:
        """Keep in the state whether a task from a list or search shows minutes: no sample of entries is needed then."""
        if not self.reach.shows_minutes and not self.has_misled and any(task.get(FIELD) for task in tasks):
            self.reach.record_minutes()

    def may_have_entries(self, task: Record) -> bool:
        """Return whether the entries of a task have to be requested."""
        minutes = task.get(FIELD, self)
        return minutes != 0 if minutes is not None else self._has_unreadable_minutes or not self.null_means_none

    @cached_property
    def null_means_none(self) -> bool:
        """Return whether tasks with entries show their minutes, by a task seen or by some entries of the workspace."""
        if self.reach.shows_minutes:
            return True
        page = self._page_with_entries()
        if page.truncated:
            logger.warning(
                "%s: Asana truncates the entries of workspace %s; every task with an empty %s is asked for them",
                *(TIME, self.workspace.gid, FIELD),
            )
            return False
        seen, tasks = _of_seen_tasks(page), list[Record]()
        sample = filter(None, map(self._task_of, (*seen[:1], *seen[1:][-SAMPLE + 1 :])))
        for gid in dict.fromkeys(task["gid"] for task in sample):
            tasks += self._fetch(TIMED_TASK_PATH, FIELD, task_gid=gid).records
            self.has_misled = any(task.get(FIELD) is None for task in tasks)
            if self.has_misled:
                logger.warning(
                    "%s: Asana leaves %s empty in workspace %s for a task with entries; every task is asked for them",
                    *(TIME, FIELD, self.workspace.gid),
                )
                return False
        if seen and not tasks:
            logger.warning(
                "%s: Asana shows no task of the entries of workspace %s; every task with an empty %s is asked for them",
                *(TIME, self.workspace.gid, FIELD),
            )
            return False
        self.see(tasks)
        return True

    @property
    def _has_unreadable_minutes(self) -> bool:
        """Return whether the minutes of any task read so far were unreadable, and are null for it."""
        return bool(self.client.metrics[TASKS].nulled_fields[FIELD])

    def _page_with_entries(self) -> Page:
        """Return the first page with entries; it has none in a plan without time tracking.

        Asana might list the entries of the token's user alone: a page without any does not prove that there are none.
        """
        page = self._fetch(ENTRIES_PATH, TASK_NAME)
        for _ in range(MAX_PAGES):
            if _of_seen_tasks(page) or page.next_request is None:
                break
            page = self.client.fetch(page.next_request)
        if page.unavailable is not None and not page.is_not_in_plan:
            logger.info(
                "%s: the entries of workspace %s cannot be listed (%s); tasks with an empty %s count as without any",
                *(TIME, self.workspace.gid, page.unavailable.label, FIELD),
            )
        elif page.unavailable is None and not _of_seen_tasks(page):
            logger.info(
                "workspace %s: no time entries are listed, so tasks with an empty %s count as without any; should "
                "Asana list those of the token's user alone, those of other people are missing",
                *(self.workspace.gid, FIELD),
            )
        return page

    def _task_of(self, entry: Record) -> Mapping[str, Any]:
        """Return the task of an entry, empty if it is unknown; an entry whose list does not name it is requested."""
        singly = () if TASK_FIELD in entry else self._fetch(ENTRY_PATH, TASK_NAME, entry_gid=entry["gid"]).records
        return next((task for each in (entry, *singly) if (task := nested_object(each, TASK_FIELD))), {})

    def _fetch(self, path: str, field: str, **keys: str) -> Page:
        request = self.directory.build_request(TIME, path, keys, (field,), self.workspace)
        return self.client.fetch(replace(request, is_probe=True))


def _of_seen_tasks(page: Page) -> list[Record]:
    """Return the entries of a page, but those whose task is null because the token cannot see it."""
    return [entry for entry in page.records if TASK_FIELD not in entry or nested_object(entry, TASK_FIELD)]
