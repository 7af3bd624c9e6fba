"""Long lists of projects, read by section: many pages at once instead of one after the other.

A page names the next one, so a list of 500 pages takes 500 requests in series. After some pages the list pauses. If
Asana counts many more tasks in the project, its sections are listed, and the tasks of each section requested as a list
of its own. Otherwise the list goes on. The second pass over such a list lists the sections again: a task can move
into a section that was read, or into a new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tap_asana.api.request import Page, Request
from tap_asana.parents.splitting import section_requests
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.project_counts import count_request, task_count

COUNT, SECTIONS, RECOUNT = "count", "sections", "recount"
"""Labels of the requests about a paused list: for its number of tasks, its sections, and its number in the end."""

SPLIT_LABELS = frozenset({COUNT, SECTIONS, RECOUNT})

SECTIONS_PATH = "/projects/{project_gid}/sections"

PAUSED_LIST = "paused_list"
"""The key, among the parents of such a request, of the list's name."""

MIN_SECTIONS = 2

OWN_REQUESTS = 3
"""Further requests for a split list: the count of its tasks, and its sections in each pass."""

PASSES = 2
"""How often each section is listed; its last page may be almost empty."""


@dataclass(slots=True)
class _PausedList:
    """A list that has paused: its request, that for its next page, and its tasks by Asana's count.

    `sections` are those listed so far in the current pass, `parts_open` counts the unread lists of sections.
    """

    request: Request
    rest: Request
    count: int = 0
    sections: list[str] = field(default_factory=list)
    parts_open: int = 0
    is_split: bool = False


class SplitLists:
    """The lists of projects in one lane that have paused."""

    def __init__(self, context: TraversalContext) -> None:
        """Start without lists."""
        self._context = context
        self._lists: dict[str, _PausedList] = {}

    def has(self, name: str) -> bool:
        """Return whether a list is split."""
        return name in self._lists and self._lists[name].is_split

    def request(self, name: str) -> Request:
        """Return the request for the whole of a list."""
        return self._lists[name].request

    def pause(self, name: str, page: Page) -> Iterable[Request]:
        """Return the request that decides how a list goes on, if it pauses after a page."""
        if page.rest is None:
            return []
        self._lists[name] = _PausedList(page.request.from_start(), page.rest)
        return [self._count(name, COUNT)]

    def following(self, page: Page, tasks: int) -> Iterable[Request]:
        """Return the requests that follow from an answer about a list of which so many tasks are known.

        If Asana counts more tasks than the sections contained, the list goes on where it paused.
        """
        name = page.request.parent_keys[PAUSED_LIST]
        paused = self._lists[name]
        if page.request.label == RECOUNT:
            recount = task_count(page.records)
            return [paused.rest] if tasks < min(paused.count, paused.count if recount is None else recount) else []
        if page.request.label == COUNT:
            paused.count = task_count(page.records) or 0
            return [self._sections(name)] if self._is_worth_it(paused, MIN_SECTIONS) else [paused.rest]
        paused.sections += [section["gid"] for section in page.records]
        if page.next_request is not None and page.unavailable is None:
            return []
        sections, paused.sections = paused.sections, []
        if page.unavailable is not None or not self._is_worth_it(paused, len(sections)):
            return [paused.rest]
        paused.parts_open, paused.is_split = len(sections), True
        return section_requests(paused.request, sections)

    def on_part_read(self, name: str, tasks: int) -> tuple[bool, Iterable[Request]]:
        """Note that the list of a section is read; return whether all are, and a request if tasks may be missing."""
        paused = self._lists[name]
        paused.parts_open -= 1
        if paused.parts_open:
            return False, []
        is_complete = tasks >= paused.count
        return is_complete, [] if is_complete else [self._count(name, RECOUNT)]

    def second_pass(self, name: str, request: Request) -> Request:
        """Return the request that the second pass over a list begins with: for its sections if it was split."""
        if not self.has(name):
            return request
        paused = self._lists[name]
        paused.request = paused.rest = request
        return self._sections(name)

    def _is_worth_it(self, paused: _PausedList, sections: int) -> bool:
        """Return whether a split saves much time for few further requests."""
        limits, pages = self._context.limits, paused.count / self._context.directory.page_size
        requests = limits.pages_before_split + OWN_REQUESTS + PASSES * sections
        return sections >= MIN_SECTIONS and requests <= limits.max_split_cost * pages

    def _count(self, name: str, label: str) -> Request:
        project = self._lists[name].request.params["project"]
        request = count_request(self._context.directory, project, self._context.workspace)
        return self._about(name, replace(request, label=label))

    def _sections(self, name: str) -> Request:
        keys = {"project_gid": self._lists[name].request.parent_keys["gid"]}
        request = self._context.request("tasks", SECTIONS, SECTIONS_PATH, (), **keys)
        return self._about(name, replace(request, numeric_gids=True))

    @staticmethod
    def _about(name: str, request: Request) -> Request:
        return replace(request, parent_keys={**request.parent_keys, PAUSED_LIST: name}, is_probe=True)
