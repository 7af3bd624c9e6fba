"""Tasks by search, which needs a paid plan.

A search returns at most 100 tasks and has no further page. Asana advises to page by the time of creation: no change
moves a task in that order. The clock of Asana's index for changes only decides which tasks are found.
If more than 100 tasks were created together, they are divided by other fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import merge
from statistics import median_low

from typing_extensions import override

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import END_OF_PARENT, SUBTREE, Key, PagePosition, WorkItem
from tap_asana.tasks.context import PageResult, SearchUnavailableError, TaskSource, TraversalContext, end_marker
from tap_asana.tasks.ownership import Encounter, TaskOwnership
from tap_asana.tasks.search_cursor import (
    ANY_TASK,
    OVERLAP_MS,
    SECOND_MS,
    FarEnd,
    SearchAnswer,
    SearchQuery,
    Step,
    from_milliseconds,
    timestamps,
    to_milliseconds,
)

PATH = "/workspaces/{workspace_gid}/tasks/search"
BUDGET = "search"

SUBTASKS_PATH, SUBTASKS_LABEL = "/tasks/{gid}/subtasks", "below"

SEARCH_FIELDS = ("modified_at", "created_at", "projects")
FIELDS_WITH_SUBTASKS = (*SEARCH_FIELDS, "num_subtasks")

WINDOW_KEY_LENGTH = 2
"""Numbers in the key of a search: the instant up to which all tasks were known, in milliseconds, and 0."""

FORWARD, BACKWARD, PART, CHECK = "forward", "backward", "part", "check"
"""Labels of searches: for the oldest tasks after an instant; for the youngest tasks; for the oldest tasks of a part;
and for the youngest tasks of a part that cannot be divided further."""

ONLY_SUBTASKS: Mapping[str, str] = {"is_subtask": "true"}
TOP_LEVEL: Mapping[str, str] = {"is_subtask": "false"}
UNASSIGNED: Mapping[str, str] = {**TOP_LEVEL, "assignee.any": "null"}
"""The tasks that the lists of projects and users do not contain, which a first read searches for."""
WITH_ATTACHMENTS: Mapping[str, str] = {"has_attachment": "true"}

TIE_BREAKERS: Mapping[str, tuple[str, ...]] = {
    "is_subtask": ("false", "true"),
    "completed": ("false", "true"),
    "has_attachment": ("false", "true"),
    "is_blocked": ("false", "true"),
    "is_blocking": ("false", "true"),
    "resource_subtype": ("default_task", "milestone", "approval", "custom"),
}
"""Filters that divide tasks created together: exactly one value of each matches a task. Subtypes come last, because
Asana may add one."""

MAX_CUTS = 4
"""How often tasks created together are divided by time of modification before the filters divide them."""


class TooManyAlikeError(SearchUnavailableError):
    """More tasks than an answer contains look the same to every filter."""


@dataclass(frozen=True, slots=True)
class _Search:
    """A search in progress: its label and its query.

    A search for the youngest tasks interrupts the forward search: `step` is the next step unless the end is reached.
    It is `crowded` if more tasks were created together than an answer may contain.
    """

    label: str
    query: SearchQuery
    step: Step | None = None
    crowded: bool = False


class SearchSource(TaskSource):
    """The lane of searches with certain filters.

    The key of a search is the instant up to which all tasks were known when it was sent. The key of a task's children
    is the instant at which the task was created, independent of its search. An empty item after the last search shows
    a resumed read that all were done.
    """

    def __init__(
        self,
        name: str,
        context: TraversalContext,
        begin: str | None,
        filters: Mapping[str, str] | None = None,
        *,
        child_streams: Collection[str],
        children_only: bool = False,
        ownership: TaskOwnership | None = None,
        lists_subtasks: bool = False,
    ) -> None:
        """Prepare to search for changes since an instant, without the tasks that projects own.

        With `lists_subtasks`, the subtasks of each task are listed, because no other search finds them.
        """
        self.name = f"{name}:created"
        self.child_streams = child_streams
        self.children_only = children_only
        self._context = context
        self._ownership = ownership
        self._lists_subtasks = lists_subtasks
        self._max_tasks = context.limits.max_search_tasks
        # Rounded down to a second, minus one second: right for an index that compares rounded seconds.
        self._begin = to_milliseconds(begin) // SECOND_MS * SECOND_MS - SECOND_MS if begin else 0
        self._filters = dict(filters or {})
        self._searches: dict[tuple[tuple[str, str], ...], _Search] = {}
        self._parts: set[tuple[tuple[str, str], ...]] = set()
        self._known_gids: set[int] = set()
        self._far_end = FarEnd(self._known_gids)

    @override
    def work_items(self) -> Iterator[WorkItem]:
        """Yield the first search, or the interrupted one; nothing if the last search was done."""
        reached, *_ = self._context.window.position(self.name) or (0,)
        if reached != END_OF_PARENT:
            yield from self._search_items(SearchQuery(reached, max(reached - OVERLAP_MS, 0)))

    @override
    def child_key(self, key: Key, task: Record) -> Key:
        """Return the key of a task among all: its creation, and its gid among the tasks of that instant.

        A subtask comes after its parent.
        """
        if len(key) > WINDOW_KEY_LENGTH:
            return super().child_key(key, task)
        created = max(timestamps([task], "created_at"), default=0)
        return (max(created, key[0]), *key[1:], int(task["gid"]))

    @override
    def process_page(self, page: Page, position: PagePosition) -> PageResult:
        """Return the tasks of an answer, and the next searches; raises SearchUnavailableError."""
        if page.request.label == SUBTASKS_LABEL:
            return PageResult(page.records, items=self._subtask_items(page.records, position.key))
        search = self._searches.pop(_query_of(page.request))
        new = [task for task in page.records if int(task["gid"]) not in self._known_gids]
        self._known_gids.update(int(task["gid"]) for task in new)
        successors = list(self._following(search, page, new, position.key))
        # An index that lags may have hidden attachments of a task that the last read has written.
        unwritten = page.records if self.children_only else self._context.recent.unwritten(page.records)
        tasks = [task for task in unwritten if self._is_read_here(task, page.request)]
        if not self.children_only:
            self._context.recent.remember(task for task in tasks if self._is_first_read_now(task, position.key))
        requests = [successor for successor in successors if isinstance(successor, Request)]
        items = (successor for successor in successors if isinstance(successor, WorkItem))
        subtasks = self._subtask_items(tasks, position.key) if self._lists_subtasks else ()
        return PageResult(tasks, requests, merge(subtasks, items, key=lambda item: item.key))

    def _following(self, search: _Search, page: Page, new: list[Record], key: Key) -> Iterator[Request | WorkItem]:
        """Yield the next searches after an answer."""
        created, far_end = timestamps(page.records, "created_at"), self._far_end
        limit = self._max_tasks if search.label == FORWARD else far_end.limit(self._max_tasks)
        answer = SearchAnswer(created, timestamps(page.records, "modified_at"), len(new), limit)
        if search.label == FORWARD:
            far_end.compare(created)
            yield from self._after_forward(far_end.without_gap(search.query.step(answer)), answer, key)
        elif search.label == BACKWARD and search.step is not None:
            far_end.found(created)
            if not answer.new and not search.crowded and far_end.is_reached(search.step.reached):
                yield end_marker((END_OF_PARENT, 0))
            else:
                yield from self._next_search(search.step, key)
        elif search.label == PART:
            step = search.query.step(answer)
            yield from self._division(step)
            if step.following is not None:
                yield from self._part(_Search(PART, step.following))
        elif any(instant <= search.query.reached for instant in timestamps(new, "created_at")):
            raise self._too_many(search.query)

    def _subtask_items(self, tasks: Iterable[Record], key: Key) -> Iterator[WorkItem]:
        """Return an item for each task's list of subtasks, after the task, if it lies beyond the lane's position."""
        keys = sorted((self.child_key(key, task), task["gid"]) for task in tasks if task.get("num_subtasks") != 0)
        return (
            WorkItem((*child, SUBTREE), [self._subtasks(gid)])
            for child, gid in keys
            if self._context.is_beyond(self.name, (*child, SUBTREE))
        )

    def _subtasks(self, gid: str) -> Request:
        return self._context.task_request(SUBTASKS_LABEL, SUBTASKS_PATH, FIELDS_WITH_SUBTASKS, gid=gid)

    def _is_read_here(self, task: Record, request: Request) -> bool:
        """Return whether this search reads a task, because no project owns it or reads it."""
        owner = self._ownership.owner(task) if self._ownership else None
        if self._ownership is None or owner is None:
            return True
        encounter = Encounter(self._context.has_found(int(task["gid"])))
        return not self._ownership.defer_to(owner, task, request, encounter)

    def _is_first_read_now(self, task: Record, key: Key) -> bool:
        """Return whether nothing has read a task before: a late index may show an older version as a newer one."""
        has_found, is_beyond = self._context.has_found, self._context.is_beyond
        return not has_found(int(task["gid"])) and is_beyond(self.name, self.child_key(key, task))

    def _after_forward(self, step: Step, answer: SearchAnswer, key: Key) -> Iterator[Request | WorkItem]:
        """Yield the next searches; after the first incomplete answer, search from the other end once."""
        yield from self._division(step)
        if answer.is_full or self._far_end.is_requested:
            yield from self._next_search(step, key)
        else:
            self._far_end.is_requested = True
            crowded = answer.is_crowded(step.reached) or step.divide is not None
            yield self._request(_Search(BACKWARD, SearchQuery(), step, crowded))

    def _next_search(self, step: Step, key: Key) -> Iterator[Request | WorkItem]:
        """Yield the next search, or the end after an answer without a new task."""
        if step.following is None and not self._far_end.is_reached(step.reached):
            reason = f"tasks that the token may not see fill whole answers from {from_milliseconds(step.reached)} on"
            raise SearchUnavailableError(reason)
        if step.following is None:
            yield end_marker((END_OF_PARENT, 0))
        elif step.following.reached == key[0]:
            yield self._request(_Search(FORWARD, step.following))
        else:
            yield from self._search_items(step.following)

    def _division(self, step: Step) -> Iterator[Request]:
        """Yield the searches in parts that a step needs: by time of modification, then by one more filter."""
        if step.divide is None:
            return
        query, instant = step.query, step.divide
        pivot = self._pivot(query) if query.cuts < MAX_CUTS else None
        if pivot is not None:
            halves = {"modified_at.before": pivot + OVERLAP_MS, "modified_at.after": pivot - OVERLAP_MS}
            for bound, value in halves.items():
                part = query.around(instant, (bound, from_milliseconds(value)), cut=True)
                yield from self._part(_Search(PART, part))
            return
        names_in_use = {*dict(query.filters), *self._filters}
        name = next((name for name in TIE_BREAKERS if name not in names_in_use), None)
        if name is None and query.was_full:
            raise self._too_many(query)
        if name is None:
            yield from self._part(_Search(CHECK, replace(query.around(instant), reached=instant)))
            return
        for choice in TIE_BREAKERS[name]:
            yield from self._part(_Search(PART, query.around(instant, (name, choice))))

    def _pivot(self, query: SearchQuery) -> int | None:
        """Return an instant of modification that divides the tasks of a query, if there is one."""
        bounds = dict(query.filters)
        low = to_milliseconds(bounds["modified_at.after"]) if "modified_at.after" in bounds else self._begin
        high = to_milliseconds(bounds["modified_at.before"]) if "modified_at.before" in bounds else END_OF_PARENT
        candidates = [instant for instant in query.modified if low + 2 * OVERLAP_MS < instant < high - 2 * OVERLAP_MS]
        differ = bool(candidates) and max(candidates) - min(candidates) > 2 * OVERLAP_MS
        return median_low(candidates) if differ else None

    def _search_items(self, query: SearchQuery) -> Iterator[WorkItem]:
        yield WorkItem((query.reached, 0), [self._request(_Search(FORWARD, query))])
        yield end_marker((query.reached, 0))

    def _part(self, search: _Search) -> Iterator[Request]:
        """Yield the search for a part, unless another way of dividing has led to the same query."""
        query = _query_of(self._build(search))
        if query not in self._parts:
            self._parts.add(query)
            yield self._request(search)

    def _request(self, search: _Search) -> Request:
        """Return the request of a search, and remember the search until its answer comes."""
        request = self._build(search)
        self._searches[_query_of(request)] = search
        return request

    def _build(self, search: _Search) -> Request:
        """Return the request of a search; all answers are in the order of creation."""
        query, fields = search.query, FIELDS_WITH_SUBTASKS if self._lists_subtasks else SEARCH_FIELDS
        bounds = {"modified_at.after": self._begin, "created_at.after": query.after}
        lower = {name: from_milliseconds(bound) for name, bound in bounds.items() if bound > 0}
        upper = {} if query.before is None else {"created_at.before": from_milliseconds(query.before)}
        ascending = "true" if search.label in {FORWARD, PART} else "false"
        order = {"sort_by": "created_at", "sort_ascending": ascending, "limit": str(self._max_tasks)}
        params = {**self._filters, **lower, **upper, **dict(query.filters)} or ANY_TASK
        request = self._context.task_request(search.label, PATH, fields)
        return request.with_params(search.label, **params, **order).unpaged(BUDGET)

    def _too_many(self, query: SearchQuery) -> TooManyAlikeError:
        before = from_milliseconds(query.reached)
        return TooManyAlikeError(f"more than {self._max_tasks} tasks created before {before} are alike")


def _query_of(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(request.params.items()))
