"""First pages of lists, and searches for single tasks, by which lists and searches are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.parents.kinds import Parent
from tap_asana.tasks.by_search import BUDGET, PATH
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import TASKS
from tap_asana.tasks.search_cursor import OVERLAP_MS, from_milliseconds, to_milliseconds

COMPARED_FIELDS = ("created_at", "modified_at", "num_subtasks", "projects", "parent", "assignee")

COMPARED = "compared"
"""The label of requests for a comparison."""


class Samples:
    """The requests of one comparison; the identical search is sent once."""

    def __init__(self, context: TraversalContext) -> None:
        """Request nothing yet."""
        self._context = context
        self._answers: dict[tuple[tuple[str, str], ...], Page] = {}

    def request(self, path: str, gid: str, **params: str) -> Request:
        """Return the request for a list of tasks."""
        return self._context.request(TASKS, COMPARED, path, COMPARED_FIELDS, gid=gid).with_params(COMPARED, **params)

    def pages(self, requests: Iterable[Request]) -> list[Page]:
        """Return the first page of each list; a refused one has no tasks."""
        fetcher = self._context.fetcher
        probes = [replace(request, is_probe=True, numeric_gids=True) for request in requests]
        return [future.result().page for future in [fetcher.submit(probe) for probe in probes]]

    def search(self, filters: Mapping[str, str], *, ascending: str = "true") -> Request:
        """Return a search, in the order of creation."""
        limit = str(self._context.limits.max_search_tasks)
        order = {"sort_by": "created_at", "sort_ascending": ascending, "limit": limit}
        request = self._context.request(TASKS, COMPARED, PATH, COMPARED_FIELDS)
        return request.with_params(COMPARED, **filters, **order).unpaged(BUDGET)

    def search_pages(self, requests: Iterable[Request]) -> list[Page]:
        """Return the answers to searches."""
        queries = [(_query_of(request), request) for request in requests]
        new = {query: request for query, request in queries if query not in self._answers}
        self._answers.update(zip(new, self.pages(new.values()), strict=True))
        return [self._answers[query] for query, _ in queries]

    def found(
        self,
        tasks: Sequence[Record],
        filters: Mapping[str, str] | None = None,
        *,
        fits: Callable[[Record], bool] = lambda _: True,
    ) -> list[bool | None]:
        """Return whether a search around its creation finds each task; None where the answer proves nothing.

        It proves nothing if the task in it does not fit: a late index shows it as it was before it moved.
        """
        pages = self.search_pages([self.search({**(filters or {}), **_around(task)}) for task in tasks])
        return [self._contains(page, task["gid"], fits) for page, task in zip(pages, tasks, strict=True)]

    def _contains(self, page: Page, gid: str, fits: Callable[[Record], bool]) -> bool | None:
        if rows := [task for task in page.records if task["gid"] == gid]:
            return True if all(map(fits, rows)) else None
        is_open = page.unavailable is not None or len(page.records) >= self._context.limits.max_search_tasks
        return None if is_open else False


def turn(parents: Sequence[Parent], run: int, count: int) -> list[Parent]:
    """Return some parents; those of the next run follow after them."""
    start = (run - 1) * count % max(1, len(parents))
    return [*parents[start:], *parents[:start]][:count]


def _query_of(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(request.params.items()))


def _around(task: Record) -> dict[str, str]:
    """Return the filters for tasks created around the same time."""
    created = to_milliseconds(task["created_at"])
    bounds = {"created_at.after": created - OVERLAP_MS, "created_at.before": created + OVERLAP_MS}
    return {name: from_milliseconds(bound) for name, bound in bounds.items()}
